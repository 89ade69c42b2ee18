"""Deliveries: the units of orders that their shipments have delivered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader

DELIVERED: Final = """
select l.order_item_id, l.quantity, s.delivered_at
from shipments s join shipment_lines l on l.company_id = s.company_id and l.shipment_id = s.id
where s.company_id = $1 and s.order_id = any($2) and s.status = 'DELIVERED'
order by s.delivered_at, l.id
"""


@dataclass(frozen=True, slots=True)
class DeliveredUnits:
    """Units of a line of an order that were delivered together."""

    order_item_id: UUID
    quantity: int
    delivered_at: datetime


async def delivered_units(db: Reader, order_ids: Collection[UUID]) -> list[DeliveredUnits]:
    """The units of orders that were delivered, the earliest first. One statement."""
    return [DeliveredUnits(*row) for row in await db.fetch(DELIVERED, db.company_id, list(order_ids))]
