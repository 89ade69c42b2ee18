"""SQL of promotions that the generated verbs cannot express; the company is always its first parameter."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.account.fragments import PAID_ORDERS
from domains.auth.fragments import CONFIRMED_MAILBOXES
from domains.kernel.database import Reader, Tx
from domains.kernel.prisma.statements import Part, PartRows
from domains.promotion import data
from domains.promotion.eligibility import COUNTING_PERIOD, identity_refusal
from domains.promotion.models import Promotion
from domains.promotion.promotion_rules.stored import in_order
from domains.promotion.rules import Buyer, BuyerIdentity, DiscountRule
from domains.promotion.segments import sql as segments

WIDTH: Final = len(fields(Promotion))
RULE_WIDTH: Final = WIDTH + 4  # with products, categories, rules and segments
BUYER_WIDTH: Final = 5 + len(segments.HISTORY)


def _rules_sql(columns: str = "") -> str:
    return f"""
        select {data.promotion.columns("p")},
          array(select product_id from promotion_products x where x.company_id = $1 and x.promotion_id = p.id),
          array(select category_id from promotion_categories x where x.company_id = $1 and x.promotion_id = p.id),
          (select jsonb_agg(jsonb_build_array(x.id, x.rule_type, x.conditions, x.actions, x.priority))
             from promotion_rules x where x.company_id = $1 and x.promotion_id = p.id),
          {segments.conditions_of("p")}
          {columns}
        from promotions p where p.company_id = $1
    """


RULES: Final = _rules_sql()
IS_ACTIVE: Final = "p.status = 'ACTIVE' and p.start_date <= $2 and (p.end_date is null or p.end_date > $2)"
NAMES_CATEGORY: Final = """jsonb_path_exists(
  jsonb_build_array(conditions, actions), '$.**.category_ids[*] ? (@ == $id)', jsonb_build_object('id', $2::uuid))"""
LOCK_FOR_CATEGORY: Final = f"""
    select {data.promotion.columns("p")} from promotions p
    where p.company_id = $1 and p.id in (
      select promotion_id from promotion_categories where company_id = $1 and category_id = $2
      union all
      select promotion_id from promotion_rules where company_id = $1 and {NAMES_CATEGORY})
    order by p.id for no key update
"""
REMOVE_CATEGORY: Final = """
    with removed as (
      delete from promotion_categories where company_id = $1 and category_id = $2 and promotion_id = any($3)
    )
    update promotions p set targets_deleted = true, updated_at = $4
    where p.company_id = $1 and p.id = any($3)
      and not exists (select from promotion_products x where x.company_id = $1 and x.promotion_id = p.id)
      and not exists (select from promotion_categories x
                      where x.company_id = $1 and x.promotion_id = p.id and x.category_id <> $2)
"""
CANDIDATES: Final = f"p.id = any($3) or (p.is_automatic and {IS_ACTIVE})"
# Counts for the account $4, the confirmed mailbox $5, the unconfirmed mailbox $6; the delivery addresses $7 since $8.
BUYER_COLUMNS: Final = f""",
  (select count(*) from promotion_uses u where u.company_id = $1 and u.promotion_id = p.id
     and u.released_at is null and (u.user_id = $4 or (u.mailbox = $5 and u.email_confirmed))) as uses,
  (select count(*) from promotion_uses u where u.company_id = $1 and u.promotion_id = p.id
     and u.released_at is null and u.mailbox = $6 and not u.email_confirmed) as unconfirmed,
  (select count(*) from promotion_uses u where u.company_id = $1 and u.promotion_id = p.id
     and u.released_at is null and u.address_key = any($7) and u.used_at > $8) as at_address,
  {segments.PAID} as all_paid_orders,
  {segments.UNCONFIRMED} as all_unconfirmed_orders,
  {segments.history_of("p")}
