"""The GraphQL types of shipments and their lines."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.shipping.shipments import models
from domains.shipping.shipments.models import ShipmentStatus
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.relations import Derived
from gateway.graphql.core.scalars import JSON, Money
from gateway.graphql.inventory.loaders import load_warehouses
from gateway.graphql.inventory.types import MAY_READ as READS_INVENTORY
from gateway.graphql.inventory.warehouse_types import Warehouse
from gateway.graphql.order.loaders import load_order_addresses
from gateway.graphql.shipping.carriers.loaders import load_carriers
from gateway.graphql.shipping.carriers.queries import MAY_READ as READS_SETTINGS
from gateway.graphql.shipping.carriers.types import Carrier
from gateway.graphql.shipping.labels.loaders import load_labels
from gateway.graphql.shipping.labels.types import READS_ORDERS, ShippingLabel
from gateway.graphql.shipping.shipments.loaders import (
    PACKED,
    SHIPPED,
    load_numbers,
    load_packed_items,
    load_shipment_lines,
    load_shipments,
    load_shipments_of_orders,
    load_shipped_orders,
)
from gateway.graphql.shipping.tracking.types import SHIPMENT_EVENTS, ShipmentTracking

if TYPE_CHECKING:
    from gateway.graphql.order.types import Order, OrderAddress

LazyOrder = Annotated["Order", strawberry.lazy("gateway.graphql.order.types")]
LazyAddress = Annotated["OrderAddress", strawberry.lazy("gateway.graphql.order.types")]
SEES_USERS: Final = requires(PermissionResource.USERS, PermissionAction.READ)

describe(
    ShipmentStatus,
    "The status of a shipment: it follows from when it was dispatched, and from the latest event at its carrier.",
    {
        ShipmentStatus.PENDING: "It is packed; its units are still in stock, reserved for the order.",
        ShipmentStatus.IN_TRANSIT: "It was dispatched: its units left the stock.",
        ShipmentStatus.OUT_FOR_DELIVERY: "It is in the vehicle that delivers it.",
        ShipmentStatus.READY_FOR_PICKUP: "It waits for its recipient at a pick-up point.",
        ShipmentStatus.DELIVERED: "It was delivered, or collected.",
        ShipmentStatus.EXCEPTION: "Something went wrong: ask the carrier.",
        ShipmentStatus.RETURNED_TO_SENDER: "It could not be delivered, and comes back.",
        ShipmentStatus.LOST: "Its carrier has lost it, and will not deliver it.",
        ShipmentStatus.CANCELLED: "It was unpacked before it was dispatched.",
    },
)


@strawberry.type(description="Units of an order's line in a shipment.")
class ShipmentLine:
    """A line of a shipment."""

    order_item_id: UUID = strawberry.field(description="The id of the order's line.")
    sku: str = strawberry.field(description="The stock-keeping unit at the time of the order; may be empty.")
    quantity: int = strawberry.field(description="The number of units in the shipment, at least 1.")
    restocked: int = strawberry.field(
        description="How many of them came back undelivered and were put into stock again."
    )


def _money(shipment: models.Shipment) -> Money | None:
    if shipment.cost is None or shipment.currency is None:
        return None
    return present(Money, KernelMoney(shipment.cost, shipment.currency))


def _cost(shipment: models.Shipment, _key: UUID) -> Money | None:
    return _money(shipment)


def _itself(key: UUID) -> UUID:
    return key


@strawberry.type(
    description=(
        "A parcel of an order: units of its lines that one warehouse sends. Its buyer sees it with the order, "
        "without what it costs."
    )
)
class Shipment(Node, model=models.Shipment):
    """The shipping domain's Shipment."""

    number: str = relation(
        "id",
        load_numbers,
        description="The number of the shipment: that of its order, a hyphen, and its position, such as `1001-2`.",
    )
    position: int = strawberry.field(description="The number of the shipment in its order, from 1.")
    status: ShipmentStatus = strawberry.field(
        description="Whether it is packed, on its way, delivered, or has come to another end."
    )
    order_id: UUID = strawberry.field(description="The id of the order whose units are in it.")
    order: LazyOrder = relation("order_id", load_shipped_orders, description="The order whose units are in it.")
    lines: list[ShipmentLine] = relation(
        "id", load_shipment_lines, many=True, size=3, description="The units in it, by the line of the order."
    )
    warehouse_id: UUID | None = guarded(
        READS_ORDERS,
        "warehouse_id",
        description=("The id of the warehouse that sends it; null for older shipments. Requires ORDERS:READ."),
    )
    warehouse: Warehouse | None = relation(
        "warehouse_id",
        load_warehouses,
        guard=READS_INVENTORY,
        description="The warehouse that sends it, as it is now. Requires INVENTORY:READ.",
    )
    carrier_id: UUID | None = strawberry.field(description="The id of its carrier; null when none was chosen.")
    carrier: Carrier | None = relation(
        "carrier_id", load_carriers, guard=READS_SETTINGS, description="Its carrier. Requires SETTINGS:READ."
    )
    carrier_name: str | None = strawberry.field(
        description="The name of the carrier when the shipment was made; null when it is not known."
    )
    method_name: str | None = strawberry.field(
        description="The shipping method of the order at the time of the order; null for older orders."
    )
    label_id: UUID | None = guarded(
        READS_ORDERS, "label_id", description="The id of its shipping label; null without one. Requires ORDERS:READ."
    )
    label: ShippingLabel | None = relation(
        "label_id",
        load_labels,
        guard=READS_ORDERS,
        description="Its shipping label; null when it was made elsewhere. Requires ORDERS:READ.",
    )
    tracking_number: str | None = strawberry.field(
        description="The number by which the carrier tracks it; null when it is not known."
    )
    tracking_url: str | None = strawberry.field(
        description="The page on which the carrier shows where it is; null when it is not known."
    )
    weight: Decimal | None = strawberry.field(description="Its weight in kg; null when it is not known.")
    cost: Money | None = relation(
        "id",
        load_shipments,
        derived=Derived(_itself, _cost),
        guard=READS_ORDERS,
        description="What the carrier charges for it; null when it is not known. Requires ORDERS:READ.",
    )
    origin: JSON | None = guarded(
        READS_ORDERS,
        "origin",
        description="The place from which it is sent, as it was then; null when not known. Requires ORDERS:READ.",
    )
    destination: LazyAddress | None = relation(
        "destination_id",
        load_order_addresses,
        description="The address to which it is sent; null for goods that the buyer collects.",
    )
    estimated_delivery_date: date | None = strawberry.field(
        description="The last day on which its delivery is expected; null without an estimate."
    )
    shipped_at: datetime | None = strawberry.field(description="When it was dispatched; null before.")
    tracked_at: datetime | None = strawberry.field(
        description="When it reached its status, at the carrier's time; null before the carrier said anything."
    )
    delivered_at: datetime | None = strawberry.field(description="When it was delivered; null before.")
    cancelled_at: datetime | None = strawberry.field(description="When it was cancelled; null when it was not.")
    created_at: datetime = strawberry.field(description="When it was packed.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    created_by: UUID | None = guarded(
        SEES_USERS, "created_by", description="The id of the user who packed it. Requires USERS:READ."
    )

    events: list[ShipmentTracking] = SHIPMENT_EVENTS
    received_back_at: datetime | None = strawberry.field(
        description="When its goods were received after it came back undelivered; null before."
    )

    destination_id: strawberry.Private[UUID | None]


ORDER_SHIPMENTS: Final = relation(
    "id",
    load_shipments_of_orders,
    many=True,
    size=2,
    description="The shipments of the order, by their positions; cancelled ones are among them.",
)
"""The field of an order."""
PACKED_QUANTITY: Final = relation(
    "id",
    load_packed_items,
    derived=PACKED,
    description="The number of units in shipments, dispatched or not; those of cancelled shipments do not count.",
)
"""A field of an order's line."""
SHIPPED_QUANTITY: Final = relation(
    "id", load_packed_items, derived=SHIPPED, description="The number of units in shipments that were dispatched."
)
"""A field of an order's line."""
