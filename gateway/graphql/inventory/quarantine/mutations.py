"""Mutations of quarantined and damaged units."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires
from gateway.graphql.inventory.quarantine import inputs, payloads
from gateway.graphql.inventory.types import InventoryItem

MAY_UPDATE = requires(PermissionResource.INVENTORY, PermissionAction.UPDATE)


@strawberry.type
class QuarantineMutation:
    """The fields of Mutation about quarantine."""

    @command(MAY_UPDATE, idempotent=True)
    async def stock_quarantine(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StockQuarantineInput,
            strawberry.argument(description="Units of a SKU, and why they are set apart."),
        ],
    ) -> payloads.StockQuarantinePayload:
        """Set available units apart: they stay in the warehouse and cannot be sold."""
        item = await info.context.services.inventory.quarantine.hold(tx, input.as_units())
        return payloads.StockQuarantinePayload(item=present(InventoryItem, item))

    @command(MAY_UPDATE, idempotent=True)
    async def stock_quarantine_release(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StockQuarantineReleaseInput,
            strawberry.argument(description="Quarantined units of a SKU, and why they can be sold."),
        ],
    ) -> payloads.StockQuarantineReleasePayload:
        """Make quarantined units available again."""
        item = await info.context.services.inventory.quarantine.release(tx, input.as_units())
        return payloads.StockQuarantineReleasePayload(item=present(InventoryItem, item))

    @command(MAY_UPDATE, idempotent=True)
    async def stock_damage(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StockDamageInput, strawberry.argument(description="Damaged units of a SKU, and what happened.")
        ],
    ) -> payloads.StockDamagePayload:
        """Write damaged units off: they leave the stock, with a movement of the type DAMAGE."""
        quarantine = info.context.services.inventory.quarantine
        item = await quarantine.write_off(tx, input.as_units(), is_quarantined=input.is_quarantined)
        return payloads.StockDamagePayload(item=present(InventoryItem, item))
