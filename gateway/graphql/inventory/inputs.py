"""Inputs of the inventory domain."""

import strawberry

from domains.inventory.models import MovementType
from gateway.graphql.inventory import types  # noqa: F401 - it describes the enum used here


@strawberry.input(description="A change of one SKU's stock.")
class StockUpdateInput:
    """A SKU and the change of its units."""

    sku: str = strawberry.field(description="The SKU, in its exact case.")
    quantity: int = strawberry.field(
        description="The number of units to add to the available stock; a negative number removes units."
    )
    type: MovementType = strawberry.field(
        default=MovementType.ADJUSTMENT, description="The type of the movement in the stock ledger."
    )
    reason: str | None = strawberry.field(
        default=None, description="A free text with the reason, which the ledger shows."
    )
    reference: str | None = strawberry.field(
        default=None, description="The number of a document, such as a delivery note."
    )


@strawberry.input(description="The counted stock of one SKU.")
class StockLevelInput:
    """A SKU and its available units."""

    sku: str = strawberry.field(description="The counted SKU, in its exact case.")
    available: int = strawberry.field(description="The number of available units, without the reserved ones.")


@strawberry.input(description="The counted stock of several SKUs.")
class StockSetInput:
    """Counts."""

    levels: list[StockLevelInput] = strawberry.field(description="Each SKU once, at most 250.")
    reason: str | None = strawberry.field(
        default=None, description="A free text with the reason, which the ledger shows."
    )
    reference: str | None = strawberry.field(
        default=None, description="The number of a document, such as a stocktaking."
    )


@strawberry.input(description="The change of the stock of one SKU.")
class StockChangeInput:
    """A SKU and a number of units."""

    sku: str = strawberry.field(description="The SKU, in its exact case.")
    quantity: int = strawberry.field(
        description="The number of units to add to the available stock; a negative number removes units."
    )


@strawberry.input(description="Changes to the stock of several SKUs, such as a delivery.")
class StockBulkUpdateInput:
    """Changes."""

    changes: list[StockChangeInput] = strawberry.field(description="Each SKU once, at most 250.")
    type: MovementType = strawberry.field(
        default=MovementType.ADJUSTMENT, description="The type of the movement in the stock ledger."
    )
    reason: str | None = strawberry.field(
        default=None, description="A free text with the reason, which the ledger shows."
    )
    reference: str | None = strawberry.field(
        default=None, description="The number of a document, such as a delivery note."
    )


@strawberry.input(description="The reorder levels of a SKU. Omitted fields do not change.")
class StockReorderUpdateInput:
    """A SKU and its reorder levels."""

    sku: str = strawberry.field(description="The SKU, in its exact case.")
    reorder_point: int | None = strawberry.field(
        default=strawberry.UNSET, description="The available units at which the SKU should be reordered."
    )
    reorder_quantity: int | None = strawberry.field(
        default=strawberry.UNSET, description="The number of units to reorder."
    )
    location: str | None = strawberry.field(
        default=strawberry.UNSET, description="The place in the warehouse; null removes it."
    )
