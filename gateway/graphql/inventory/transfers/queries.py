"""Queries of stock transfers."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.inventory.transfers.models import StockTransferFilter
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import input_values, present, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.inventory.transfers.inputs import StockTransferFilterInput
from gateway.graphql.inventory.transfers.types import StockTransfer
from gateway.graphql.inventory.types import MAY_READ


@strawberry.type
class StockTransferQuery:
    """The fields of Query about stock transfers."""

    @query(MAY_READ)
    async def stock_transfer(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a stock transfer of this company.")],
    ) -> StockTransfer | None:
        """A stock transfer by its id; null when there is none."""
        context = info.context
        return present(StockTransfer, await context.services.inventory.transfers.listing.get(context.reader, id))

    @query(MAY_READ)
    async def stock_transfers(
        self,
        info: Info,
        filter: Annotated[
            StockTransferFilterInput | None,
            strawberry.argument(description="Conditions on the transfers; all of them by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockTransfer]:
        """The stock transfers of the company, newest first."""
        page = await info.context.services.inventory.transfers.listing.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            StockTransferFilter(**(input_values(filter) if filter else {})),
        )
        return Connection[StockTransfer].of(page)