"""
CANDIDATES_OF_CODES: Final = f"""candidates as (
  {RULES} and (
    p.id = any(array(select promotion_id from {{codes}})) or (p.is_automatic and {IS_ACTIVE})
    or (p.code = $3 and p.status <> 'DRAFT'))
)"""
CANDIDATES_OF_IDS: Final = f"candidates as ({RULES} and ({CANDIDATES}))"
CANDIDATES_WITH_BUYER: Final = f"candidates as ({_rules_sql(BUYER_COLUMNS)} and ({CANDIDATES}))"
# The uses and paid orders of accounts $2 (with their mailboxes if confirmed) and of confirmed mailboxes $3.
BUYERS: Final = f"""
    with buyers as materialized (
      select u.id as user_id, u.mailbox from {CONFIRMED_MAILBOXES} u where u.id = any($2)
      union all
      select null, mailbox from unnest($3::text[]) as guests (mailbox)
    )
    select b.user_id, b.mailbox, u.promotion_id, count(*) as number, 0 as unconfirmed,
      null::timestamptz as first_paid_at, null::timestamptz as last_paid_at, null::uuid[] as lists
    from buyers b join promotion_uses u on u.company_id = $1 and u.released_at is null
      and (u.user_id = b.user_id or (u.mailbox = b.mailbox and u.email_confirmed))
    group by b.user_id, b.mailbox, u.promotion_id
    union all
    select b.user_id, b.mailbox, u.coupon_id, count(*), 0, null, null, null
    from buyers b join coupon_usages u on u.company_id = $1 and u.released_at is null
      and (u.user_id = b.user_id or (u.mailbox = b.mailbox and u.email_confirmed))
    group by b.user_id, b.mailbox, u.coupon_id
    union all
    select b.user_id, b.mailbox, null, count(o.order_id),
      count(o.order_id) filter (
        where not o.email_confirmed and (o.user_id is null or o.user_id is distinct from b.user_id)),
      min(o.paid_at), max(o.paid_at),
      array(select m.segment_id from customer_segment_members m where m.company_id = $1 and m.user_id = b.user_id)
    from buyers b left join {PAID_ORDERS} o on o.company_id = $1
      and (o.user_id = b.user_id or o.mailbox = b.mailbox)
    group by b.user_id, b.mailbox
"""


async def lock_for_category(tx: Tx, category_id: UUID) -> list[Promotion]:
    """The promotions on a category, locked in the order of ids until the transaction ends."""
    rows = await tx.fetch(LOCK_FOR_CATEGORY, tx.company_id, category_id)
    return [data.promotion.from_record(row) for row in rows]


async def remove_category(tx: Tx, category_id: UUID, promotion_ids: Sequence[UUID]) -> None:
    """Remove a category from locked promotions, and mark those that have no other target."""
    await tx.execute(REMOVE_CATEGORY, tx.company_id, category_id, promotion_ids, tx.clock.now())


def candidates(db: Reader, now: datetime, ids: Collection[UUID]) -> Part:
    """The promotions of these ids, active or not, and the active automatic ones."""
    return Part(CANDIDATES_OF_IDS, (db.company_id, now, list(ids)), "candidates", "candidates.*", None)


def candidates_with_buyer(db: Reader, now: datetime, ids: Collection[UUID], buyer: BuyerIdentity) -> Part:
    """As `candidates`, with a buyer's uses of these promotions and paid orders."""
    mailboxes = (buyer.confirmed_mailbox, buyer.unconfirmed_mailbox)
    addresses = (list(buyer.address_keys), now - COUNTING_PERIOD)
    values = (db.company_id, now, list(ids), buyer.user_id, *mailboxes, *addresses)
    return Part(CANDIDATES_WITH_BUYER, values, "candidates", "candidates.*", RULE_WIDTH + BUYER_WIDTH)


