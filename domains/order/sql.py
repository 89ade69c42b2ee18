"""SQL of the order domain that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.prisma.statements import Part, PartRows, Statement, with_clause
from domains.kernel.transactions.claims import IS_CLAIMED
from domains.order import data
from domains.order.errors import OrderNotFound
from domains.order.models import Order, UnpaidOrders

WIDTH: Final = len(fields(Order))
LOCK: Final = f"""
select {data.order.columns("o")} from orders o where o.company_id = $1 and o.id = $2 and {IS_CLAIMED} for update
"""
LOCK_WITH_PRODUCTS: Final = """
    locked_order as (
      select o.*, array(select distinct i.product_id from order_items i
                        where i.company_id = $1 and i.order_id = $2 order by 1) as product_ids
      from orders o where o.company_id = $1 and o.id = $2 for update
    )
"""
UNPAID: Final = """unpaid as (
select count(distinct o.id)::int, coalesce(sum(i.quantity), 0)::int8
from orders o join order_items i on i.company_id = o.company_id and i.order_id = o.id
where o.company_id = $1 and o.placed_from is not null and (o.placed_from = $2 or o.user_id = $3)
)"""
# The last number separates these keys from those of other advisory locks.
BUYER: Final = """
select pg_advisory_xact_lock(hashtextextended($1::uuid::text || buyer, 5)) from unnest($2::text[]) buyer
"""
# Refunded completely, and neither shipped nor ended; an index contains only these orders.
REFUNDED_UNSHIPPED: Final = """
amount_captured > 0 and amount_refunded >= amount_captured and units_shipped = 0
and cancelled_at is null and failed_at is null and open_attempts = 0
"""


async def lock(tx: Tx, order_id: UUID) -> Order | None:
    """The order of an id, locked until the transaction ends. The claim of the transaction can be a part of it."""
    rows = await tx.fetch_first(LOCK, tx.company_id, order_id)
    return data.order.from_record(rows[0]) if rows else None


def unpaid(db: Reader, network: str | None, user_id: UUID | None) -> Part:
    """The orders of a customer, or from a network, that are not paid, accepted or (if free) processed yet.

    Concurrent orders do not see each other unless each has called `lock_buyer` before.
    """
    return Part(UNPAID, (db.company_id, network, user_id), "unpaid", "unpaid.*", 2)


def unpaid_orders(rows: PartRows) -> UnpaidOrders:
    """The number of `unpaid` orders and of their units."""
    return UnpaidOrders(*rows.rows[0][rows.start : rows.start + 2])


def placing(tx: Tx, row: data.OrderCreate, alongside: Sequence[Statement]) -> Part:
    """A new order, with the statements alongside."""
    args: list[Any] = []
    others = with_clause(alongside, args).removeprefix("WITH ").rstrip()
    placed = f"placed as ({data.order.insertion(tx, [row]).sql(args)} returning *)"
    columns = data.order.columns("placed")
    return Part(f"{others}, {placed}" if others else placed, args, "placed", columns, WIDTH)


def placed_order(rows: PartRows) -> Order:
    """The order of `placing`."""
    return data.order.from_record(rows.rows[0], rows.start)


async def lock_buyer(tx: Tx, network: str | None, user_id: UUID | None) -> None:
    """Lock the orders of a customer, or from a network, until the transaction ends."""
    buyer = [str(key) for key in (user_id, network) if key is not None]
    await tx.execute(BUYER, tx.company_id, buyer)


async def next_expired(tx: Tx, now: datetime, stepped_over: Collection[Order]) -> list[Order]:
    """The first order that was not paid in time, if there is one, locked until the transaction ends.

    Locked orders and those stepped over are skipped.
    """
    return await _first(tx, "status = 'PENDING' and expires_at <= $3 order by expires_at, id", stepped_over, now)


async def next_refunded(tx: Tx, stepped_over: Collection[Order]) -> list[Order]:
    """The first order that was refunded completely and neither shipped nor ended, as `next_expired` does."""
    return await _first(tx, REFUNDED_UNSHIPPED, stepped_over)


async def _first(tx: Tx, where: str, stepped_over: Collection[Order], *values: Any) -> list[Order]:
    rows = await tx.fetch(
        f"""
        select {data.order.columns()} from orders where company_id = $1 and id <> all($2) and {where}
        limit 1 for update skip locked
        """,
        tx.company_id,
        [order.id for order in stepped_over],
        *values,
    )
    return [data.order.from_record(row) for row in rows]


def locked_with_products(tx: Tx, order_id: UUID) -> Part:
    """The order of a payment, locked until the transaction ends, and its products."""
    columns = f"{data.order.columns('locked_order')}, locked_order.product_ids"
    values = (tx.company_id, order_id)
    return Part(LOCK_WITH_PRODUCTS, values, "locked_order", columns, WIDTH + 1, locks="locked_order")


def order_with_products(rows: PartRows) -> tuple[Order, list[UUID]]:
    """The order of `locked_with_products`. Raises OrderNotFound."""
    if not rows.rows:
        raise OrderNotFound
    record = rows.rows[0]
    return data.order.from_record(record, rows.start), record[rows.start + WIDTH]


async def products_of(db: Reader, order_id: UUID) -> list[UUID]:
    """The products of an order, each once."""
    sql = "select distinct product_id from order_items where company_id = $1 and order_id = $2 order by 1"
    return [row[0] for row in await db.fetch(sql, db.company_id, order_id)]


async def export_after(
    db: Reader, created_at: datetime, order_id: UUID, take: int, where: str, values: Sequence[Any]
) -> list[Any]:
    """The next orders after one, oldest first, with their shipping addresses; the values of `where` begin at $5."""
    return await db.fetch(
        f"""
        select {data.order.columns("o")}, {data.order_address.columns("a")}
        from orders o left join order_addresses a on a.company_id = o.company_id and a.id = o.shipping_address_id
        where o.company_id = $1 and (o.created_at, o.id) > ($2, $3) {where}
        order by o.created_at, o.id limit $4
        """,
        db.company_id,
        created_at,
        order_id,
        take,
        *values,
    )
