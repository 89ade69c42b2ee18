"""SQL of the order domain that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.order import data
from domains.order.errors import OrderNotFound
from domains.order.models import Order, OrderStatus, UnpaidOrders
from domains.order.search.sort_keys import ranks_of
from domains.payment.balances import wholly_refunded

UNPAID: Final = """
select count(distinct o.id)::int, coalesce(sum(i.quantity), 0)::int8
from orders o join order_items i on i.company_id = o.company_id and i.order_id = o.id
where o.company_id = $1 and o.placed_from is not null and (o.placed_from = $2 or o.user_id = $3)
"""
# The numbers in the end keep these keys apart from those of other locks.
BUYER: Final = """
select pg_advisory_xact_lock(hashtextextended($1::uuid::text || buyer, 5)) from unnest($2::text[]) buyer
"""
PAID_AND_HERE: Final = ranks_of((OrderStatus.PAID, OrderStatus.PROCESSING))


async def unpaid(db: Reader, network: str | None, user_id: UUID | None) -> UnpaidOrders:
    """What waits to be paid or accepted, or costs nothing and was not begun: of a customer, or from a network.

    One statement. Orders that are placed at the same moment do not see each other, unless each has called
    `hold_buyer` before.
    """
    record = await db.fetch_row(UNPAID, db.company_id, network, user_id)
    return UnpaidOrders(*record) if record else UnpaidOrders(0, 0)


async def hold_buyer(tx: Tx, network: str | None, user_id: UUID | None) -> None:
    """Let other orders of a customer, or from a network, that ask for the same wait until the transaction ends."""
    buyer = [str(each) for each in (user_id, network) if each is not None]
    await tx.execute(BUYER, tx.company_id, buyer)


async def next_expired(tx: Tx, now: datetime) -> Order | None:
    """One order that was not paid in time, held until the transaction ends; none that somebody else holds."""
    record = await tx.fetch_row(
        f"""
        select {data.order.columns()} from orders
        where company_id = $1 and status = 'PENDING' and expires_at <= $2
        order by expires_at, id limit 1 for update skip locked
        """,
        tx.company_id,
        now,
    )
    return None if record is None else data.order.from_record(record)


async def next_refunded(tx: Tx) -> Order | None:
    """One order that was wholly refunded and was neither shipped nor ended, held; none that somebody else holds."""
    record = await tx.fetch_row(
        f"""
        select {data.order.columns("o")} from orders o
        where o.company_id = $1 and o.status_rank = any($2::smallint[]) and {wholly_refunded("o.id")}
        limit 1 for update of o skip locked
        """,
        tx.company_id,
        PAID_AND_HERE,
    )
    return None if record is None else data.order.from_record(record)


async def hold_with_products(tx: Tx, order_id: UUID) -> tuple[Order, list[UUID]]:
    """The order of a payment, held until the transaction ends, and its products, each once. Raises OrderNotFound."""
    record = await tx.fetch_row(
        f"""
        select array(select distinct i.product_id from order_items i
                     where i.company_id = $1 and i.order_id = $2 order by 1), {data.order.columns("o")}
        from orders o where o.company_id = $1 and o.id = $2 for update
        """,
        tx.company_id,
        order_id,
    )
    if record is None:
        raise OrderNotFound
    return data.order.from_record(record, 1), record[0]


async def products_of(db: Reader, order_id: UUID) -> list[UUID]:
    """The products of an order, each once."""
    sql = "select distinct product_id from order_items where company_id = $1 and order_id = $2 order by 1"
    return [row[0] for row in await db.fetch(sql, db.company_id, order_id)]


async def export_after(
    db: Reader, created_at: datetime, order_id: UUID, take: int, where: str, values: Sequence[Any]
) -> list[Any]:
    """The next orders after one, oldest first, with where they are sent; `where` asks more, its values from $5 on."""
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
