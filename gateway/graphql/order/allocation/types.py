"""Which warehouses send the units of an order, and which units it waits for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from domains.inventory.models import BackorderKind, BackorderStatus, ReservationStatus
from gateway.graphql.core.context import Context
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import present_all
from gateway.graphql.engine.loading import many_per_key
from gateway.graphql.inventory import types as _types  # noqa: F401 - it describes the enums used here

describe(
    ReservationStatus,
    "The status of reserved units.",
    {
        ReservationStatus.ACTIVE: "The units are reserved for the order.",
        ReservationStatus.CONFIRMED: "The units were shipped.",
        ReservationStatus.RELEASED: "The units are available again.",
    },
)


@strawberry.type(description="Units of an order that a warehouse sends.")
class OrderAllocation:
    """A SKU of an order in a warehouse."""

    sku: str = strawberry.field(description="The stock-keeping unit, as it is now.")
    quantity: int = strawberry.field(description="The number of units.")
    warehouse_id: UUID = strawberry.field(description="The warehouse that sends them, by its id.")
    status: ReservationStatus = strawberry.field(description="Whether the units are reserved, shipped or released.")


@strawberry.type(description="Units of an order that were not in stock when it was created.")
class OrderBackorder:
    """A SKU of an order that waits for units."""

    sku: str = strawberry.field(description="The stock-keeping unit, as it is now.")
    quantity: int = strawberry.field(description="The number of units that the order waits for, or waited for.")
    allocated: int = strawberry.field(description="How many of them came in and are reserved for the order.")
    kind: BackorderKind = strawberry.field(description="Whether it is a backorder or a pre-order.")
    status: BackorderStatus = strawberry.field(description="Whether the order still waits.")
    promised_at: datetime | None = strawberry.field(
        description="When the units were expected, at the time of the order; null if it was not known."
    )
    created_at: datetime = strawberry.field(description="The time of the order: the oldest gets units first.")


async def load_allocations(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderAllocation]]:
    """The units of orders in warehouses."""
    rows = await context.services.inventory.order_units.allocations(context.reader, keys)
    found = many_per_key(keys, rows, lambda row: row.order_id)
    return [present_all(OrderAllocation, of_order) for of_order in found]


async def load_backorders(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderBackorder]]:
    """The backorders of orders."""
    rows = await context.services.inventory.order_units.backorders(context.reader, keys)
    found = many_per_key(keys, rows, lambda row: row.order_id)
    return [present_all(OrderBackorder, of_order) for of_order in found]
