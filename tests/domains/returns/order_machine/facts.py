"""The facts of a modelled order, and the three statuses that follow from them (by the design, not the code)."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

PRICES: Final = {"A": Decimal("10.00"), "B": Decimal("7.35"), "C": Decimal("0.99")}
NOTHING: Final = Decimal("0.00")
# Of two events at the same time, the one further down decides.
RANK: Final = (
    *("PRE_TRANSIT", "PICKED_UP", "IN_TRANSIT", "OUT_FOR_DELIVERY", "AVAILABLE_FOR_PICKUP"),
    *("EXCEPTION", "LOST", "DELIVERED", "RETURN_TO_SENDER"),
)
STATUS_OF_EVENT: Final = {
    "EXCEPTION": "EXCEPTION",
    "OUT_FOR_DELIVERY": "OUT_FOR_DELIVERY",
    "AVAILABLE_FOR_PICKUP": "READY_FOR_PICKUP",
    "DELIVERED": "DELIVERED",
    "RETURN_TO_SENDER": "RETURNED_TO_SENDER",
    "LOST": "LOST",
}
CAME_BACK: Final = {"RETURNED_TO_SENDER", "LOST"}


class ParcelState(StrEnum):
    """What the shop has done with a parcel."""

    PENDING = "PENDING"
    SENT = "SENT"
    CANCELLED = "CANCELLED"


@dataclass
class ModelParcel:
    """A shipment of units from one warehouse; its events are minutes of the carrier's time and statuses."""

    warehouse: str
    units: Counter[str]
    state: ParcelState
    events: set[tuple[int, str]] = field(default_factory=set)
    is_received_back: bool = False
    is_kept: bool = False  # it stays delivered, because units of it were returned

    @property
    def status(self) -> str:
        if self.state is not ParcelState.SENT:
            return self.state.value
        return "DELIVERED" if self.is_kept else self.latest

    @property
    def latest(self) -> str:
        """The status that the latest event says."""
        latest = max(self.events, key=lambda each: (each[0], RANK.index(each[1])), default=(0, "IN_TRANSIT"))
        return STATUS_OF_EVENT.get(latest[1], "IN_TRANSIT")


@dataclass
class ModelReturn:
    """A return request: units by SKU, as far as each step has got."""

    requested: Counter[str]
    approved: Counter[str] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)
    inspected: Counter[str] = field(default_factory=Counter)
    refunded: Counter[str] = field(default_factory=Counter)
    is_approved: bool = False
    is_over: bool = False  # rejected, cancelled or closed: what did not come back is free to be asked for again

    @property
    def bound(self) -> Counter[str]:
        """The units that no other request can have."""
        if self.is_over:
            return self.received
        return self.approved if self.is_approved else self.requested


@dataclass
class ModelLine:
    """A line of an order: the units that were ordered, and those that edits removed."""

    ordered: int
    dropped: int = 0

    @property
    def wanted(self) -> int:
        return self.ordered - self.dropped


@dataclass
class ModelOrder:
    """An order with its parcels and returns, and the money that went in and out."""

    lines: dict[str, ModelLine]
    held: Counter[tuple[str, str]]
    parcels: list[ModelParcel] = field(default_factory=list)
    returns: list[ModelReturn] = field(default_factory=list)
    is_accepted: bool = False
    is_paid: bool = False
    is_processing: bool = False
    is_cancelled: bool = False
    is_failed: bool = False
    is_on_hold: bool = False
    captured: Decimal = NOTHING
    refunded: Decimal = NOTHING
    repaid: Decimal = NOTHING
    expires_at: int | None = None  # minutes, of an order that is not paid yet

    # ---- units

    def sum_of(self, states: set[str]) -> Counter[str]:
        """The units in parcels of these statuses."""
        units = Counter[str]()
        for parcel in self.parcels:
            if parcel.status in states:
                units += parcel.units
        return units

    @property
    def packed(self) -> Counter[str]:
        return self._parcels_in({ParcelState.PENDING, ParcelState.SENT})

    @property
    def sent(self) -> Counter[str]:
        return self._parcels_in({ParcelState.SENT})

    def _parcels_in(self, states: set[ParcelState]) -> Counter[str]:
        units = Counter[str]()
        for parcel in self.parcels:
            if parcel.state in states:
                units += parcel.units
        return units

    @property
    def wanted(self) -> Counter[str]:
        return +Counter({sku: line.wanted for sku, line in self.lines.items()})

    @property
    def left_to_pack(self) -> Counter[str]:
        return self.wanted - self.packed

    @property
    def delivered(self) -> Counter[str]:
        return self.sum_of({"DELIVERED"})

    @property
    def came_back(self) -> Counter[str]:
        return self.sum_of(CAME_BACK)

    @property
    def returned(self) -> Counter[str]:
        return sum((each.received for each in self.returns), Counter())

    # ---- money

    @property
    def total(self) -> Decimal:
        return sum((PRICES[sku] * units for sku, units in self.wanted.items()), NOTHING)

    @property
    def net(self) -> Decimal:
        """What was paid for the order as it is now."""
        return self.captured - self.repaid

    @property
    def due(self) -> Decimal:
        """What the buyer can pay."""
        ended = self.status in {"CANCELLED", "REFUNDED", "FAILED"}
        return NOTHING if ended else max(self.total - self.net, NOTHING)

    @property
    def left_to_refund(self) -> Decimal:
        return self.captured - self.refunded

    @property
    def is_given_back(self) -> bool:
        """Whether all that was paid for it was refunded."""
        return NOTHING < self.net <= self.refunded - self.repaid

    # ---- statuses

    @property
    def is_over(self) -> bool:
        return self.is_cancelled or self.is_failed

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to send of it."""
        return self.is_over or not self.wanted - self.sent

    @property
    def status(self) -> str:
        if self.is_failed:
            return "FAILED"
        if self.is_cancelled:
            return "REFUNDED" if self.is_given_back else "CANCELLED"
        wanted, sent = self.wanted.total(), self.sent.total()
        if sent < wanted:
            return self._status_of_unsent()
        if (self.delivered + self.came_back).total() < wanted:
            return "SHIPPED"
        if self.is_given_back:
            return "REFUNDED"
        return "DELIVERED" if self.delivered else "CANCELLED"

    def _status_of_unsent(self) -> str:
        if self.is_processing:
            return "PROCESSING"
        if self.is_paid:
            return "PAID"
        return "CONFIRMED" if self.is_accepted else "PENDING"

    @property
    def payment_status(self) -> str:
        for_nothing = self.refunded - self.repaid
        if for_nothing > 0:
            return "REFUNDED" if self.is_given_back else "PARTIALLY_REFUNDED"
        if self.net > 0:
            return "PAID" if self.net >= self.total else "PARTIALLY_PAID"
        return "PENDING" if self.total else "PAID"

    @property
    def fulfilment_status(self) -> str:
        wanted, sent = self.wanted.total(), self.sent.total()
        back = (self.came_back + self.returned).total()
        if back:
            return "RETURNED" if back >= wanted else "PARTIALLY_RETURNED"
        if not sent:
            return "UNFULFILLED"
        if sent < wanted:
            return "PARTIALLY_FULFILLED"
        return "DELIVERED" if self.delivered.total() >= wanted else "FULFILLED"
