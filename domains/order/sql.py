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
from domains.order.models import Order, OrderAddress, UnpaidOrders
from domains.order.sales import sold_order
from domains.order.sales.sold_order import SoldOrder

WIDTH: Final = len(fields(Order))
LOCK: Final = f"""
select {data.order.columns("o")} from orders o where o.company_id = $1 and o.id = $2 and {IS_CLAIMED} for update
"""
TAXED_IN: Final = """coalesce(
  o.tax_country, (select country from order_addresses a where a.company_id = $1 and a.id = o.shipping_address_id)
)"""
SOLD: Final = f"""
select i.*, {TAXED_IN} as country
from orders o cross join lateral ({sold_order.arrays_of("$2")}) i where o.company_id = $1 and o.id = $2
"""
SOLD_OF_MANY: Final = f"""
select o.id, i.*, {TAXED_IN} as country
from orders o cross join lateral ({sold_order.arrays_of("o.id")}) i where o.company_id = $1 and o.id = any($2)
"""
LOCK_WITH_LINES: Final = f"""
    locked_order as (
      select o.*, i.*, {TAXED_IN} as country
      from orders o cross join lateral ({sold_order.arrays_of("$2")}) i
      where o.company_id = $1 and o.id = $2 for update of o
    )
"""
ADDRESS: Final = "order_address as (select * from order_addresses where company_id = $1 and id = $2)"
UNPAID: Final = """unpaid as (
select count(distinct o.id)::int, coalesce(sum(i.quantity - i.dropped_quantity), 0)::int8
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
and cancelled_at is null and failed_at is null and open_attempts = 0 and amount_repaid < amount_captured
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


def locked_with_lines(tx: Tx, order_id: UUID) -> Part:
    """The order of a payment, locked until the transaction ends, and what it has sold."""
    sold = ", ".join(f"locked_order.{column}" for column in sold_order.COLUMNS)
    columns = f"{data.order.columns('locked_order')}, {sold}"
    width = WIDTH + len(sold_order.COLUMNS)
    return Part(LOCK_WITH_LINES, (tx.company_id, order_id), "locked_order", columns, width, locks="locked_order")


def order_with_lines(rows: PartRows) -> tuple[Order, SoldOrder]:
    """The order of `locked_with_lines`. Raises OrderNotFound."""
    if not rows.rows:
        raise OrderNotFound
    record, start = rows.rows[0], rows.start + WIDTH
    sold = SoldOrder.of_record(record[start : start + len(sold_order.COLUMNS)])
    return data.order.from_record(record, rows.start), sold


def address(db: Reader, address_id: UUID) -> Part:
    """An address of an order, as a part of a statement."""
    values, columns = (db.company_id, address_id), data.order_address.columns("order_address")
    return Part(ADDRESS, values, "order_address", columns, len(fields(OrderAddress)))


def address_of(rows: PartRows) -> OrderAddress:
    """The address of `address`."""
    return data.order_address.from_record(rows.rows[0], rows.start)


async def sold(db: Reader, order_id: UUID) -> SoldOrder:
    """What an order has sold. Raises OrderNotFound. One statement."""
    row = await db.fetch_row(SOLD, db.company_id, order_id)
    if row is None:
        raise OrderNotFound
    return SoldOrder.of_record(tuple(row))


async def sold_of(db: Reader, order_ids: Collection[UUID]) -> dict[UUID, SoldOrder]:
    """What orders have sold, by their ids. One statement."""
    rows = await db.fetch(SOLD_OF_MANY, db.company_id, list(order_ids))
    return {row[0]: SoldOrder.of_record(tuple(row)[1:]) for row in rows}


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