def rules_and_buyer(rows: PartRows, buyer: BuyerIdentity) -> tuple[list[DiscountRule], Buyer]:
    """The rules of `candidates_with_buyer`, in the order of their ids, and the buyer."""
    counts_at = rows.start + RULE_WIDTH
    found = [(_rule(row, rows.start), row[counts_at : counts_at + BUYER_WIDTH]) for row in rows.rows]
    found.sort(key=lambda each: each[0].id)
    reasons = {
        rule.id: identity_refusal(rule.type, rule.max_usage_per_user, unconfirmed, at_address)
        for rule, (_, unconfirmed, at_address, *_) in found
    }
    paid_orders, unconfirmed_orders = found[0][1][3:5] if found else (0, 0)
    known = Buyer(
        buyer.user_id,
        buyer.confirmed_mailbox,
        paid_orders=paid_orders,
        uses={rule.id: counts[0] for rule, counts in found},
        unconfirmed_orders=unconfirmed_orders,
        spent={promotion_id: reason for promotion_id, reason in reasons.items() if reason is not None},
    )
    of_segments = next((counts[5:] for rule, counts in found if rule.segment is not None), None)
    if of_segments is not None:
        known = replace(known, **segments.history(of_segments))
    return [rule for rule, _ in found], known


def candidates_of_codes(db: Reader, now: datetime, codes: str, code: str | None) -> Part:
    """As `candidates`, of the ids in the column `promotion_id` of a CTE, and of a code."""
    text = CANDIDATES_OF_CODES.replace("{codes}", codes)
    return Part(text, (db.company_id, now, code), "candidates", "candidates.*", RULE_WIDTH)


def rules(rows: PartRows) -> list[DiscountRule]:
    """The rules of `candidates` and of `candidates_of_codes`, in the order of their ids."""
    return sorted((_rule(row, rows.start) for row in rows.rows), key=lambda rule: rule.id)


async def find_by_code(db: Reader, code: str) -> tuple[Promotion, DiscountRule] | None:
    """The promotion of a code, with its rule. Buyers do not know the codes of drafts."""
    record = await db.fetch_row(f"{RULES} and p.code = $2 and p.status <> 'DRAFT'", db.company_id, code)
    return None if record is None else (data.promotion.from_record(record), _rule(record))


async def active(db: Reader, now: datetime, *, is_automatic: bool | None, limit: int) -> list[Promotion]:
    """The active promotions for everyone that are not used up, by priority, at most `limit`."""
    sql = f"""
        select {data.promotion.columns("p")} from promotions p
        where p.company_id = $1 and {IS_ACTIVE} and p.is_automatic = coalesce($3, p.is_automatic)
          and p.segment_id is null
          and (p.max_usage_count is null or p.current_usage_count < p.max_usage_count)
        order by p.priority desc, p.id limit $4
    """
    return [data.promotion.from_record(row) for row in await db.fetch(sql, db.company_id, now, is_automatic, limit)]


async def find_buyers(db: Reader, user_ids: Collection[UUID], mailboxes: Collection[str]) -> dict[UUID | str, Buyer]:
    """The uses and paid orders of users, by account and confirmed address, and of confirmed mailboxes of guests."""
    paid: dict[UUID | str, Buyer] = {}
    uses: defaultdict[UUID | str, dict[UUID, int]] = defaultdict(dict)
    for row in await db.fetch(BUYERS, db.company_id, list(user_ids), list(mailboxes)):
        key, number = row["user_id"] or row["mailbox"], row["number"]
        if row["promotion_id"] is None:
            paid[key] = Buyer(
                row["user_id"],
                row["mailbox"],
                number,
                uses[key],
                row["unconfirmed"],
                first_paid_at=row["first_paid_at"],
                last_paid_at=row["last_paid_at"],
                lists=frozenset(row["lists"]),
            )
        else:
            uses[key][row["promotion_id"]] = number
    return paid


def _rule(record: Any, start: int = 0) -> DiscountRule:
    products, categories, rules_of_it, conditions = record[start + WIDTH : start + RULE_WIDTH]
    promotion = data.promotion.from_record(record, start)
    segment = segments.segment_of(promotion.segment_id, conditions)
    rules_in_order = in_order(rules_of_it or ())
    return DiscountRule.of(promotion, frozenset(products), frozenset(categories), rules_in_order, segment)
