"""Queries of purchase orders, and of what to reorder."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.inventory.purchase_orders.models import PurchaseOrderFilter
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import input_values, present, present_all, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.inventory.purchase_orders.inputs import PurchaseOrderFilterInput
from gateway.graphql.inventory.purchase_orders.types import PurchaseOrder, PurchaseOrderSuggestion
from gateway.graphql.inventory.types import MAY_READ


@strawberry.type
class PurchaseOrderQuery:
    """The fields of Query about purchase orders."""

    @query(MAY_READ)
    async def purchase_order(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a purchase order of this company.")],
    ) -> PurchaseOrder | None:
        """A purchase order by its id; null when there is none."""
        context = info.context
        found = await context.services.inventory.purchase_orders.listing.get(context.reader, id)
        return present(PurchaseOrder, found)

    @query(MAY_READ)
    async def purchase_orders(
        self,
        info: Info,
        filter: Annotated[
            PurchaseOrderFilterInput | None,
            strawberry.argument(description="Conditions on the purchase orders; all of them by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PurchaseOrder]:
        """The purchase orders of the company, newest first."""
        page = await info.context.services.inventory.purchase_orders.listing.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            PurchaseOrderFilter(**(input_values(filter) if filter else {})),
        )
        return Connection[PurchaseOrder].of(page)

    @query(MAY_READ)
    async def purchase_order_suggestions(
        self,
        info: Info,
        warehouse_id: Annotated[UUID, strawberry.argument(description="For which warehouse units are ordered.")],
    ) -> list[PurchaseOrderSuggestion]:
        """The SKUs at or below their reorder points in a warehouse, of which too few are incoming; at most 250."""
        context = info.context
        found = await context.services.inventory.purchase_orders.listing.suggestions(context.reader, warehouse_id)
        return present_all(PurchaseOrderSuggestion, found)
