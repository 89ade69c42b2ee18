"""Inputs of stock transfers."""

from datetime import date
from uuid import UUID

import strawberry

from domains.inventory.models import StockLine
from domains.inventory.transfers.models import NewStockTransfer, ReceivedLine, StockTransferStatus
from gateway.graphql.inventory.transfers import types  # noqa: F401 - it describes the enum used here
from gateway.graphql.order.inputs import KEY


@strawberry.input(description="Units of a SKU to move.")
class StockTransferLineInput:
    """A SKU and a number of units."""

    sku: str = strawberry.field(description="The SKU to move, in its exact case; each SKU once.")
    quantity: int = strawberry.field(description="The number of units to move, 1 to 1,000,000,000.")

    def as_line(self) -> StockLine:
        """The line for the domain."""
        return StockLine(self.sku, self.quantity)


@strawberry.input(description="A transfer to draft. Nothing moves until `stockTransferShip`.")
class StockTransferCreateInput:
    """A transfer."""

    from_warehouse_id: UUID = strawberry.field(description="The id of the warehouse that the units leave.")
    to_warehouse_id: UUID = strawberry.field(description="The id of another warehouse, in which the units arrive.")
    lines: list[StockTransferLineInput] = strawberry.field(
        description="The SKUs with their units, each SKU once, 1 to 250."
    )
    reference: str | None = strawberry.field(
        default=None,
        description="A number of someone else's, such as the carrier's, at most 1,000 characters; null for none.",
    )
    note: str | None = strawberry.field(
        default=None, description="A note for staff, at most 1,000 characters; null or absent for none."
    )
    expected_on: date | None = strawberry.field(
        default=None, description="The day on which the units should arrive; null when it is not known."
    )

    def as_new(self) -> NewStockTransfer:
        """The transfer for the domain."""
        return NewStockTransfer(
            from_warehouse_id=self.from_warehouse_id,
            to_warehouse_id=self.to_warehouse_id,
            lines=[line.as_line() for line in self.lines],
            reference=self.reference,
            note=self.note,
            expected_on=self.expected_on,
        )


@strawberry.input(description="Changes to a transfer. Omitted fields do not change.")
class StockTransferUpdateInput:
    """Changes."""

    id: UUID = strawberry.field(description="The id of a transfer that is not received or cancelled.")
    lines: list[StockTransferLineInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="All lines of a DRAFT: they replace the present ones. Null changes nothing.",
    )
    reference: str | None = strawberry.field(
        default=strawberry.UNSET, description="A number of someone else's, such as the carrier's; null removes it."
    )
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for staff, at most 1,000 characters; null removes it."
    )
    expected_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="The day on which the units should arrive; null: not known."
    )


@strawberry.input(description="A transfer whose units leave the source.")
class StockTransferShipInput:
    """A draft."""

    id: UUID = strawberry.field(description="The id of a transfer that is a DRAFT.")


@strawberry.input(description="Units of a SKU of a transfer that arrived, or that are lost. At least one unit.")
class StockTransferReceiptLineInput:
    """A SKU with its units."""

    sku: str = strawberry.field(description="A SKU of the transfer, in its exact case; each SKU once.")
    received: int = strawberry.field(
        default=0, description="The number of units that arrived; with `lost` at most those that are under way."
    )
    lost: int = strawberry.field(default=0, description="The number of units that will not arrive.")
    lost_reason: str | None = strawberry.field(
        default=None, description="Why units are lost, at most 1,000 characters. Required with `lost`."
    )

    def as_line(self) -> ReceivedLine:
        """The line for the domain."""
        return ReceivedLine(self.sku, self.received, self.lost, self.lost_reason)


@strawberry.input(description="A receipt of units of a transfer.")
class StockTransferReceiveInput:
    """A receipt."""

    id: UUID = strawberry.field(description="The id of a transfer that is IN_TRANSIT or PARTIALLY_RECEIVED.")
    lines: list[StockTransferReceiptLineInput] | None = strawberry.field(
        default=None, description="What arrived and what is lost; null or absent: all units under way have arrived."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="A transfer to cancel.")
class StockTransferCancelInput:
    """A transfer."""

    id: UUID = strawberry.field(description="The id of a transfer that is a DRAFT or IN_TRANSIT.")


@strawberry.input(description="Conditions on transfers, all of which must hold. Omitted fields set no condition.")
class StockTransferFilterInput:
    """Conditions."""

    statuses: list[StockTransferStatus] | None = strawberry.field(
        default=None, description="Only transfers with one of these statuses."
    )
    from_warehouse_id: UUID | None = strawberry.field(
        default=None, description="Only transfers from the warehouse with this id."
    )
    to_warehouse_id: UUID | None = strawberry.field(
        default=None, description="Only transfers to the warehouse with this id."
    )
    sku: str | None = strawberry.field(default=None, description="Only transfers of this SKU, in its exact case.")
