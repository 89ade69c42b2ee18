"""Mutations of stock takes."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires
from gateway.graphql.inventory.stock_takes import inputs, payloads
from gateway.graphql.inventory.stock_takes.types import StockTake

MAY_UPDATE = requires(PermissionResource.INVENTORY, PermissionAction.UPDATE)


@strawberry.type
class StockTakeMutation:
    """The fields of Mutation about stock takes."""

    @command(MAY_UPDATE)
    async def stock_take_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.StockTakeCreateInput, strawberry.argument(description="The warehouse to count.")],
    ) -> payloads.StockTakeCreatePayload:
        """Start to count the units in a warehouse. The shop goes on selling."""
        takes = info.context.services.inventory.stock_takes
        take = await takes.start(tx, input.warehouse_id, note=input.note)
        return payloads.StockTakeCreatePayload(stock_take=present(StockTake, take))

    @command(MAY_UPDATE)
    async def stock_take_count(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StockTakeCountInput, strawberry.argument(description="An open stock take, and what was counted.")
        ],
    ) -> payloads.StockTakeCountPayload:
        """Record how many units of SKUs are in the warehouse now. Stock changes when the stock take is completed."""
        takes = info.context.services.inventory.stock_takes
        take = await takes.count(tx, input.id, [line.as_line() for line in input.lines])
        return payloads.StockTakeCountPayload(stock_take=present(StockTake, take))

    @command(MAY_UPDATE)
    async def stock_take_complete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StockTakeCompleteInput, strawberry.argument(description="An open stock take with counts.")
        ],
    ) -> payloads.StockTakeCompletePayload:
        """Add the difference of each counted SKU to its available stock, whatever was sold since. All, or none."""
        take = await info.context.services.inventory.stock_takes.complete(tx, input.id)
        return payloads.StockTakeCompletePayload(stock_take=present(StockTake, take))

    @command(MAY_UPDATE)
    async def stock_take_cancel(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StockTakeCancelInput,
            strawberry.argument(description="An open stock take, whose counts are discarded."),
        ],
    ) -> payloads.StockTakeCancelPayload:
        """Cancel a stock take. Its counts change nothing."""
        take = await info.context.services.inventory.stock_takes.cancel(tx, input.id)
        return payloads.StockTakeCancelPayload(stock_take=present(StockTake, take))
