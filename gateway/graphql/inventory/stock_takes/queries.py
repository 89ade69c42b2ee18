"""Queries of stock takes."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.inventory.stock_takes.models import StockTakeFilter
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import input_values, present, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.inventory.stock_takes.inputs import StockTakeFilterInput
from gateway.graphql.inventory.stock_takes.types import StockTake
from gateway.graphql.inventory.types import MAY_READ


@strawberry.type
class StockTakeQuery:
    """The fields of Query about stock takes."""

    @query(MAY_READ)
    async def stock_take(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a stock take of this company.")],
    ) -> StockTake | None:
        """A stock take by its id; null when there is none."""
        context = info.context
        return present(StockTake, await context.services.inventory.stock_takes.listing.get(context.reader, id))

    @query(MAY_READ)
    async def stock_takes(
        self,
        info: Info,
        filter: Annotated[
            StockTakeFilterInput | None,
            strawberry.argument(description="Conditions on the stock takes; all of them by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockTake]:
        """The stock takes of the company, newest first."""
        page = await info.context.services.inventory.stock_takes.listing.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            StockTakeFilter(**(input_values(filter) if filter else {})),
        )
        return Connection[StockTake].of(page)
