"""Batch functions of shipments: one statement for a whole level of a query."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.order.models import Order
from domains.shipping.shipments.models import Shipment, ShipmentLine, ShipmentStatus
from gateway.graphql.core.context import Context
from gateway.graphql.core.relations import Derived
from gateway.graphql.engine.loading import many_per_key, one_per_key


@dataclass(frozen=True, slots=True)
class PackedItem:
    """The units of an order's line that are in shipments which are not cancelled, and in dispatched ones."""

    packed: int
    shipped: int


def _itself(key: UUID) -> UUID:
    return key


def _packed(item: PackedItem, _key: UUID) -> int:
    return item.packed


def _shipped(item: PackedItem, _key: UUID) -> int:
    return item.shipped


# Both fields of a line share one load.
PACKED: Final = Derived(_itself, _packed)
SHIPPED: Final = Derived(_itself, _shipped)


async def load_shipments(context: Context, keys: Sequence[UUID]) -> Sequence[Shipment | None]:
    """Shipments by id."""
    rows = await context.services.shipping.shipments.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_shipments_of_orders(context: Context, keys: Sequence[UUID]) -> Sequence[list[Shipment]]:
    """The shipments of orders, by their positions."""
    rows = await context.services.shipping.shipments.of_orders(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_shipment_lines(context: Context, keys: Sequence[UUID]) -> Sequence[list[ShipmentLine]]:
    """The lines of shipments."""
    rows = await context.services.shipping.shipments.lines_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.shipment_id)


async def load_numbers(context: Context, keys: Sequence[UUID]) -> Sequence[str | None]:
    """The numbers of shipments, by their ids."""
    numbers = await context.services.order.parcels.numbers(context.reader, keys)
    return [numbers.get(key) for key in keys]


async def load_shipped_orders(context: Context, keys: Sequence[UUID]) -> Sequence[Order | None]:
    """Orders by id, for those who may see their shipments."""
    rows = await context.services.order.orders_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_packed_items(context: Context, keys: Sequence[UUID]) -> Sequence[PackedItem]:
    """The units of orders' lines in shipments, by the ids of the lines. Two statements."""
    shipments = context.services.shipping.shipments
    lines = await shipments.lines_of_items(context.reader, keys)
    ids = {line.shipment_id for line in lines}
    status = {row.id: row.status for row in await shipments.by_id(context.reader, ids)} if ids else {}
    packed, shipped = Counter[UUID](), Counter[UUID]()
    for line in lines:
        if status[line.shipment_id] is not ShipmentStatus.CANCELLED:
            packed[line.order_item_id] += line.quantity
            if status[line.shipment_id] is not ShipmentStatus.PENDING:
                shipped[line.order_item_id] += line.quantity
    return [PackedItem(packed[key], shipped[key]) for key in keys]
