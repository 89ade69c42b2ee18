"""Mutations of stock."""

from typing import Annotated

import strawberry

from domains.inventory.errors import InsufficientStock
from domains.inventory.models import ReorderChanges, StockCount, StockLine
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError, shows
from gateway.graphql.core.fields import command, from_input, present, present_all, requires
from gateway.graphql.inventory.inputs import (
    StockBulkUpdateInput,
    StockReorderUpdateInput,
    StockSetInput,
    StockUpdateInput,
)
from gateway.graphql.inventory.types import InventoryItem

MAY_UPDATE = requires(PermissionResource.INVENTORY, PermissionAction.UPDATE)
ERRORS = "Why nothing was changed; empty on success."


@strawberry.type(description="A SKU with fewer available units than were requested.")
class StockShortage:
    """The requested and the available units."""

    sku: str = strawberry.field(description="The SKU that has too few units.")
    requested: int = strawberry.field(description="The number of units that were requested.")
    available: int = strawberry.field(description="The number of units that are available.")


@shows(InsufficientStock)
@strawberry.type(description="Fewer units are available than were requested.")
class InsufficientStockError(UserError):
    """The first SKU without enough stock, and all of them."""

    sku: str = strawberry.field(description="The first SKU without enough stock.")
    requested: int = strawberry.field(description="The number of units that were requested of this SKU.")
    available: int = strawberry.field(description="The number of units that are available of this SKU.")
    shortages: list[StockShortage] = strawberry.field(
        description="All SKUs without enough stock, with the first one."
    )


@strawberry.type(description="The result of `stockUpdate`.")
class StockUpdatePayload:
    """The item, or the errors."""

    item: InventoryItem | None = strawberry.field(
        default=None, description="The changed stock; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `stockSet`.")
class StockSetPayload:
    """The items, or the errors."""

    items: list[InventoryItem] | None = strawberry.field(
        default=None, description="The stock of the SKUs after the change, by SKU; null when there are errors."
    )
    changed: int | None = strawberry.field(
        default=None,
        description="The number of SKUs whose stock differed from the count; null when there are errors.",
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `stockBulkUpdate`.")
class StockBulkUpdatePayload:
    """The items, or the errors."""

    items: list[InventoryItem] | None = strawberry.field(
        default=None, description="The stock of the SKUs after the change, by SKU; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `stockReorderUpdate`.")
class StockReorderUpdatePayload:
    """The item, or the errors."""

    item: InventoryItem | None = strawberry.field(
        default=None, description="The changed item; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type
class InventoryMutation:
    """The inventory domain's fields of Mutation."""

    @command(MAY_UPDATE)
    async def stock_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            StockUpdateInput, strawberry.argument(description="The SKU and the change, with its type and reason.")
        ],
    ) -> StockUpdatePayload:
        """Add units to the stock of a SKU or remove them, with an entry in the ledger. Stock never falls below 0."""
        item = await info.context.services.inventory.update_stock(
            tx,
            input.sku,
            input.quantity,
            input.reason,
            movement_type=input.type,
            reference=input.reference,
            warehouse_id=input.warehouse_id,
        )
        return StockUpdatePayload(item=present(InventoryItem, item))

    @command(MAY_UPDATE)
    async def stock_set(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            StockSetInput, strawberry.argument(description="The counted levels, with a reason and a reference.")
        ],
    ) -> StockSetPayload:
        """Set the stock of several SKUs to counts, all or none."""
        inventory = info.context.services.inventory
        counts = [StockCount(level.sku, level.available, level.warehouse_id) for level in input.levels]
        changed = await inventory.ledger.set(tx, counts, reason=input.reason, reference=input.reference)
        items = await inventory.listing.items_by_sku(tx, [count.sku for count in counts])
        return StockSetPayload(items=present_all(InventoryItem, items), changed=changed)

    @command(MAY_UPDATE)
    async def stock_bulk_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            StockBulkUpdateInput,
            strawberry.argument(description="The SKUs and their changes, with one type and reason for all."),
        ],
    ) -> StockBulkUpdatePayload:
        """Add units to the stock of several SKUs or remove units, all or none."""
        items = await info.context.services.inventory.ledger.change(
            tx,
            [StockLine(change.sku, change.quantity, change.warehouse_id) for change in input.changes],
            movement_type=input.type,
            reason=input.reason,
            reference=input.reference,
        )
        return StockBulkUpdatePayload(items=present_all(InventoryItem, items))

    @command(MAY_UPDATE)
    async def stock_reorder_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            StockReorderUpdateInput,
            strawberry.argument(description="The SKU with the level to reorder at and the quantity to order."),
        ],
    ) -> StockReorderUpdatePayload:
        """Set when and how much of a SKU to reorder, and its location."""
        nulls = [name for name in ("reorder_point", "reorder_quantity") if getattr(input, name) is None]  # as absent
        changes = from_input(ReorderChanges, input, exclude=("sku", "warehouse_id", *nulls))
        item = await info.context.services.inventory.reorder_levels.set(
            tx, input.sku, changes, warehouse_id=input.warehouse_id
        )
        return StockReorderUpdatePayload(item=present(InventoryItem, item))
