"""Reads what of orders can be returned, and the items of an order's return requests."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.kernel.database import Reader, Tx
from domains.order.models import OrderItem
from domains.order.service import OrderService
from domains.payment.service import PaymentService
from domains.returns import data
from domains.returns.models import ReturnItem, ReturnSettings, ReturnStatus
from domains.returns.requests.rules import ReturnableLine, returnable_lines
from domains.shipping.shipments.deliveries import delivered_units

OF_ORDERS: Final = f"""
select {data.return_item.columns("i")}, q.status
from return_requests q join return_items i on i.company_id = q.company_id and i.return_request_id = q.id
where q.company_id = $1 and q.order_id = any($2)
"""  # noqa: S608 - columns of the code
# The next number of a request of the company, with the items of the order's requests.
NUMBERED: Final = f"""
with numbered as (
  insert into return_counters (company_id, last_number) values ($1, 1001)
  on conflict (company_id) do update set last_number = return_counters.last_number + 1
  returning last_number
)
select n.last_number, r.id as request_id, r.status, {data.return_item.columns("i")}
from numbered n
left join return_requests r on r.company_id = $1 and r.order_id = $2
left join return_items i on i.company_id = r.company_id and i.return_request_id = r.id
"""  # noqa: S608 - columns of the code


class Returnables:
    """What buyers can return."""

    def __init__(self, orders: OrderService, payment: PaymentService, catalog: CatalogService) -> None:
        self._orders = orders
        self._payment = payment
        self._catalog = catalog

    async def of_orders(self, db: Reader, order_ids: Collection[UUID]) -> dict[UUID, ReturnableLine]:
        """The lines of orders by id, with what of them can be returned. Four statements."""
        rows = await db.fetch(OF_ORDERS, db.company_id, list(order_ids))
        requested = [(data.return_item.from_record(row), ReturnStatus(row["status"])) for row in rows]
        return await self.of_requested(db, order_ids, requested)

    async def of_requested(
        self, db: Reader, order_ids: Collection[UUID], requested: Sequence[tuple[ReturnItem, ReturnStatus]]
    ) -> dict[UUID, ReturnableLine]:
        """As `of_orders`, with the items of all their return requests. Three statements."""
        return returnable_lines(
            await self._orders.items_of(db, order_ids),
            await delivered_units(db, order_ids),
            requested,
            await self._payment.refunds.lines_of_orders(db, order_ids),
        )

    async def excluded(self, db: Reader, settings: ReturnSettings, items: Collection[OrderItem]) -> set[UUID]:
        """The products of these lines that the shop does not take back. One statement, none without categories."""
        product_ids = {item.product_id for item in items}
        found = product_ids & set(settings.non_returnable_product_ids)
        if settings.non_returnable_category_ids and product_ids:
            categories = await self._catalog.products.category_ids(db, product_ids)
            excluded = set(settings.non_returnable_category_ids)
            found |= {product_id for product_id, category in categories.items() if category in excluded}
        return found


async def numbered(
    tx: Tx, order_id: UUID
) -> tuple[int, dict[UUID, ReturnStatus], list[tuple[ReturnItem, ReturnStatus]]]:
    """The next number of a return request, and those of a locked order: their statuses and items. One statement."""
    rows = await tx.fetch(NUMBERED, tx.company_id, order_id)
    requests = {row[1]: ReturnStatus(row[2]) for row in rows if row[1] is not None}
    items = [(data.return_item.from_record(row, 3), ReturnStatus(row[2])) for row in rows if row[3] is not None]
    return rows[0][0], requests, items
