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
    """Counts, at most 500."""

    levels: list[StockLevelInput] = strawberry.field(description="At most 500 SKUs, each once.")
    reason: str | None = strawberry.field(default=None, description="Why, in words.")
    reference: str | None = strawberry.field(default=None, description="What it belongs to, such as a stocktaking.")
