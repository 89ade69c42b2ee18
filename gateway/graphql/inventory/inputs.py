"""What the inventory's mutations take."""

import strawberry

from domains.inventory.models import MovementType
from gateway.graphql.inventory import types  # noqa: F401 - it describes the enum used here


@strawberry.input(description="A change of one SKU's stock.")
class StockUpdateInput:
    """A SKU and by how many units it changes."""

    sku: str = strawberry.field(description="What is stocked.")
    quantity: int = strawberry.field(description="Units to add to the free stock; below zero, to take away.")
    type: MovementType = strawberry.field(default=MovementType.ADJUSTMENT, description="Why stock changes.")
    reason: str | None = strawberry.field(default=None, description="Why, in words.")
    reference: str | None = strawberry.field(default=None, description="What it belongs to, such as a delivery note.")


@strawberry.input(description="What a count says of one SKU.")
class StockLevelInput:
    """A SKU and how many are free to sell."""

    sku: str = strawberry.field(description="What was counted.")
    available: int = strawberry.field(description="How many are free to sell; reserved units are beside that.")


@strawberry.input(description="What a count says of many SKUs.")
class StockSetInput:
    """Counts."""

    levels: list[StockLevelInput] = strawberry.field(description="Each SKU once, as many as a list may hold (250).")
    reason: str | None = strawberry.field(default=None, description="Why, in words.")
    reference: str | None = strawberry.field(default=None, description="What it belongs to, such as a stocktaking.")


@strawberry.input(description="By how many units one SKU changes.")
class StockChangeInput:
    """A SKU and a number of units."""

    sku: str = strawberry.field(description="What is stocked.")
    quantity: int = strawberry.field(description="Units to add to the free stock; below zero, to take away.")


@strawberry.input(description="Changes of the stock of many SKUs, such as a delivery.")
class StockBulkUpdateInput:
    """Changes."""

    changes: list[StockChangeInput] = strawberry.field(description="Each SKU once, as many as a list may hold (250).")
    type: MovementType = strawberry.field(default=MovementType.ADJUSTMENT, description="Why stock changes.")
    reason: str | None = strawberry.field(default=None, description="Why, in words.")
    reference: str | None = strawberry.field(default=None, description="What it belongs to, such as a delivery note.")


@strawberry.input(description="When to order a SKU again; what is left out stays.")
class StockReorderUpdateInput:
    """A SKU and its settings."""

    sku: str = strawberry.field(description="What is stocked.")
    reorder_point: int | None = strawberry.field(
        default=strawberry.UNSET, description="At how many free units to order again."
    )
    reorder_quantity: int | None = strawberry.field(default=strawberry.UNSET, description="How many to order then.")
    location: str | None = strawberry.field(default=strawberry.UNSET, description="Where it lies; null for nowhere.")
