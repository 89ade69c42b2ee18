"""SQL of promotions that the generated verbs cannot express; the company is always its first parameter."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.parts import Sql
from domains.promotion import data
from domains.promotion.basket import Buyer, PromotionTerms
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
CANDIDATES: Final = f"p.id = any($3) or (p.is_automatic and {IN_FORCE})"
OF_BUYER: Final = """,
  (select count(*) from promotion_uses u where u.company_id = $1 and u.promotion_id = p.id
     and u.released_at is null and (u.user_id = $4 or u.email = $5)) as uses,
  (select coalesce(sum(r.paid_orders), 0) from buyer_records r
     where r.company_id = $1 and (r.user_id = $4 or r.email = $5)) as paid_orders
"""
BUYERS: Final = """
    with buyers as (select id, email from users where id = any($2))
    select b.id, b.email, u.promotion_id, count(*) as number
    from buyers b join promotion_uses u
      on u.company_id = $1 and u.released_at is null and (u.user_id = b.id or u.email = b.email)
    group by b.id, b.email, u.promotion_id
    union all
    select b.id, b.email, null, coalesce(sum(r.paid_orders), 0)
    from buyers b left join buyer_records r on r.company_id = $1 and (r.user_id = b.id or r.email = b.email)
    group by b.id, b.email
"""
# Uses are counted from the rows as they were locked, and never past the maximum: who claimed looks at what it held.
CLAIM: Final = f"""
    with held as (
      select {data.promotion.columns("p")} from promotions p
      where p.company_id = $1 and p.id = any($3) order by p.id for no key update
    ), used as (
      insert into promotion_uses (id, company_id, promotion_id, order_id, user_id, email)
      select w.id, $1, h.id, $4, $5, $6 from unnest($2::uuid[], $3::uuid[]) as w (id, promotion_id)
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
COUNT_PAID_ORDER: Final = """
    insert into buyer_records as b (id, company_id, email, user_id, paid_orders, updated_at)
    values ({}, {}, {}, {}, 1, now())
    on conflict (company_id, email) do update
    set paid_orders = b.paid_orders + 1, user_id = coalesce(excluded.user_id, b.user_id), updated_at = now()
"""


async def candidates(
    db: Reader, now: datetime, ids: Collection[UUID], code: str | None = None
) -> list[PromotionTerms]:
    """The promotions of these ids and this code, in force or not, and those that apply by themselves now."""
    sql = f"{TERMS} and ({CANDIDATES} or p.code = $4) order by p.id"
    return [_terms(record) for record in await db.fetch(sql, db.company_id, now, list(ids), code)]


async def candidates_for(
    db: Reader, now: datetime, ids: Collection[UUID], user_id: UUID | None, email: str | None
) -> tuple[list[PromotionTerms], Buyer]:
    """The same, with what is known of a buyer by account or by e-mail: uses of these promotions, and paid orders."""
    sql = f"{_terms_with(OF_BUYER)} and ({CANDIDATES}) order by p.id"
    rows = await db.fetch(sql, db.company_id, now, list(ids), user_id, email)
    uses = {row["id"]: row["uses"] for row in rows}
    paid_orders = int(rows[0]["paid_orders"]) if rows else 0
    return [_terms(row) for row in rows], Buyer(user_id, email, paid_orders, uses)


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


async def find_buyers(db: Reader, user_ids: Collection[UUID]) -> dict[UUID, Buyer]:
    """What is known of users by account and by its address: their uses of each promotion, and their paid orders."""
    paid: dict[UUID, tuple[str, int]] = {}
    uses: defaultdict[UUID, dict[UUID, int]] = defaultdict(dict)
    for row in await db.fetch(BUYERS, db.company_id, list(user_ids)):
        if row["promotion_id"] is None:
            paid[row["id"]] = (row["email"], int(row["number"]))
        else:
            uses[row["id"]][row["promotion_id"]] = row["number"]
    return {user_id: Buyer(user_id, email, orders, uses[user_id]) for user_id, (email, orders) in paid.items()}


async def hold(tx: Tx, ids: Collection[UUID]) -> list[Promotion]:
    """Promotions, locked in the order of their ids until the transaction ends."""
    sql = f"""
        select {data.promotion.columns("p")} from promotions p
        where p.company_id = $1 and p.id = any($2) order by p.id for no key update
    """
    return [data.promotion.from_record(row) for row in await tx.fetch(sql, tx.company_id, list(ids))]


async def uses_of(tx: Tx, ids: Collection[UUID], user_id: UUID | None, email: str) -> Mapping[UUID, int]:
    """How often a buyer uses each of these promotions."""
    rows = await tx.fetch(
        """
        select promotion_id, count(*) as number from promotion_uses
        where company_id = $1 and promotion_id = any($2) and released_at is null and (user_id = $3 or email = $4)
        group by promotion_id
        """,
        tx.company_id,
        list(ids),
        user_id,
        email,
    )
    return {row["promotion_id"]: row["number"] for row in rows}


async def claim(tx: Tx, ids: Sequence[UUID], order_id: UUID, user_id: UUID | None, email: str) -> list[Promotion]:
    """Lock promotions in the order of their ids, write a use of each and count it; each as it was before."""
    rows = await tx.fetch(CLAIM, tx.company_id, [new_id() for _ in ids], list(ids), order_id, user_id, email)
    return [data.promotion.from_record(row) for row in rows]


async def used_by(tx: Tx, order_id: UUID) -> list[UUID]:
    """The promotions that an order uses, not given back."""
    where: data.PromotionUseWhere = {"order_id": order_id, "released_at": None}
    return [use.promotion_id for use in await data.promotion_use.find_many(tx, where=where)]


async def give_back(tx: Tx, order_id: UUID, ids: Sequence[UUID]) -> None:
    """End an order's uses of promotions that are held, and count them no more: one statement for both."""
    await tx.execute(GIVE_BACK, tx.company_id, order_id, list(ids))


def count_paid_order(tx: Tx, user_id: UUID | None, email: str) -> None:
    """One more paid order of a buyer, at the transaction's end."""
    tx.defer(Sql(COUNT_PAID_ORDER, (new_id(), tx.company_id, email, user_id)))


def _terms(record: Any) -> PromotionTerms:
    products, categories = record[WIDTH], record[WIDTH + 1]
    return PromotionTerms.of(data.promotion.from_record(record), frozenset(products), frozenset(categories))
