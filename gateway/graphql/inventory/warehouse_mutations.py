"""Mutations of warehouses."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.inventory.models import WarehouseChanges
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import command, from_input, present, requires
from gateway.graphql.inventory.warehouse_inputs import (
    WarehouseCreateInput,
    WarehouseDeleteInput,
    WarehouseUpdateInput,
)
from gateway.graphql.inventory.warehouse_types import Warehouse

MAY_UPDATE = requires(PermissionResource.INVENTORY, PermissionAction.UPDATE)
REFUSED = "Why the change was refused; empty on success."


@strawberry.type(description="The result of `warehouseCreate`.")
class WarehouseCreatePayload:
    """The warehouse, or why not."""

    warehouse: Warehouse | None = strawberry.field(
        default=None, description="The new warehouse; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `warehouseUpdate`.")
class WarehouseUpdatePayload:
    """The warehouse, or why not."""

    warehouse: Warehouse | None = strawberry.field(
        default=None, description="The changed warehouse; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `warehouseDelete`.")
class WarehouseDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted warehouse; null when the deletion was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type
class WarehouseMutation:
    """The fields of Mutation about warehouses."""

    @command(MAY_UPDATE)
    async def warehouse_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            WarehouseCreateInput, strawberry.argument(description="The code, the name and the address.")
        ],
    ) -> WarehouseCreatePayload:
        """Create a warehouse. The first one of a company is its default one."""
        made = await info.context.services.inventory.warehouses.create(tx, from_input(WarehouseChanges, input))
        return WarehouseCreatePayload(warehouse=present(Warehouse, made))

    @command(MAY_UPDATE)
    async def warehouse_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            WarehouseUpdateInput,
            strawberry.argument(description="The id of the warehouse, and the fields to change."),
        ],
    ) -> WarehouseUpdatePayload:
        """Change a warehouse, make it the default one, or deactivate it when it has no stock."""
        changes = from_input(WarehouseChanges, input, exclude=("id",))
        changed = await info.context.services.inventory.warehouses.update(tx, input.id, changes)
        return WarehouseUpdatePayload(warehouse=present(Warehouse, changed))

    @command(MAY_UPDATE)
    async def warehouse_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            WarehouseDeleteInput, strawberry.argument(description="The id of a warehouse that never had stock.")
        ],
    ) -> WarehouseDeletePayload:
        """Delete a warehouse that never had stock. Deactivate others: their movements stay in the ledger."""
        await info.context.services.inventory.warehouses.delete(tx, input.id)
        return WarehouseDeletePayload(deleted_id=input.id)
