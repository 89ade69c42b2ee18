"""Queries of shipments, for staff. Buyers see the shipments of their orders with `Order.shipments`."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from domains.order.errors import OrderNotFound
from domains.shipping.shipments.models import ShipmentFilter
from gateway.graphql.core.context import Context, Info
from gateway.graphql.core.fields import input_values, present, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.shipping.labels.types import READS_ORDERS
from gateway.graphql.shipping.shipments.inputs import ShipmentFilterInput
from gateway.graphql.shipping.shipments.types import Shipment


@strawberry.type
class ShipmentQuery:
    """The fields of Query about shipments."""

    @query(READS_ORDERS)
    async def shipment(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a shipment of this company.")],
    ) -> Shipment | None:
        """A shipment by its id; null when there is none."""
        context = info.context
        return present(Shipment, await context.services.shipping.shipments.find(context.reader, id))

    @query(READS_ORDERS)
    async def shipments(
        self,
        info: Info,
        filter: Annotated[
            ShipmentFilterInput | None,
            strawberry.argument(description="Conditions on the shipments; all of them by default."),
        ] = None,
        direction: Annotated[
            SortDirection, strawberry.argument(description="By when they were packed; newest first by default.")
        ] = SortDirection.DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Shipment]:
        """The shipments of the company."""
        values = input_values(filter) if filter else {}
        if (number := values.pop("order_number", None)) is not None:
            values["order_ids"] = await _order_ids(info.context, number)
        page = await info.context.services.shipping.shipments.find_page(
            info.context.reader,
            PageArgs(first, after, last, before),
            ShipmentFilter(**values),
            direction="desc" if direction is SortDirection.DESC else "asc",
        )
        return Connection[Shipment].of(page)


async def _order_ids(context: Context, number: str) -> Sequence[UUID]:
    try:
        order = await context.services.order.get_order_by_number(context.reader, context.actor, number)
    except OrderNotFound:
        return []
    return [order.id]
