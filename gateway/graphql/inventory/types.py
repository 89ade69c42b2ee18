"""The GraphQL types of stock and its ledger."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.inventory import models
from domains.inventory.models import AllocationStrategy, BackorderKind, BackorderStatus, MovementType
from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.catalog.loaders import load_products, load_variants_by_id
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.pagination import Connection
from gateway.graphql.inventory.loaders import (
    LEVELS_OF_ITEM,
    LOCATION_OF_ITEM,
    load_items_by_id,
    load_movement_pages,
    load_referred_orders,
    load_stored,
    load_warehouses,
)
from gateway.graphql.inventory.warehouse_types import InventoryLevel, Warehouse

if TYPE_CHECKING:
    from gateway.graphql.catalog.types import Product, ProductVariant
    from gateway.graphql.order.types import Order

describe(
    MovementType,
    "The type of a stock movement.",
    {
        MovementType.PURCHASE: "Units were received, such as from a supplier.",
        MovementType.SALE: "Units were sold, such as reserved units that were shipped to a buyer.",
        MovementType.RETURN: "A buyer returned units.",
        MovementType.ADJUSTMENT: "A count, an import or a correction, in either direction.",
        MovementType.RESERVATION: "Available units were reserved for an order. Written by orders only.",
        MovementType.RELEASE: "Reserved units became available again. Written by orders only.",
        MovementType.DAMAGE: "Units were damaged and removed from stock.",
        MovementType.THEFT: "Units were stolen and removed from stock.",
        MovementType.TRANSFER_OUT: "Units left a warehouse for another one. Written by transfers only.",
        MovementType.TRANSFER_IN: "Units arrived from another warehouse. Written by transfers only.",
        MovementType.QUARANTINE: "Available units were set apart. Written by quarantine only.",
        MovementType.QUARANTINE_RELEASE: "Units that were set apart are available again. Written by quarantine only.",
    },
)
describe(
    AllocationStrategy,
    "How the warehouses of an order are chosen, among the active ones that serve the country of its destination.",
    {
        AllocationStrategy.FEWEST_PARCELS: "The fewest warehouses that have all units; of equally few the nearest.",
        AllocationStrategy.NEAREST: "The nearest warehouse first, then the next for what it does not have.",
        AllocationStrategy.PRIORITY: "The warehouse with the lowest priority first, of equal ones the nearest.",
    },
)
describe(
    BackorderKind,
    "Why units are sold that are not in stock.",
    {
        BackorderKind.BACKORDER: "They are ordered again.",
        BackorderKind.PREORDER: "They have not come out yet.",
    },
)
describe(
    BackorderStatus,
    "The status of a backorder.",
    {
        BackorderStatus.WAITING: "The order waits for units.",
        BackorderStatus.ALLOCATED: "All units came in and are reserved for the order.",
        BackorderStatus.CANCELLED: "The order was cancelled or not paid in time before all units came in.",
    },
)
MAY_READ = requires(PermissionResource.INVENTORY, PermissionAction.READ)
SEES_ORDERS = requires(PermissionResource.ORDERS, PermissionAction.READ)
LazyProduct = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
LazyVariant = Annotated["ProductVariant", strawberry.lazy("gateway.graphql.catalog.types")]
LazyOrder = Annotated["Order", strawberry.lazy("gateway.graphql.order.types")]


@strawberry.type(description="The stock of one SKU: of a variant, or of a product without variants.")
class InventoryItem(Node, model=models.InventoryItem):
    """Available, reserved and total units of a SKU."""

    sku: str = strawberry.field(description="The stock-keeping unit, unique in the company.")
    available_stock: int = strawberry.field(description="The number of units that can be sold now.")
    reserved_stock: int = strawberry.field(
        description="The number of units that are reserved for orders and not shipped yet."
    )
    quarantined_stock: int = strawberry.field(
        description="The number of units that are set apart, such as damaged ones, and cannot be sold."
    )
    total_stock: int = strawberry.field(
        description="The number of all units in all warehouses: available, reserved and quarantined."
    )
    reorder_point: int = strawberry.field(
        description="The number of available units at or below which the SKU should be reordered."
    )
    reorder_quantity: int = strawberry.field(description="The number of units to order from the supplier at a time.")
    max_stock_threshold: int | None = strawberry.field(
        description="The number of units on hand above which the SKU is overstocked; null when there is no limit."
    )
    product_id: UUID = strawberry.field(
        description="The id of the product that the SKU belongs to, itself or by a variant."
    )
    variant_id: UUID | None = strawberry.field(
        description="The id of the variant that the SKU belongs to; null for a product without variants."
    )
    location: str | None = relation(
        "id",
        load_stored,
        derived=LOCATION_OF_ITEM,
        description="The place in the default warehouse, such as a shelf; null when it is not set.",
    )
    last_restocked: datetime | None = strawberry.field(
        description="When units were last added; null when none ever were."
    )
    backorder_limit: int = strawberry.field(
        description="The number of units that may be sold beyond those in stock, waiting ones included; 0 for none."
    )
    backorder_kind: BackorderKind = strawberry.field(
        description="Whether buyers of units beyond the stock are told of a backorder or of a pre-order."
    )
    promised_at: datetime | None = strawberry.field(
        description="When units beyond the stock are expected; null when it is not known."
    )
    backordered_units: int = strawberry.field(description="The number of units that orders wait for.")
    updated_at: datetime = strawberry.field(description="When stock or reorder levels last changed.")
    product: LazyProduct | None = relation(
        "product_id", load_products, description="The product that the SKU belongs to; null when you may not see it."
    )
    variant: LazyVariant | None = relation(
        "variant_id",
        load_variants_by_id,
        description=(
            "The variant that the SKU belongs to; null for a product without variants, and when you may not see it."
        ),
    )
    levels: list[InventoryLevel] | None = relation(
        "id",
        load_stored,
        derived=LEVELS_OF_ITEM,
        description="The stock in each warehouse, by the warehouses' codes. Requires INVENTORY:READ.",
        guard=MAY_READ,
    )
    movements: Connection["StockMovement"] | None = relation(
        "id",
        load_movement_pages,
        page=True,
        description="The ledger of the SKU, newest first. Requires INVENTORY:READ.",
        guard=MAY_READ,
    )

    @computed
    def is_low(self) -> bool:
        """Whether the available stock is at or below the reorder point."""
        return self.available_stock <= self.reorder_point


@strawberry.type(description="One entry of the stock ledger. Entries are never changed.")
class StockMovement(Node, model=models.StockMovement):
    """A movement of units."""

    type: MovementType = strawberry.field(description="The reason of the change in general, such as a purchase.")
    quantity: int = strawberry.field(
        description=("The number of units, always positive; `availableDelta` and `reservedDelta` have the direction.")
    )
    available_delta: int = strawberry.field(
        description="The change of the number of available units; negative when units left."
    )
    reserved_delta: int = strawberry.field(
        description="The change of the number of reserved units; negative when units were shipped or released."
    )
    quarantined_delta: int = strawberry.field(
        description="The change of the number of quarantined units; negative when they became available or left."
    )
    balance_after: int = strawberry.field(description="The number of all units in the warehouse after the movement.")
    reason: str | None = strawberry.field(description="The reason that staff entered; null when there is none.")
    reference: str | None = strawberry.field(
        description=(
            "What the movement belongs to, such as an order's id or a delivery note; null when there is none."
        )
    )
    performed_by: UUID | None = strawberry.field(
        description="The id of the user who caused the movement; null for guests and the platform."
    )
    actor_kind: ActorKind = strawberry.field(
        description="Whether a user, a guest, an import or the platform caused the movement."
    )
    created_at: datetime = strawberry.field(description="When the movement was recorded.")
    inventory_id: UUID = strawberry.field(description="The id of the item whose stock changed.")
    inventory: InventoryItem = relation(
        "inventory_id", load_items_by_id, description="The item whose stock changed, as it is now."
    )
    warehouse_id: UUID = strawberry.field(description="The id of the warehouse in which units moved.")
    warehouse: Warehouse = relation(
        "warehouse_id", load_warehouses, description="The warehouse in which units moved, as it is now."
    )
    order: LazyOrder | None = relation(
        "reference",
        load_referred_orders,
        guard=SEES_ORDERS,
        description="The order whose id is the reference; null for other references. Requires ORDERS:READ.",
    )
