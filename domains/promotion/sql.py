"""SQL of promotions that the generated verbs cannot express; the company is always its first parameter."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.account.fragments import PAID_ORDERS
from domains.auth.fragments import CONFIRMED_MAILBOXES
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.promotion import data
from domains.promotion.basket import Buyer, Claimant, PromotionTerms
from domains.promotion.eligibility import COUNTED_FOR, reason_of_claim
from domains.promotion.models import Promotion

WIDTH: Final = len(fields(Promotion))


def _terms_with(more: str = "") -> str:
    return f"""
        select {data.promotion.columns("p")},
          array(select product_id from promotion_products x where x.company_id = $1 and x.promotion_id = p.id),
          array(select category_id from promotion_categories x where x.company_id = $1 and x.promotion_id = p.id)
          {more}
        from promotions p where p.company_id = $1
    """


TERMS: Final = _terms_with()
IN_FORCE: Final = "p.is_active and p.start_date <= $2 and (p.end_date is null or p.end_date > $2)"
FOR_CATEGORY: Final = f"""
    select {data.promotion.columns("p")} from promotions p
    where p.company_id = $1 and p.id in (
      select promotion_id from promotion_categories where company_id = $1 and category_id = $2)
    order by p.id for no key update
"""
LEAVE_CATEGORY: Final = """
    with left_behind as (
      delete from promotion_categories where company_id = $1 and category_id = $2 and promotion_id = any($3)
    )
    update promotions p set targets_deleted = true, updated_at = now()
    where p.company_id = $1 and p.id = any($3)
      and not exists (select from promotion_products x where x.company_id = $1 and x.promotion_id = p.id)
      and not exists (select from promotion_categories x
                      where x.company_id = $1 and x.promotion_id = p.id and x.category_id <> $2)
"""
CANDIDATES: Final = f"p.id = any($3) or (p.is_automatic and {IN_FORCE})"
# Of account $4, confirmed mailbox $5, or a mailbox that was only typed in $6; sent to $7 since $8.
OF_BUYER: Final = f""",
  (select count(*) from promotion_uses u where u.company_id = $1 and u.promotion_id = p.id
     and u.released_at is null and (u.user_id = $4 or (u.mailbox = $5 and u.email_confirmed))) as uses,
  (select count(*) from promotion_uses u where u.company_id = $1 and u.promotion_id = p.id
     and u.released_at is null and u.mailbox = $6 and not u.email_confirmed) as typed,
  (select count(*) from promotion_uses u where u.company_id = $1 and u.promotion_id = p.id
     and u.released_at is null and u.address_key = any($7) and u.claimed_at > $8) as at_address,
  (select count(*) from {PAID_ORDERS} b where b.company_id = $1
     and (b.user_id = $4 or b.mailbox = $5)) as paid_orders,
  (select count(*) from {PAID_ORDERS} b where b.company_id = $1
     and b.mailbox = $5 and not b.email_confirmed and (b.user_id is null or b.user_id is distinct from $4)
  ) as unconfirmed_orders
"""
# Of accounts $2, by account and by their address if that is confirmed, and of confirmed mailboxes $3.
BUYERS: Final = f"""
    with buyers as materialized (
      select u.id as user_id, u.mailbox from {CONFIRMED_MAILBOXES} u where u.id = any($2)
      union all
      select null, mailbox from unnest($3::text[]) as guests (mailbox)
    )
    select b.user_id, b.mailbox, u.promotion_id, count(*) as number, 0 as unconfirmed
    from buyers b join promotion_uses u on u.company_id = $1 and u.released_at is null
      and (u.user_id = b.user_id or (u.mailbox = b.mailbox and u.email_confirmed))
    group by b.user_id, b.mailbox, u.promotion_id
    union all
    select b.user_id, b.mailbox, null, count(o.order_id),
      count(o.order_id) filter (
        where not o.email_confirmed and (o.user_id is null or o.user_id is distinct from b.user_id))
    from buyers b left join {PAID_ORDERS} o on o.company_id = $1
      and (o.user_id = b.user_id or o.mailbox = b.mailbox)
    group by b.user_id, b.mailbox
