"""The allocation of an order's units to warehouses; pure.

Only active warehouses that serve the country of the destination are considered (one without countries serves all),
or only that of a pick-up. Among them the company's `AllocationStrategy` decides:

- FEWEST_PARCELS, the default: the smallest set of warehouses that has all units together. Of several sets of this
  size that with the nearest warehouses, then that with the lowest priorities, then by code. The smallest set is found
  by trying all when at most eight warehouses have any of the units; beyond that the warehouse with most of what is
  missing is taken until nothing is, which can be more than the fewest.
- NEAREST: the nearest warehouse first, then the next for what is missing. Of equally near ones as PRIORITY.
- PRIORITY: the warehouse with the lowest priority first; of equal priorities the nearest, then by code.

Near is (`Place.nearness`): the longest common beginning of the postal codes in the country, the same province, the
same country, all others. Inside a set of warehouses each SKU is taken in the same order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, TypeAlias
from uuid import UUID

from domains.inventory.allocation.places import UNKNOWN, Place
from domains.inventory.errors import InsufficientStock, Shortage
from domains.inventory.models import AllocatedLine, AllocationStrategy

MAX_EXACT: Final = 8  # at most 2^8 sets of warehouses are tried
Free: TypeAlias = Mapping[str, Mapping[UUID, int]]


@dataclass(frozen=True, slots=True)
class Source:
    """An active warehouse. `countries` are those that it serves, all if there are none; low priorities come first."""

    warehouse_id: UUID
    code: str
    priority: int = 0
    countries: frozenset[str] = frozenset()
    place: Place | None = None

    def serves(self, destination: Place | None) -> bool:
        """Whether goods can be sent from here; where the country is not known, they can."""
        return not self.countries or destination is None or destination.country in self.countries


@dataclass(frozen=True, slots=True)
class AllocationRequest:
    """The units of each SKU, and where they go: to a destination, or to the buyer who picks them up somewhere."""

    quantities: Mapping[str, int]
    destination: Place | None = None
    pickup_warehouse_id: UUID | None = None
    strategy: AllocationStrategy = AllocationStrategy.FEWEST_PARCELS


@dataclass(frozen=True, slots=True)
class SourceStock:
    """The warehouses, the free units of each SKU in each, and the units that may be sold beyond them."""

    sources: Sequence[Source]
    free: Free
    backorder_room: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allocation:
    """The units to take from each warehouse by SKU and in the order of preference, and the units on backorder."""

    lines: Sequence[AllocatedLine]
    backordered: Mapping[str, int]


def allocate(request: AllocationRequest, stock: SourceStock) -> Allocation:
    """The warehouses that serve a request, by the company's strategy, whatever the order of the input.

    Units beyond the free ones of all warehouses that may serve are on backorder, within the room for it. Raises
    InsufficientStock with each SKU of which this buyer can get fewer.
    """
    sources = _ranked(request, stock.sources)
    free = {
        sku: {each.warehouse_id: max(0, stock.free.get(sku, {}).get(each.warehouse_id, 0)) for each in sources}
        for sku in request.quantities
    }
    present = {sku: min(quantity, sum(free[sku].values())) for sku, quantity in request.quantities.items()}
    backordered = {sku: quantity - present[sku] for sku, quantity in request.quantities.items()}
    shortages = [
        Shortage(sku, request.quantities[sku], sum(free[sku].values()) + max(0, stock.backorder_room.get(sku, 0)))
        for sku, missing in sorted(backordered.items())
        if missing > max(0, stock.backorder_room.get(sku, 0))
    ]
    if shortages:
        raise InsufficientStock(*shortages)
    chosen = _fewest(sources, present, free) if request.strategy is AllocationStrategy.FEWEST_PARCELS else sources
    lines = [line for sku in sorted(present) for line in _taken(sku, present[sku], chosen, free[sku])]
    return Allocation(lines, {sku: missing for sku, missing in sorted(backordered.items()) if missing})


def serving(request: AllocationRequest, sources: Iterable[Source]) -> list[Source]:
    """The warehouses from which the goods of a request may come, in no order."""
    if request.pickup_warehouse_id is not None:
        return [each for each in sources if each.warehouse_id == request.pickup_warehouse_id]
    return [each for each in sources if each.serves(request.destination)]


def _ranked(request: AllocationRequest, sources: Iterable[Source]) -> list[Source]:
    """The warehouses that may serve, in the order of preference."""
    destination, by_priority = request.destination, request.strategy is AllocationStrategy.PRIORITY

    def rank(source: Source) -> tuple[object, ...]:
        near = source.place.nearness(destination) if source.place and destination else UNKNOWN
        first = (source.priority, near) if by_priority else (near, source.priority)
        return (*first, source.code, source.warehouse_id)

    return sorted(serving(request, sources), key=rank)


def _fewest(sources: Sequence[Source], present: Mapping[str, int], free: Free) -> Sequence[Source]:
    """The smallest set of ranked warehouses that has all units, in the order of their ranks."""
    useful = [
        each for each in sources if any(free[sku][each.warehouse_id] for sku, quantity in present.items() if quantity)
    ]
    if len(useful) > MAX_EXACT:
        return _few(useful, present, free)
    sets = (chosen for size in range(len(useful) + 1) for chosen in combinations(useful, size))
    return next(chosen for chosen in sets if _suffices(chosen, present, free))


def _few(sources: Sequence[Source], present: Mapping[str, int], free: Free) -> list[Source]:
    """A small set: each time the warehouse with most of the missing units, at last without those that are not needed.

    Bounded by the square of the number of warehouses.
    """
    missing, left, chosen = dict(present), list(sources), list[Source]()
    while any(missing.values()):
        best = max(left, key=lambda each: sum(min(missing[sku], free[sku][each.warehouse_id]) for sku in missing))
        left.remove(best)
        chosen.append(best)
        missing = {sku: quantity - min(quantity, free[sku][best.warehouse_id]) for sku, quantity in missing.items()}
    for source in reversed(sources):
        without = [each for each in chosen if each is not source]
        if len(without) < len(chosen) and _suffices(without, present, free):
            chosen = without
    return [source for source in sources if source in chosen]


def _suffices(sources: Iterable[Source], present: Mapping[str, int], free: Free) -> bool:
    """Whether these warehouses have all units together."""
    ids = [each.warehouse_id for each in sources]
    return all(sum(free[sku][each] for each in ids) >= quantity for sku, quantity in present.items())


def _taken(sku: str, quantity: int, sources: Iterable[Source], free: Mapping[UUID, int]) -> list[AllocatedLine]:
    """The units of one SKU from the warehouses, the first ones first."""
    lines = []
    for source in sources:
        if taken := min(quantity, free[source.warehouse_id]):
            lines.append(AllocatedLine(sku, taken, source.warehouse_id))
            quantity -= taken
    return lines
