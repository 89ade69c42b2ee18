"""Mutations of stock transfers."""

from typing import Annotated

import strawberry

from domains.inventory.transfers.models import StockTransferChanges
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, from_input, present, requires
from gateway.graphql.inventory.transfers import inputs, payloads
from gateway.graphql.inventory.transfers.types import StockTransfer

MAY_UPDATE = requires(PermissionResource.INVENTORY, PermissionAction.UPDATE)


@strawberry.type
class StockTransferMutation:
    """The fields of Mutation about stock transfers."""

    @command(MAY_UPDATE)
    async def stock_transfer_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StockTransferCreateInput,
            strawberry.argument(description="The two warehouses, and the SKUs with their units."),
        ],
    ) -> payloads.StockTransferCreatePayload:
        """Draft a transfer of units between two warehouses. Nothing moves until it is shipped."""
        transfer = await info.context.services.inventory.transfers.create(tx, input.as_new())
        return payloads.StockTransferCreatePayload(transfer=present(StockTransfer, transfer))

    @command(MAY_UPDATE)
    async def stock_transfer_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StockTransferUpdateInput, strawberry.argument(description="The transfer and its changes.")
        ],
    ) -> payloads.StockTransferUpdatePayload:
        """Change the lines of a draft, or the reference, note and expected day of a transfer that is not finished."""
        changes = from_input(StockTransferChanges, input, exclude=("id", "lines"))
        if isinstance(input.lines, list):
            changes["lines"] = [line.as_line() for line in input.lines]
        transfer = await info.context.services.inventory.transfers.update(tx, input.id, changes)
        return payloads.StockTransferUpdatePayload(transfer=present(StockTransfer, transfer))

    @command(MAY_UPDATE)
    async def stock_transfer_ship(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.StockTransferShipInput, strawberry.argument(description="The draft to ship.")],
    ) -> payloads.StockTransferShipPayload:
        """Take the units of a draft out of the available stock of the source. All SKUs, or none."""
        transfer = await info.context.services.inventory.transfers.ship(tx, input.id)
        return payloads.StockTransferShipPayload(transfer=present(StockTransfer, transfer))

    @command(MAY_UPDATE, idempotent=True)
    async def stock_transfer_receive(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StockTransferReceiveInput,
            strawberry.argument(description="The transfer, what arrived, and what is lost."),
        ],
    ) -> payloads.StockTransferReceivePayload:
        """Add units that arrived to the available stock of the destination, and record lost ones with a reason.

        A transfer can be received in several parts. It is RECEIVED once no units are under way.
        """
        lines = None if input.lines is None else [line.as_line() for line in input.lines]
        transfer = await info.context.services.inventory.transfers.receive(tx, input.id, lines)
        return payloads.StockTransferReceivePayload(transfer=present(StockTransfer, transfer))

    @command(MAY_UPDATE)
    async def stock_transfer_cancel(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StockTransferCancelInput,
            strawberry.argument(description="A transfer of which nothing has arrived."),
        ],
    ) -> payloads.StockTransferCancelPayload:
        """Cancel a transfer of which nothing has arrived. Units under way return to the source as available."""
        transfer = await info.context.services.inventory.transfers.cancel(tx, input.id)
        return payloads.StockTransferCancelPayload(transfer=present(StockTransfer, transfer))
