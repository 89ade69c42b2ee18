"""The GraphQL types of stock and its ledger."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.inventory import models
from domains.inventory.models import MovementType
from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.catalog.loaders import load_products, load_variants_by_id
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.pagination import Connection
from gateway.graphql.inventory.loaders import load_items_by_id, load_movement_pages, load_referred_orders

if TYPE_CHECKING:
    from gateway.graphql.catalog.types import Product, ProductVariant
    from gateway.graphql.order.types import Order

describe(
    MovementType,
    "The type of a stock movement.",
    {
        MovementType.PURCHASE: "Goods were received.",
        MovementType.SALE: "Reserved goods were sold.",
        MovementType.RETURN: "A customer returned goods.",
        MovementType.ADJUSTMENT: "A count, an import or a correction.",
        MovementType.RESERVATION: "Units were reserved for an order or a cart.",
        MovementType.RELEASE: "Reserved units were released.",
        MovementType.DAMAGE: "Goods were damaged.",
        MovementType.THEFT: "Goods were stolen.",
    },
)
MAY_READ = requires(PermissionResource.INVENTORY, PermissionAction.READ)
SEES_ORDERS = requires(PermissionResource.ORDERS, PermissionAction.READ)
LazyProduct = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
LazyVariant = Annotated["ProductVariant", strawberry.lazy("gateway.graphql.catalog.types")]
LazyOrder = Annotated["Order", strawberry.lazy("gateway.graphql.order.types")]


@strawberry.type(description="The stock of one SKU.")
class InventoryItem(Node, model=models.InventoryItem):
    """Available, reserved and total units of a SKU."""

    sku: str = strawberry.field(description="The stock-keeping unit, unique in the company.")
    available_stock: int = strawberry.field(description="The number of units that can be sold.")
    reserved_stock: int = strawberry.field(description="The number of units reserved for orders and carts.")
    total_stock: int = strawberry.field(description="The number of all units, available and reserved.")
    reorder_point: int = strawberry.field(description="The available units at which the SKU should be reordered.")
    reorder_quantity: int = strawberry.field(description="The number of units to reorder.")
    product_id: UUID = strawberry.field(description="The product of the SKU.")
    variant_id: UUID | None = strawberry.field(
        description="The variant of the SKU; null for the SKU of a product without variants."
    )
    location: str | None = strawberry.field(description="The place in the warehouse; null if it is not set.")
    last_restocked: datetime | None = strawberry.field(
        description="When units were last added; null before the first time."
    )
    updated_at: datetime = strawberry.field(description="When stock or reorder levels last changed.")
    product: LazyProduct | None = relation("product_id", load_products, description="The product of the SKU.")
    variant: LazyVariant | None = relation(
        "variant_id",
        load_variants_by_id,
        description="The variant of the SKU; null for the SKU of a product without variants.",
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

    type: MovementType = strawberry.field(description="Why the stock changed.")
    quantity: int = strawberry.field(
        description="The number of units, always positive; see the two deltas for the direction."
    )
    available_delta: int = strawberry.field(description="The change of the available units.")
    reserved_delta: int = strawberry.field(description="The change of the reserved units.")
    balance_after: int = strawberry.field(
        description="The number of all units after the movement, available and reserved."
    )
    reason: str | None = strawberry.field(description="The reason that staff gave; null if there is none.")
    reference: str | None = strawberry.field(
        description="The reference, such as an order's id or a delivery note; null if there is none."
    )
    performed_by: UUID | None = strawberry.field(description="The user who caused the movement; null for the system.")
    actor_kind: ActorKind = strawberry.field(description="The kind of actor that caused the movement.")
    created_at: datetime = strawberry.field(description="When the movement was recorded.")
    inventory_id: UUID = strawberry.field(description="The item whose stock changed.")
    inventory: InventoryItem = relation("inventory_id", load_items_by_id, description="The item whose stock changed.")
    order: LazyOrder | None = relation(
        "reference",
        load_referred_orders,
        guard=SEES_ORDERS,
        description="The order whose id is the reference, for staff; null for other references.",
    )
