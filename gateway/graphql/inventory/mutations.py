"""Mutations of stock."""

from typing import Annotated

import strawberry

from domains.inventory.errors import InsufficientStock
from domains.inventory.models import ReorderChanges, StockCount, StockLine
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError, shows
from gateway.graphql.core.fields import command, input_values, present, present_all, requires
from gateway.graphql.inventory.inputs import (
    StockBulkUpdateInput,
    StockReorderUpdateInput,
    StockSetInput,
    StockUpdateInput,
)
from gateway.graphql.inventory.types import InventoryItem

MAY_UPDATE = requires(PermissionResource.INVENTORY, PermissionAction.UPDATE)
NONE_WRONG = "What was wrong with the input; empty when it was done."


@strawberry.type(description="A SKU of which there is less than was asked for.")
class StockShortage:
    """How many were wanted, how many there are."""

    sku: str = strawberry.field(description="The requested SKU.")
    requested: int = strawberry.field(description="The requested number of units.")
    available: int = strawberry.field(description="The available number of units.")


@shows(InsufficientStock)
@strawberry.type(description="Fewer units are available than were requested.")
class InsufficientStockError(UserError):
    """The first SKU without enough stock, and all of them."""

    sku: str = strawberry.field(description="The requested SKU.")
    requested: int = strawberry.field(description="The requested number of units.")
    available: int = strawberry.field(description="The available number of units.")
    shortages: list[StockShortage] = strawberry.field(description="All SKUs without enough stock, that one first.")


@strawberry.type(description="The outcome of changing a SKU's stock.")
class StockUpdatePayload:
    """The item, or why not."""

    item: InventoryItem | None = strawberry.field(default=None, description="The stock as it is now.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of setting the stock of many SKUs.")
class StockSetPayload:
    """The items, or why not."""

    items: list[InventoryItem] | None = strawberry.field(default=None, description="Their stock as it is now.")
    changed: int | None = strawberry.field(default=None, description="How many differed from the count.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of changing the stock of many SKUs.")
class StockBulkUpdatePayload:
    """The items, or why not."""

    items: list[InventoryItem] | None = strawberry.field(
        default=None, description="Their stock as it is now, by SKU."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of saying when to order a SKU again.")
class StockReorderUpdatePayload:
    """The item, or why not."""

    item: InventoryItem | None = strawberry.field(default=None, description="The item as it is now.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type
class InventoryMutation:
    """What is done to stock."""

    @command(MAY_UPDATE)
    async def stock_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[StockUpdateInput, strawberry.argument(description="What changes.")],
    ) -> StockUpdatePayload:
        """Add units to a SKU's stock or take some away, as an entry of the ledger; nothing goes below zero."""
        item = await info.context.services.inventory.update_stock(
            tx, input.sku, input.quantity, input.reason, movement_type=input.type, reference=input.reference
        )
        return StockUpdatePayload(item=present(InventoryItem, item))

    @command(MAY_UPDATE)
    async def stock_set(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[StockSetInput, strawberry.argument(description="What was counted.")],
    ) -> StockSetPayload:
        """Bring the stock of many SKUs to what was counted; all of them, or none."""
        inventory = info.context.services.inventory
        counts = [StockCount(level.sku, level.available) for level in input.levels]
        changed = await inventory.ledger.set(tx, counts, reason=input.reason, reference=input.reference)
        items = await inventory.listing.items_by_sku(tx, [count.sku for count in counts])
        return StockSetPayload(items=present_all(InventoryItem, items), changed=changed)

    @command(MAY_UPDATE)
    async def stock_bulk_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[StockBulkUpdateInput, strawberry.argument(description="What changes.")],
    ) -> StockBulkUpdatePayload:
        """Add units to the stock of many SKUs or take some away; all of them, or none."""
        items = await info.context.services.inventory.ledger.change(
            tx,
            [StockLine(change.sku, change.quantity) for change in input.changes],
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
        """Say when a SKU is to be ordered again, how many then, and where it lies."""
        changes = input_values(input, exclude=("sku",))
        kept = {name: value for name, value in changes.items() if value is not None or name == "location"}
        item = await info.context.services.inventory.reorder_levels.set(tx, input.sku, ReorderChanges(**kept))  # type: ignore[typeddict-item] # the input's fields are the keys
        return StockReorderUpdatePayload(item=present(InventoryItem, item))