"""
# Uses are counted from the rows as they were locked, and never past the maximum: who claimed looks at what it held.
CLAIM: Final = f"""
    with held as (
      select {data.promotion.columns("p")} from promotions p
      where p.company_id = $1 and p.id = any($3) order by p.id for no key update
    ), used as (
      insert into promotion_uses (id, company_id, promotion_id, order_id, user_id, email, email_confirmed,
                                  address_key, claimed_at)
      select w.id, $1, h.id, $4, $5, $6, $7, case when h.type = 'WELCOME' then $8 end, $9
      from unnest($2::uuid[], $3::uuid[]) as w (id, promotion_id)
      join held h on h.id = w.promotion_id
    ), counted as (
      update promotions p set current_usage_count = h.current_usage_count + 1, updated_at = now()
      from held h where p.company_id = $1 and p.id = h.id
        and (h.max_usage_count is null or h.current_usage_count < h.max_usage_count)
    )
    select * from held order by id
"""
GIVE_BACK: Final = """
    with freed as (
      update promotion_uses set released_at = now()
      where company_id = $1 and order_id = $2 and promotion_id = any($3) and released_at is null
      returning promotion_id
    )
    update promotions set current_usage_count = current_usage_count - 1, updated_at = now()
    where company_id = $1 and id in (select promotion_id from freed)
