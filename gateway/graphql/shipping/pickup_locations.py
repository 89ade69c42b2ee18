"""Where buyers collect their goods, in the API: the address of a warehouse, and nothing else of it."""

from typing import Any, Final
from uuid import UUID

import strawberry

from domains.inventory.models import Warehouse
from gateway.graphql.core.fields import relation
from gateway.graphql.core.relations import Derived
from gateway.graphql.inventory.loaders import load_warehouses


@strawberry.type(description="The place at which a buyer collects goods.")
class PickupLocation:
    """The name and the address of a warehouse."""

    name: str = strawberry.field(description="The name of the place.")
    address_line_1: str | None = strawberry.field(description="The street and the number; null when not set.")
    address_line_2: str | None = strawberry.field(description="More of the address; null when there is none.")
    city: str | None = strawberry.field(description="The city; null when not set.")
    province: str | None = strawberry.field(description="The province or state; null when there is none.")
    postal_code: str | None = strawberry.field(description="The postal code; null when not set.")
    country: str | None = strawberry.field(
        description="The country as two letters of ISO 3166-1, such as `DE`; null when not set."
    )


def _itself(warehouse_id: UUID) -> UUID:
    return warehouse_id


def _location(warehouse: Warehouse | None, _warehouse_id: UUID) -> PickupLocation | None:
    if warehouse is None:
        return None
    return PickupLocation(
        name=warehouse.name,
        address_line_1=warehouse.address_line_1,
        address_line_2=warehouse.address_line_2,
        city=warehouse.city,
        province=warehouse.province,
        postal_code=warehouse.postal_code,
        country=warehouse.country,
    )


PICKUP_LOCATION: Final[Any] = relation(
    "pickup_warehouse_id",
    load_warehouses,
    derived=Derived(_itself, _location),
    description="The place at which the buyer collects the goods, with its current address; null when they are sent.",
)
