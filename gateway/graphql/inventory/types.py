"""Stock and its ledger as the API shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.inventory.models import MovementType
from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.catalog.loaders import load_products, load_variants_by_id
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation, requires
from gateway.graphql.core.pagination import Connection
from gateway.graphql.inventory.loaders import load_items_by_id, load_movement_pages, load_referred_orders

if TYPE_CHECKING:
    from gateway.graphql.catalog.types import Product, ProductVariant
    from gateway.graphql.order.types import Order

describe(
    MovementType,
    "Why stock changed.",
    {
        MovementType.PURCHASE: "Goods came in.",
        MovementType.SALE: "Goods were sold.",
        MovementType.RETURN: "A customer sent goods back.",
        MovementType.ADJUSTMENT: "A count, an import or a correction.",
        MovementType.RESERVATION: "Units were set aside for an order or a cart.",
        MovementType.RELEASE: "Units set aside were freed again.",
        MovementType.DAMAGE: "Goods were broken.",
        MovementType.THEFT: "Goods were stolen.",
    },
)
MAY_READ = requires(PermissionResource.INVENTORY, PermissionAction.READ)
SEES_ORDERS = requires(PermissionResource.ORDERS, PermissionAction.READ)
ItsProduct = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
ItsVariant = Annotated["ProductVariant", strawberry.lazy("gateway.graphql.catalog.types")]
ItsOrder = Annotated["Order", strawberry.lazy("gateway.graphql.order.types")]


@strawberry.type(description="The stock of one SKU.")
class InventoryItem:
    """Free, reserved and total units of a SKU."""

    id: UUID = strawberry.field(description="Its id.")
    sku: str = strawberry.field(description="What is stocked.")
    available_stock: int = strawberry.field(description="Units that are free to sell.")
    reserved_stock: int = strawberry.field(description="Units set aside for orders and carts.")
    total_stock: int = strawberry.field(description="All units, free and reserved.")
    reorder_point: int = strawberry.field(description="At how many free units to order again.")
    reorder_quantity: int = strawberry.field(description="How many to order then.")
    product_id: UUID = strawberry.field(description="The product it belongs to.")
    variant_id: UUID | None = strawberry.field(description="The variant it belongs to; null for a product's own SKU.")
    location: str | None = strawberry.field(description="Where it lies.")
    last_restocked: datetime | None = strawberry.field(description="When units last came in.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    product: ItsProduct | None = relation("product_id", load_products, description="The product it belongs to.")
    variant: ItsVariant | None = relation(
        "variant_id", load_variants_by_id, description="The variant it belongs to; null for a product's own SKU."
    )
    movements: Connection["StockMovement"] | None = relation(
        "id",
        load_movement_pages,
        page=True,
        description="Its ledger, newest first; null to who may not read stock.",
        guard=MAY_READ,
    )

    @computed
    def is_low(self) -> bool:
        """Whether free stock is at or below the reorder point."""
        return self.available_stock <= self.reorder_point


@strawberry.type(description="One entry of the stock ledger. Entries are never changed.")
class StockMovement:
    """A movement of units."""

    id: UUID = strawberry.field(description="Its id.")
    type: MovementType = strawberry.field(description="Why stock changed.")
    quantity: int = strawberry.field(description="How many units moved.")
    available_delta: int = strawberry.field(description="By how many the free units changed.")
    reserved_delta: int = strawberry.field(description="By how many the reserved units changed.")
    balance_after: int = strawberry.field(description="All units after it, free and reserved.")
    reason: str | None = strawberry.field(description="Why, in words.")
    reference: str | None = strawberry.field(description="What it belongs to, such as an order or a file.")
    performed_by: UUID | None = strawberry.field(description="The user who did it; null for the system.")
    actor_kind: ActorKind = strawberry.field(description="What sort of actor did it.")
    created_at: datetime = strawberry.field(description="When it happened.")
    inventory_id: UUID = strawberry.field(description="The item whose stock changed.")
    inventory: InventoryItem = relation("inventory_id", load_items_by_id, description="The item whose stock changed.")
    order: ItsOrder | None = relation(
        "reference",
        load_referred_orders,
        guard=SEES_ORDERS,
        description="The order that its reference names, for staff; null when it names none.",
    )
