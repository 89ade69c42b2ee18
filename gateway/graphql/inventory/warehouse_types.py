"""The GraphQL types of warehouses, and of stock in them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.inventory import models
from gateway.graphql.core.fields import relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.pagination import Connection
from gateway.graphql.inventory.loaders import load_incoming, load_items_by_id, load_level_pages, load_warehouses

if TYPE_CHECKING:
    from gateway.graphql.inventory.types import InventoryItem

LazyItem = Annotated["InventoryItem", strawberry.lazy("gateway.graphql.inventory.types")]


@strawberry.type(
    description=(
        "A place where goods are stored. A company has one default warehouse as soon as it stocks anything. Requires "
        "INVENTORY:READ."
    )
)
class Warehouse(Node, model=models.Warehouse):
    """The inventory domain's Warehouse."""

    code: str = strawberry.field(description="The code that staff use, unique in the company: `MAIN`.")
    name: str = strawberry.field(description="The name that staff see, and buyers who pick up their goods there.")
    address_line_1: str | None = strawberry.field(
        description="The street and the number; null when they are not set."
    )
    address_line_2: str | None = strawberry.field(
        description="More of the address, such as a floor; null when there is none."
    )
    city: str | None = strawberry.field(description="The city; null when it is not set.")
    province: str | None = strawberry.field(description="The province or state; null when there is none.")
    postal_code: str | None = strawberry.field(description="The postal code; null when it is not set.")
    country: str | None = strawberry.field(
        description="The country, ISO 3166-1 alpha-2, from which goods are sent; null when it is not set."
    )
    priority: int = strawberry.field(description="The place in the order in which warehouses are used, lowest first.")
    countries: list[str] = strawberry.field(
        description="The countries to which goods are sent from here, ISO 3166-1 alpha-2; empty for all."
    )
    is_active: bool = strawberry.field(
        description="Whether goods are stored and sent here; without it there are none."
    )
    is_default: bool = strawberry.field(
        description="Whether stock is meant that names no warehouse; exactly one warehouse of a company is."
    )
    is_pickup_point: bool = strawberry.field(description="Whether buyers can pick up their goods here.")
    levels: Connection["InventoryLevel"] | None = relation(
        "id", load_level_pages, page=True, description="The stock of the SKUs that are or were here, in no order."
    )
    created_at: datetime = strawberry.field(description="When staff created it, or stock was first entered.")
    updated_at: datetime = strawberry.field(description="When it last changed; a change of its stock is none.")


@strawberry.type(description="The stock of a SKU in a warehouse. Requires INVENTORY:READ.")
class InventoryLevel(Node, model=models.InventoryLevel):
    """Available, reserved and quarantined units of a SKU in a warehouse."""

    inventory_id: UUID = strawberry.field(description="The id of the SKU's item, which has the sums of all levels.")
    inventory: LazyItem = relation(
        "inventory_id", load_items_by_id, description="The SKU's item, which has the sums of all levels."
    )
    warehouse_id: UUID = strawberry.field(description="The id of the warehouse in which the units are.")
    warehouse: Warehouse = relation(
        "warehouse_id", load_warehouses, description="The warehouse in which the units are."
    )
    available_stock: int = strawberry.field(description="The number of units that can be sold now.")
    reserved_stock: int = strawberry.field(
        description="The number of units that are reserved for orders and not shipped yet."
    )
    quarantined_stock: int = strawberry.field(
        description="The number of units that are set apart, such as damaged ones, and cannot be sold."
    )
    total_stock: int = strawberry.field(description="The number of all units: available, reserved and quarantined.")
    incoming: int = relation(
        "id",
        load_incoming,
        description=(
            "The number of units that are under way to the warehouse by transfers, or ordered by purchase orders."
        ),
    )
    location: str | None = strawberry.field(
        description="The place in the warehouse, such as a shelf; null when it is not set."
    )
    last_restocked: datetime | None = strawberry.field(
        description="When units were last added; null when none ever were."
    )
    updated_at: datetime = strawberry.field(description="When the stock or the location last changed.")