"""


async def hold_for_category(tx: Tx, category_id: UUID) -> list[Promotion]:
    """The promotions that are for a category, held in the order of ids until the transaction ends."""
    rows = await tx.fetch(FOR_CATEGORY, tx.company_id, category_id)
    return [data.promotion.from_record(row) for row in rows]


async def leave_category(tx: Tx, category_id: UUID, promotion_ids: Sequence[UUID]) -> None:
    """Take a category out of promotions that are held, and mark those that are for nothing else."""
    await tx.execute(LEAVE_CATEGORY, tx.company_id, category_id, promotion_ids)


async def candidates(
    db: Reader, now: datetime, ids: Collection[UUID], code: str | None = None
) -> list[PromotionTerms]:
    """The promotions of these ids and this code, in force or not, and those that apply by themselves now."""
    sql = f"{TERMS} and ({CANDIDATES} or p.code = $4) order by p.id"
    return [_terms(record) for record in await db.fetch(sql, db.company_id, now, list(ids), code)]


async def candidates_for(
    db: Reader, now: datetime, ids: Collection[UUID], who: Claimant
) -> tuple[list[PromotionTerms], Buyer]:
    """The same, with what is known of a buyer: uses of these promotions, and paid orders."""
    sql = f"{_terms_with(OF_BUYER)} and ({CANDIDATES}) order by p.id"
    mailboxes = (who.confirmed_mailbox, who.typed_mailbox)
    addresses = (list(who.address_keys), now - COUNTED_FOR)
    rows = await db.fetch(sql, db.company_id, now, list(ids), who.user_id, *mailboxes, *addresses)
    terms = [_terms(row) for row in rows]
    reasons = {
        one.id: reason_of_claim(one.type, one.max_usage_per_user, row["typed"], row["at_address"])
        for one, row in zip(terms, rows, strict=True)
    }
    buyer = Buyer(
        who.user_id,
        who.confirmed_mailbox,
        paid_orders=rows[0]["paid_orders"] if rows else 0,
        uses={row["id"]: row["uses"] for row in rows},
        unconfirmed_orders=rows[0]["unconfirmed_orders"] if rows else 0,
        spent={promotion_id: reason for promotion_id, reason in reasons.items() if reason is not None},
    )
    return terms, buyer


async def find_by_code(db: Reader, code: str) -> tuple[Promotion, PromotionTerms] | None:
    """The promotion of a code, with its terms."""
    record = await db.fetch_row(f"{TERMS} and p.code = $2", db.company_id, code)
    return None if record is None else (data.promotion.from_record(record), _terms(record))


async def in_force(db: Reader, now: datetime, *, is_automatic: bool | None, most: int) -> list[Promotion]:
    """What is in force now and not used up, by priority, at most so many."""
    sql = f"""
        select {data.promotion.columns("p")} from promotions p
        where p.company_id = $1 and {IN_FORCE} and p.is_automatic = coalesce($3, p.is_automatic)
          and (p.max_usage_count is null or p.current_usage_count < p.max_usage_count)
        order by p.priority desc, p.id limit $4
    """
    return [data.promotion.from_record(row) for row in await db.fetch(sql, db.company_id, now, is_automatic, most)]


async def find_buyers(db: Reader, user_ids: Collection[UUID], mailboxes: Collection[str]) -> dict[UUID | str, Buyer]:
    """What is known of users, by account and by address if it is confirmed, and of confirmed mailboxes of guests."""
    paid: dict[UUID | str, Buyer] = {}
    uses: defaultdict[UUID | str, dict[UUID, int]] = defaultdict(dict)
    for row in await db.fetch(BUYERS, db.company_id, list(user_ids), list(mailboxes)):
        key, number = row["user_id"] or row["mailbox"], row["number"]
        if row["promotion_id"] is None:
            paid[key] = Buyer(row["user_id"], row["mailbox"], number, uses[key], row["unconfirmed"])
        else:
            uses[key][row["promotion_id"]] = number
    return paid


async def hold(tx: Tx, ids: Collection[UUID]) -> list[Promotion]:
    """Promotions, locked in the order of their ids until the transaction ends."""
    sql = f"""
        select {data.promotion.columns("p")} from promotions p
        where p.company_id = $1 and p.id = any($2) order by p.id for no key update
    """
    return [data.promotion.from_record(row) for row in await tx.fetch(sql, tx.company_id, list(ids))]


async def uses_of(tx: Tx, ids: Collection[UUID], who: Claimant, since: datetime) -> Mapping[UUID, tuple[int, int]]:
    """How often each of these promotions is used by a buyer, and of late for where it is sent."""
    rows = await tx.fetch(
        """
        select promotion_id,
          count(*) filter (where user_id = $3 or (mailbox = $4 and email_confirmed = $5)) as own,
          count(*) filter (where address_key = any($6) and claimed_at > $7) as at_address
        from promotion_uses
        where company_id = $1 and promotion_id = any($2) and released_at is null
          and (user_id = $3 or mailbox = $4 or address_key = any($6))
        group by promotion_id
        """,
        tx.company_id,
        list(ids),
        who.user_id,
        who.mailbox,
        who.email_confirmed,
        list(who.address_keys),
        since,
    )
    return {row["promotion_id"]: (row["own"], row["at_address"]) for row in rows}


async def claim(tx: Tx, ids: Sequence[UUID], order_id: UUID, who: Claimant, now: datetime) -> list[Promotion]:
    """Lock promotions in the order of their ids, write a use of each and count it; each as it was before."""
    new_ids, address_key = [new_id() for _ in ids], next(iter(who.address_keys), None)
    buyer = (who.user_id, who.email, who.email_confirmed, address_key)
    rows = await tx.fetch(CLAIM, tx.company_id, new_ids, list(ids), order_id, *buyer, now)
    return [data.promotion.from_record(row) for row in rows]


async def uses_by_orders(tx: Tx, ids: Collection[UUID], order_ids: Collection[UUID]) -> int:
    """How often some of these orders use the one of these promotions for first orders that they use most."""
    most: int = await tx.fetch_value(
        """
        select coalesce(max(uses), 0) from (
          select count(*) as uses from promotion_uses u
          join promotions p on p.company_id = u.company_id and p.id = u.promotion_id and p.type = 'WELCOME'
          where u.company_id = $1 and u.promotion_id = any($2) and u.order_id = any($3) and u.released_at is null
          group by u.promotion_id) counted
        """,
        tx.company_id,
        list(ids),
        list(order_ids),
    )
    return most


async def used_by(tx: Tx, order_id: UUID) -> list[UUID]:
    """The promotions that an order uses, not given back."""
    where: data.PromotionUseWhere = {"order_id": order_id, "released_at": None}
    return [use.promotion_id for use in await data.promotion_use.find_many(tx, where=where)]


async def give_back(tx: Tx, order_id: UUID, ids: Sequence[UUID]) -> None:
    """End an order's uses of promotions that are held, and count them no more: one statement for both."""
    await tx.execute(GIVE_BACK, tx.company_id, order_id, list(ids))


def _terms(record: Any) -> PromotionTerms:
    products, categories = record[WIDTH], record[WIDTH + 1]
    return PromotionTerms.of(data.promotion.from_record(record), frozenset(products), frozenset(categories))
