"""The units of orders as staff and buyers see them: which warehouse sends them, and which are waited for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.inventory.models import BackorderKind, BackorderStatus, ReservationStatus
from domains.kernel.database import Reader

ALLOCATED: Final = """
    select r.order_id, i.sku, r.quantity, r.warehouse_id, r.status::text, coalesce(i.variant_id, i.product_id)
    from reservations r join inventory_items i on i.company_id = r.company_id and i.id = r.inventory_id
    join warehouses w on w.company_id = r.company_id and w.id = r.warehouse_id
    where r.company_id = $1 and r.order_id = any($2)
    order by i.sku collate "C", w.code, r.created_at, r.id
"""
BACKORDERED: Final = """
    select b.order_id, i.sku, b.quantity, b.allocated, b.kind::text, b.status::text, b.promised_at, b.created_at
    from backorders b join inventory_items i on i.company_id = b.company_id and i.id = b.inventory_id
    where b.company_id = $1 and b.order_id = any($2)
    order by i.sku collate "C", b.created_at, b.id
"""


@dataclass(frozen=True, slots=True)
class OrderAllocation:
    """Units of an order that a warehouse sends; `owner_id` is the variant or the product of the SKU."""

    order_id: UUID
    sku: str
    quantity: int
    warehouse_id: UUID
    status: ReservationStatus
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class OrderBackorder:
    """Units of an order that it waits for or waited for; `allocated` of them came in."""

    order_id: UUID
    sku: str
    quantity: int
    allocated: int
    kind: BackorderKind
    status: BackorderStatus
    promised_at: datetime | None
    created_at: datetime


class OrderUnitsListing:
    """Reads the allocations and the backorders of orders."""

    async def allocations(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderAllocation]:
        """The units that warehouses send or sent for orders, by SKU and code of the warehouse. One statement."""
        rows = await db.fetch(ALLOCATED, db.company_id, list(order_ids))
        return [
            OrderAllocation(order_id, sku, quantity, warehouse_id, ReservationStatus(status), owner_id)
            for order_id, sku, quantity, warehouse_id, status, owner_id in rows
        ]

    async def backorders(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderBackorder]:
        """What orders wait for or waited for, by SKU. One statement."""
        rows = await db.fetch(BACKORDERED, db.company_id, list(order_ids))
        return [
            OrderBackorder(order_id, sku, quantity, allocated, BackorderKind(kind), BackorderStatus(status), *times)
            for order_id, sku, quantity, allocated, kind, status, *times in rows
        ]
