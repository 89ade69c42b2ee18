"""Which waiting orders get units that came in: the oldest first, from the warehouses that may serve them; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.inventory.allocation.places import Place
from domains.inventory.allocation.policy import AllocationRequest, Source, serving


@dataclass(frozen=True, slots=True)
class Waiting:
    """The units of a SKU that an order still waits for, and where they go; as in AllocationRequest.

    `expires_at` is when the order expires.
    """

    backorder_id: UUID
    inventory_id: UUID
    order_id: UUID
    units: int
    created_at: datetime
    country: str | None = None
    pickup_warehouse_id: UUID | None = None
    expires_at: datetime | None = None

    @property
    def request(self) -> AllocationRequest:
        """Where the units go."""
        destination = Place.of(self.country) if self.country else None
        return AllocationRequest({}, destination, self.pickup_warehouse_id)


@dataclass(frozen=True, slots=True)
class Filling:
    """Units of a warehouse that a waiting order gets; `is_last` when it then waits for none of this SKU."""

    waiting: Waiting
    warehouse_id: UUID
    units: int
    is_last: bool


def fillings(
    waiting: Iterable[Waiting], sources: Sequence[Source], free: Mapping[UUID, Mapping[UUID, int]]
) -> list[Filling]:
    """The units that waiting orders get of the free ones, which are given by inventory item and warehouse.

    The oldest order is first, and gets a part if there is no more. Each takes from the warehouses that may serve it,
    the lowest priority first, then by code.
    """
    left = {item: dict(levels) for item, levels in free.items()}
    filled = []
    for each in sorted(waiting, key=lambda each: (each.created_at, each.backorder_id)):
        levels, missing = left.get(each.inventory_id, {}), each.units
        for source in sorted(serving(each.request, sources), key=lambda source: (source.priority, source.code)):
            units = min(missing, levels.get(source.warehouse_id, 0))
            if units:
                levels[source.warehouse_id] -= units
                missing -= units
                filled.append(Filling(each, source.warehouse_id, units, is_last=missing == 0))
    return filled
