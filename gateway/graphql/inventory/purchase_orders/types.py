"""Purchase orders, their lines, and what to reorder, as the API shows them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.inventory.purchase_orders import models
from domains.inventory.purchase_orders.models import PurchaseOrderStatus
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import CurrencyCode
from gateway.graphql.inventory.loaders import load_items_by_id, load_warehouses
from gateway.graphql.inventory.purchase_orders.loaders import load_purchase_lines
from gateway.graphql.inventory.types import InventoryItem
from gateway.graphql.inventory.warehouse_types import Warehouse

describe(
    PurchaseOrderStatus,
    "The status of a purchase order.",
    {
        PurchaseOrderStatus.DRAFT: "It is planned, and was not sent to the supplier.",
        PurchaseOrderStatus.ORDERED: "It was sent to the supplier; its units are incoming.",
        PurchaseOrderStatus.PARTIALLY_RECEIVED: "Some units were delivered; others are incoming.",
        PurchaseOrderStatus.RECEIVED: "All units were delivered.",
        PurchaseOrderStatus.CANCELLED: "No more units are expected; delivered ones stay in stock.",
    },
)
ITEM = "The SKU with its stock in all warehouses, as it is now."


@strawberry.type(description="A SKU of a purchase order.")
class PurchaseOrderLine:
    """The units of a SKU."""

    inventory_id: strawberry.Private[UUID]

    quantity: int = strawberry.field(description="The number of units that are ordered.")
    received: int = strawberry.field(description="The number of units that were delivered.")
    unit_cost: Decimal | None = strawberry.field(
        description="The cost of a unit before tax, in the currency of the order; null when it is not known."
    )
    inventory: InventoryItem = relation("inventory_id", load_items_by_id, description=ITEM)

    @computed
    def expected(self) -> int:
        """The number of units that were not delivered yet."""
        return self.quantity - self.received


@strawberry.type(description="Units that are ordered from a supplier for a warehouse.")
class PurchaseOrder(Node, model=models.PurchaseOrder):
    """A purchase order."""

    number: str = strawberry.field(
        description="The number, such as `PO-1001`, unique in the company. It is the `reference` of its movements."
    )
    status: PurchaseOrderStatus = strawberry.field(description="Whether it was sent, and what was delivered.")
    warehouse_id: UUID = strawberry.field(description="The id of the warehouse that the units are delivered to.")
    warehouse: Warehouse = relation(
        "warehouse_id", load_warehouses, description="The warehouse that the units are delivered to, as it is now."
    )
    supplier_name: str = strawberry.field(description="Who delivers the units, as staff entered it.")
    supplier_contact: str | None = strawberry.field(
        description="How the supplier is reached; null when it is not entered."
    )
    supplier_reference: str | None = strawberry.field(
        description="The supplier's own number of the order; null when there is none."
    )
    note: str | None = strawberry.field(description="A note for staff; null when there is none.")
    currency: CurrencyCode = strawberry.field(description="The currency of its unit costs.")
    expected_on: date | None = strawberry.field(
        description="The day on which the units should be delivered; null when it is not known."
    )
    ordered_at: datetime | None = strawberry.field(description="When it was ordered; null for a draft.")
    received_at: datetime | None = strawberry.field(
        description="When the last units were delivered; null before that."
    )
    cancelled_at: datetime | None = strawberry.field(description="When it was cancelled; null when it was not.")
    created_at: datetime = strawberry.field(description="When it was drafted.")
    updated_at: datetime = strawberry.field(description="When its status last changed.")
    lines: list[PurchaseOrderLine] = relation(
        "id", load_purchase_lines, many=True, description="Its SKUs in the order of the input; at most 250."
    )


@strawberry.type(description="A SKU at or below its reorder point in a warehouse.")
class PurchaseOrderSuggestion:
    """How many units of a SKU to order."""

    inventory_id: strawberry.Private[UUID]

    available: int = strawberry.field(description="The number of available units in the warehouse.")
    incoming: int = strawberry.field(
        description="The number of units that are ordered for the warehouse, or under way to it by a transfer."
    )
    quantity: int = strawberry.field(
        description="The number of units to order: `InventoryItem.reorderQuantity` without the incoming ones."
    )
    inventory: InventoryItem = relation("inventory_id", load_items_by_id, description=ITEM)
