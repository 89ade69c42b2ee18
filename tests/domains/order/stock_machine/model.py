"""A model of stock in three warehouses: orders, allocations, backorders, transfers, stock takes, quarantine."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from domains.inventory.allocation.places import Place
from domains.inventory.allocation.policy import AllocationRequest, Source, SourceStock, allocate
from domains.inventory.errors import InsufficientStock
from domains.inventory.models import AllocationStrategy

Where: TypeAlias = tuple[str, str]
"""A SKU and the code of a warehouse."""
SKUS: Final = ("A", "B", "C")
MAIN, EAST, WEST = "MAIN", "EAST", "WEST"
WAREHOUSES: Final = (MAIN, EAST, WEST)  # in the order of their priorities
SERVED: Final[Mapping[str, frozenset[str]]] = {
    MAIN: frozenset(),
    EAST: frozenset({"GB", "DE"}),
    WEST: frozenset({"GB"}),
}


class State(StrEnum):
    """What an order, a transfer or a stock take still may become."""

    OPEN = "OPEN"
    UNDER_WAY = "UNDER_WAY"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


@dataclass
class ModelOrder:
    """An order: what it holds in each warehouse, and the units that it waits for."""

    country: str
    held: Counter[Where]
    waiting: Counter[str]
    state: State = State.OPEN
    is_accepted: bool = False


@dataclass
class ModelTransfer:
    """A transfer of units of one SKU."""

    sku: str
    source: str
    target: str
    units: int
    arrived: int = 0
    lost: int = 0
    state: State = State.OPEN

    @property
    def under_way(self) -> int:
        return self.units - self.arrived - self.lost if self.state is State.UNDER_WAY else 0


@dataclass
class ModelTake:
    """A stock take of one SKU in a warehouse, and how far the count was from what was there."""

    sku: str
    warehouse: str
    difference: int
    state: State = State.OPEN


@dataclass
class Model:
    """Free and quarantined units by SKU and warehouse, and all that moves them. Methods return whether they apply."""

    ids: dict[str, UUID]
    free: Counter[Where] = field(default_factory=Counter)
    quarantined: Counter[Where] = field(default_factory=Counter)
    limits: Counter[str] = field(default_factory=Counter)
    strategy: AllocationStrategy = AllocationStrategy.FEWEST_PARCELS
    orders: list[ModelOrder] = field(default_factory=list)
    transfers: list[ModelTransfer] = field(default_factory=list)
    takes: list[ModelTake] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    # ---- what is there

    def reserved(self, where: Where) -> int:
        return sum(order.held[where] for order in self.orders if order.state is State.OPEN)

    def waiting(self, sku: str) -> int:
        return sum(order.waiting[sku] for order in self.orders if order.state is State.OPEN)

    def present(self, where: Where) -> int:
        """All units of a SKU in a warehouse."""
        return self.free[where] + self.reserved(where) + self.quarantined[where]

    def buyable(self, sku: str) -> int:
        """The units that some buyer can get."""
        return sum(self.free[sku, code] for code in WAREHOUSES) + self.limits[sku] - self.waiting(sku)

    # ---- goods that come and go

    def change(self, where: Where, by: int) -> bool:
        if self.free[where] + by < 0:
            return False
        self.free[where] += by
        self.fill(where[0])
        return True

    def quarantine(self, where: Where, units: int) -> bool:
        """Move units into quarantine, or out of it (below zero)."""
        if self.free[where] < units or self.quarantined[where] < -units:
            return False
        self.quarantined[where] += units
        self.seen["quarantined" if units > 0 else "released"] += 1
        return self.change(where, -units)

    def write_off(self, where: Where, units: int) -> bool:
        if self.quarantined[where] < units:
            return False
        self.quarantined[where] -= units
        self.seen["written off"] += 1
        return True

    def fill(self, sku: str) -> None:
        """Give free units to the orders that wait for them, the oldest first, by the priority of warehouses."""
        for order in self.orders:
            for code in WAREHOUSES:
                served = SERVED[code]
                if order.state is State.OPEN and (not served or order.country in served):
                    units = min(order.waiting[sku], self.free[sku, code])
                    order.waiting[sku] -= units
                    order.held[sku, code] += units
                    self.free[sku, code] -= units
                    self.seen["filled"] += units > 0

    # ---- orders

    def order(self, quantities: Mapping[str, int], country: str) -> bool:
        """Allocate by the policy, which has tests of its own."""
        sources = [Source(self.ids[code], code, WAREHOUSES.index(code), SERVED[code]) for code in WAREHOUSES]
        codes = {self.ids[code]: code for code in WAREHOUSES}
        free = {sku: {self.ids[code]: self.free[sku, code] for code in WAREHOUSES} for sku in quantities}
        room = {sku: self.limits[sku] - self.waiting(sku) for sku in quantities}
        request = AllocationRequest(quantities, Place.of(country), strategy=self.strategy)
        try:
            allocation = allocate(request, SourceStock(sources, free, room))
        except InsufficientStock:
            self.seen["short"] += 1
            return False
        held = Counter({(line.sku, codes[line.warehouse_id]): line.quantity for line in allocation.lines})
        self.free.subtract(held)
        self.orders.append(ModelOrder(country, held, Counter(allocation.backordered)))
        self.seen["split"] += len({code for _, code in held}) > 1
        self.seen["backordered"] += bool(allocation.backordered)
        return True

    def ship(self, order: ModelOrder) -> bool:
        """Accept an order, and ship it unless it waits for units."""
        if order.state is not State.OPEN:
            return False
        order.is_accepted = True
        if +order.waiting:
            return False
        order.state = State.DONE
        self.seen["shipped"] += 1
        return True

    def cancel(self, order: ModelOrder) -> bool:
        """End an open order: its units are free again, and other orders may wait for them."""
        if order.state is not State.OPEN:
            return False
        order.state = State.CANCELLED
        self.free.update(order.held)
        for sku in sorted({sku for sku, _ in order.held}):
            self.fill(sku)
        self.seen["cancelled"] += 1
        return True

    def expire(self) -> None:
        """End the orders that are not accepted in time, the oldest first."""
        for order in self.orders:
            if not order.is_accepted:
                self.cancel(order)

    def reallocate(self, order: ModelOrder, sku: str, codes: tuple[str, str], units: int) -> bool:
        source, target = (sku, codes[0]), (sku, codes[1])
        if order.state is not State.OPEN or codes[0] == codes[1]:
            return False
        if order.held[source] < units or self.free[target] < units:
            return False
        order.held[source] -= units
        order.held[target] += units
        self.free[target] -= units
        self.seen["reallocated"] += 1
        return self.change(source, units)

    def limit(self, sku: str, limit: int) -> bool:
        if limit < self.waiting(sku):
            return False
        self.limits[sku] = limit
        return True

    # ---- transfers

    def send(self, transfer: ModelTransfer) -> bool:
        source = (transfer.sku, transfer.source)
        if transfer.state is not State.OPEN or self.free[source] < transfer.units:
            return False
        self.free[source] -= transfer.units
        transfer.state = State.UNDER_WAY
        return True

    def receive(self, transfer: ModelTransfer, arrived: int, lost: int) -> bool:
        if transfer.state is not State.UNDER_WAY or arrived + lost > transfer.under_way:
            return False
        transfer.arrived += arrived
        transfer.lost += lost
        self.seen["lost"] += lost
        if not transfer.under_way:
            transfer.state = State.DONE
            self.seen["received"] += 1
        return self.change((transfer.sku, transfer.target), arrived)

    def call_back(self, transfer: ModelTransfer) -> bool:
        """Cancel a transfer of which nothing was received."""
        may_end = transfer.state is State.OPEN or (transfer.state is State.UNDER_WAY and not self._touched(transfer))
        if not may_end:
            return False
        returned, transfer.state = transfer.under_way, State.CANCELLED
        self.seen["returned"] += returned
        return self.change((transfer.sku, transfer.source), returned)

    @staticmethod
    def _touched(transfer: ModelTransfer) -> bool:
        return bool(transfer.arrived or transfer.lost)

    # ---- stock takes

    def count(self, where: Where, counted: int) -> bool:
        if any(take.state is State.OPEN and (take.sku, take.warehouse) == where for take in self.takes):
            return False
        self.takes.append(ModelTake(*where, counted - self.present(where)))
        return True

    def complete(self, take: ModelTake) -> bool:
        if take.state is not State.OPEN or self.free[take.sku, take.warehouse] + take.difference < 0:
            return False
        take.state = State.DONE
        self.seen["corrected"] += take.difference != 0
        return self.change((take.sku, take.warehouse), take.difference)
