"""Inputs of stock takes."""

from uuid import UUID

import strawberry

from domains.inventory.stock_takes.models import CountedLine, StockTakeStatus
from gateway.graphql.inventory.stock_takes import types  # noqa: F401 - it describes the enum used here


@strawberry.input(description="A stock take to start.")
class StockTakeCreateInput:
    """A warehouse."""

    warehouse_id: UUID = strawberry.field(description="The id of the warehouse whose units are counted.")
    note: str | None = strawberry.field(
        default=None, description="A note for staff, at most 1,000 characters; null or absent for none."
    )


@strawberry.input(description="The count of a SKU.")
class StockTakeCountLineInput:
    """A SKU and its units."""

    sku: str = strawberry.field(description="The counted SKU, in its exact case; each SKU once.")
    counted: int = strawberry.field(
        description=(
            "The number of units in the warehouse, 0 to 1,000,000,000: those that are reserved for orders and "
            "those in quarantine included."
        )
    )

    def as_line(self) -> CountedLine:
        """The line for the domain."""
        return CountedLine(self.sku, self.counted)


@strawberry.input(description="Counts of SKUs in a stock take.")
class StockTakeCountInput:
    """Counts."""

    id: UUID = strawberry.field(description="The id of an open stock take.")
    lines: list[StockTakeCountLineInput] = strawberry.field(
        description="The counts, each SKU once, 1 to 250. A SKU that was counted before is counted again."
    )


@strawberry.input(description="A stock take to complete.")
class StockTakeCompleteInput:
    """A stock take."""

    id: UUID = strawberry.field(description="The id of an open stock take with at least one count.")


@strawberry.input(description="A stock take to cancel.")
class StockTakeCancelInput:
    """A stock take."""

    id: UUID = strawberry.field(description="The id of an open stock take.")


@strawberry.input(description="Conditions on stock takes, all of which must hold. Omitted fields set no condition.")
class StockTakeFilterInput:
    """Conditions."""

    statuses: list[StockTakeStatus] | None = strawberry.field(
        default=None, description="Only stock takes with one of these statuses."
    )
    warehouse_id: UUID | None = strawberry.field(
        default=None, description="Only stock takes of the warehouse with this id."
    )
