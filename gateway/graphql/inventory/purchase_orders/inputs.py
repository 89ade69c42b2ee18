"""Inputs of purchase orders."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.inventory.purchase_orders.models import (
    NewPurchaseOrder,
    OrderedLine,
    PurchaseOrderStatus,
    ReceivedUnits,
)
from gateway.graphql.core.scalars import CurrencyCode
from gateway.graphql.inventory.purchase_orders import types  # noqa: F401 - it describes the enum used here
from gateway.graphql.order.inputs import KEY

TEXT = "at most 1,000 characters; null or absent for none."


@strawberry.input(description="Units of a SKU to order.")
class PurchaseOrderLineInput:
    """A SKU and a number of units."""

    sku: str = strawberry.field(description="The SKU to order, in its exact case; each SKU once.")
    quantity: int = strawberry.field(description="The number of units to order, 1 to 1,000,000,000.")
    unit_cost: Decimal | None = strawberry.field(
        default=None, description="The cost of a unit before tax, with at most four decimals; null when not known."
    )


@strawberry.input(description="A purchase order to draft. Its units are incoming after `purchaseOrderPlace`.")
class PurchaseOrderCreateInput:
    """A purchase order."""

    warehouse_id: UUID = strawberry.field(description="The id of the warehouse that the units are delivered to.")
    supplier_name: str = strawberry.field(description="The name of the supplier, at most 255 characters.")
    currency: CurrencyCode = strawberry.field(description="The currency of the unit costs.")
    lines: list[PurchaseOrderLineInput] = strawberry.field(
        description="The SKUs with their units, each SKU once, 1 to 250."
    )
    supplier_contact: str | None = strawberry.field(default=None, description=f"How the supplier is reached, {TEXT}")
    supplier_reference: str | None = strawberry.field(
        default=None, description=f"The supplier's own number of the order, {TEXT}"
    )
    note: str | None = strawberry.field(default=None, description=f"A note for staff, {TEXT}")
    expected_on: date | None = strawberry.field(
        default=None, description="The day on which the units should be delivered; null when it is not known."
    )

    def as_new(self) -> NewPurchaseOrder:
        """The purchase order for the domain."""
        return NewPurchaseOrder(
            warehouse_id=self.warehouse_id,
            supplier_name=self.supplier_name,
            currency=self.currency,
            lines=[OrderedLine(line.sku, line.quantity, line.unit_cost) for line in self.lines],
            supplier_contact=self.supplier_contact,
            supplier_reference=self.supplier_reference,
            note=self.note,
            expected_on=self.expected_on,
        )


@strawberry.input(description="A draft that was sent to the supplier.")
class PurchaseOrderPlaceInput:
    """A draft."""

    id: UUID = strawberry.field(description="The id of a purchase order that is a DRAFT.")


@strawberry.input(description="Delivered units of a SKU of a purchase order.")
class PurchaseOrderReceiptLineInput:
    """A SKU with its units."""

    sku: str = strawberry.field(description="A SKU of the purchase order, in its exact case; each SKU once.")
    quantity: int = strawberry.field(description="The number of delivered units, at most those that are expected.")


@strawberry.input(description="A delivery of units of a purchase order.")
class PurchaseOrderReceiveInput:
    """A delivery."""

    id: UUID = strawberry.field(description="The id of a purchase order that is ORDERED or PARTIALLY_RECEIVED.")
    lines: list[PurchaseOrderReceiptLineInput] | None = strawberry.field(
        default=None, description="What was delivered; null or absent: all units that are expected."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)

    def as_lines(self) -> list[ReceivedUnits] | None:
        """The lines for the domain."""
        return None if self.lines is None else [ReceivedUnits(line.sku, line.quantity) for line in self.lines]


@strawberry.input(description="A purchase order of which no more units are expected.")
class PurchaseOrderCancelInput:
    """A purchase order."""

    id: UUID = strawberry.field(description="The id of a purchase order that is not received.")


@strawberry.input(
    description="Conditions on purchase orders, all of which must hold. Omitted fields set no condition."
)
class PurchaseOrderFilterInput:
    """Conditions."""

    statuses: list[PurchaseOrderStatus] | None = strawberry.field(
        default=None, description="Only purchase orders with one of these statuses."
    )
    warehouse_id: UUID | None = strawberry.field(
        default=None, description="Only purchase orders for the warehouse with this id."
    )
