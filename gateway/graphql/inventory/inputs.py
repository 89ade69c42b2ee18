"""Inputs of the inventory domain."""

from uuid import UUID

import strawberry

from domains.inventory.models import MovementType
from gateway.graphql.inventory import types  # noqa: F401 - it describes the enum used here

WAREHOUSE = "The id of an active warehouse; null or absent for the default one."


@strawberry.input(description="A change of one SKU's stock.")
class StockUpdateInput:
    """A SKU and the change of its units."""

    sku: str = strawberry.field(description="The SKU, in its exact case.")
    quantity: int = strawberry.field(
        description=(
            "The number of units to add to the available stock, up to 1,000,000,000; a negative number "
            "removes units. Not 0."
        )
    )
    type: MovementType = strawberry.field(
        default=MovementType.ADJUSTMENT,
        description=(
            "The type of the movement in the stock ledger; ADJUSTMENT by default. Types that the "
            "platform writes, such as RESERVATION, are refused."
        ),
    )
    reason: str | None = strawberry.field(
        default=None,
        description="The reason, at most 1,000 characters, which the ledger shows; null or absent for none.",
    )
    reference: str | None = strawberry.field(
        default=None,
        description=(
            "The number of a document such as a delivery note, at most 1,000 characters; null or absent for none."
        ),
    )
    warehouse_id: UUID | None = strawberry.field(default=None, description=WAREHOUSE)


@strawberry.input(description="The counted stock of one SKU.")
class StockLevelInput:
    """A SKU and its available units."""

    sku: str = strawberry.field(description="The counted SKU, in its exact case.")
    available: int = strawberry.field(
        description="The counted number of available units, 0 to 1,000,000,000, without the reserved ones."
    )
    warehouse_id: UUID | None = strawberry.field(default=None, description=WAREHOUSE)


@strawberry.input(description="The counted stock of several SKUs.")
class StockSetInput:
    """Counts."""

    levels: list[StockLevelInput] = strawberry.field(
        description="The counts, each SKU once in a warehouse, at most 250."
    )
    reason: str | None = strawberry.field(
        default=None,
        description="The reason, at most 1,000 characters, which the ledger shows; null or absent for none.",
    )
    reference: str | None = strawberry.field(
        default=None,
        description=(
            "The number of a document such as a stocktaking, at most 1,000 characters; null or absent for none."
        ),
    )


@strawberry.input(description="The change of the stock of one SKU.")
class StockChangeInput:
    """A SKU and a number of units."""

    sku: str = strawberry.field(description="The SKU, in its exact case.")
    quantity: int = strawberry.field(
        description=(
            "The number of units to add to the available stock, up to 1,000,000,000; a negative number "
            "removes units. Not 0."
        )
    )
    warehouse_id: UUID | None = strawberry.field(default=None, description=WAREHOUSE)


@strawberry.input(description="Changes to the stock of several SKUs, such as a delivery.")
class StockBulkUpdateInput:
    """Changes."""

    changes: list[StockChangeInput] = strawberry.field(
        description="The changes, each SKU once in a warehouse, at most 250."
    )
    type: MovementType = strawberry.field(
        default=MovementType.ADJUSTMENT,
        description=(
            "The type of the movements in the stock ledger; ADJUSTMENT by default. Types that the "
            "platform writes, such as RESERVATION, are refused."
        ),
    )
    reason: str | None = strawberry.field(
        default=None,
        description="The reason, at most 1,000 characters, which the ledger shows; null or absent for none.",
    )
    reference: str | None = strawberry.field(
        default=None,
        description=(
            "The number of a document such as a delivery note, at most 1,000 characters; null or absent for none."
        ),
    )


@strawberry.input(description="The reorder levels of a SKU. Omitted fields do not change.")
class StockReorderUpdateInput:
    """A SKU and its reorder levels."""

    sku: str = strawberry.field(description="The SKU, in its exact case.")
    reorder_point: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The number of available units, 0 to 1,000,000,000, at or below which the SKU should be "
            "reordered. Null changes nothing."
        ),
    )
    reorder_quantity: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The number of units to order at a time, 0 to 1,000,000,000. Null changes nothing.",
    )
    max_stock_threshold: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The number of units on hand, 0 to 1,000,000,000, above which the SKU is overstocked; null: no limit."
        ),
    )
    location: str | None = strawberry.field(
        default=strawberry.UNSET, description="The place in the warehouse, at most 255 characters; null removes it."
    )
    warehouse_id: UUID | None = strawberry.field(
        default=None,
        description="The id of the active warehouse of the location; null or absent for the default one.",
    )
