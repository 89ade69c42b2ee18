"""A model of a shop with two warehouses: what each step does to stock, orders and money, and whether it applies."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeAlias

from tests.domains.returns.order_machine.facts import (
    NOTHING,
    PRICES,
    ModelLine,
    ModelOrder,
    ModelParcel,
    ModelReturn,
    ParcelState,
)

Where: TypeAlias = tuple[str, str]
"""A SKU and the code of a warehouse."""
SKUS: Final = tuple(PRICES)
WAREHOUSES: Final = ("MAIN", "EAST")  # in the order of their priorities
EDITABLE: Final = {"PENDING", "CONFIRMED", "PAID", "PROCESSING"}
PAYMENT_MINUTES: Final = 30
SHIPPABLE: Final = {"CONFIRMED", "PAID", "PROCESSING"}


@dataclass
class Model:
    """Free units by SKU and warehouse, and orders. Methods return whether the step applies."""

    free: Counter[Where] = field(default_factory=Counter)
    orders: list[ModelOrder] = field(default_factory=list)
    store_credit: Decimal = NOTHING
    seen: Counter[str] = field(default_factory=Counter)

    # ---- stock

    def reserved(self, where: Where) -> int:
        return sum(order.held[where] for order in self.orders)

    @staticmethod
    def pending(order: ModelOrder, where: Where) -> int:
        """The units of an order that are in parcels which have not left a warehouse."""
        own = [each for each in order.parcels if each.state is ParcelState.PENDING and each.warehouse == where[1]]
        return sum(each.units[where[0]] for each in own)

    def restock(self, where: Where, units: int) -> bool:
        self.free[where] += units
        return True

    def take(self, wanted: Mapping[str, int]) -> Counter[Where] | None:
        """Reserve units by the priority of warehouses, from one of them if it has all; None if they are short."""
        for code in WAREHOUSES:
            if all(self.free[sku, code] >= units for sku, units in wanted.items()):
                return self._moved(Counter({(sku, code): units for sku, units in wanted.items()}))
        held = Counter[Where]()
        for sku, units in wanted.items():
            for code in WAREHOUSES:
                held[sku, code] = min(units - sum(held[sku, other] for other in WAREHOUSES), self.free[sku, code])
            if sum(held[sku, code] for code in WAREHOUSES) < units:
                return None
        return self._moved(+held)

    def _moved(self, held: Counter[Where]) -> Counter[Where]:
        self.free.subtract(held)
        return held

    # ---- orders

    def buy(self, wanted: Mapping[str, int], *, is_paid: bool) -> bool:
        """Order units, and pay them or have the order accepted by invoice."""
        held = self.take(wanted)
        if held is None:
            self.seen["short"] += 1
            return False
        order = ModelOrder({sku: ModelLine(units) for sku, units in wanted.items()}, held)
        if is_paid:
            self.pay(order)
        else:
            order.is_accepted = True
        self.orders.append(order)
        self.seen["split"] += len({code for _, code in held}) > 1
        return True

    def pay(self, order: ModelOrder, minute: int = 0) -> bool:
        """Pay what is due."""
        if not order.due or (order.expires_at is not None and order.expires_at <= minute):
            return False
        order.expires_at = None
        order.captured += order.due
        order.is_paid = True
        self.seen["paid"] += 1
        return True

    def cancel(self, order: ModelOrder) -> bool:
        if order.status not in EDITABLE or order.sent:
            return False
        self._end(order)
        order.refunded = order.captured
        self.seen["cancelled"] += 1
        return True

    def _end(self, order: ModelOrder) -> None:
        order.is_cancelled = True
        for parcel in order.parcels:
            if parcel.state is ParcelState.PENDING:
                parcel.state = ParcelState.CANCELLED
        self.free.update(order.held)
        order.held.clear()

    def hold(self, order: ModelOrder, *, is_held: bool) -> bool:
        """Hold an order with units left to ship, again too; or release one that is on hold."""
        applies = not order.is_over and bool(order.wanted - order.sent) if is_held else order.is_on_hold
        if not applies:
            return False
        order.is_on_hold = is_held
        self.seen["held"] += is_held
        return True

    # ---- parcels

    def may_ship(self, order: ModelOrder) -> bool:
        is_given_back = order.is_paid and not order.left_to_refund
        return order.status in SHIPPABLE and not order.is_on_hold and not is_given_back

    def pack(self, order: ModelOrder, warehouse: str, units: Counter[str], *, is_sent: bool) -> bool:
        """Pack units that a warehouse holds for the order and no other parcel has."""
        there = all(
            order.held[sku, warehouse] - self.pending(order, (sku, warehouse)) >= number
            for sku, number in units.items()
        )
        if not self.may_ship(order) or not units or not there or not units <= order.left_to_pack:
            return False
        parcel = ModelParcel(warehouse, Counter(units), ParcelState.PENDING)
        order.parcels.append(parcel)
        order.is_processing = True
        self.seen["packed"] += 1
        return self.send(order, parcel) if is_sent else True

    def send(self, order: ModelOrder, parcel: ModelParcel) -> bool:
        if parcel.state is not ParcelState.PENDING or not self.may_ship(order):
            return False
        parcel.state = ParcelState.SENT
        order.held -= Counter({(sku, parcel.warehouse): number for sku, number in parcel.units.items()})
        order.is_processing = True
        self.seen["sent"] += 1
        return True

    def unpack(self, parcel: ModelParcel) -> bool:
        if parcel.state is not ParcelState.PENDING:
            return False
        parcel.state = ParcelState.CANCELLED
        self.seen["unpacked"] += 1
        return True

    def track(self, order: ModelOrder, parcel: ModelParcel, minute: int, status: str) -> bool:
        """Record an event; the same one twice is refused."""
        if parcel.state is not ParcelState.SENT or (minute, status) in parcel.events or parcel.is_received_back:
            return False
        before = {id(each): each.status for each in order.parcels}
        parcel.events.add((minute, status))
        self._keep(order, before)
        self.seen[parcel.status] += 1
        return True

    @staticmethod
    def _keep(order: ModelOrder, before: Mapping[int, str]) -> None:
        """Parcels stay delivered when otherwise more units were returned than delivered."""
        left = sum((each.units for each in order.parcels if before[id(each)] == "DELIVERED"), Counter())
        for each in order.parcels:
            if before[id(each)] == "DELIVERED":
                is_moved = each.latest != "DELIVERED"
                each.is_kept = is_moved and not order.returned <= left - each.units
                left -= each.units if is_moved and not each.is_kept else Counter()

    def receive_back(self, parcel: ModelParcel, restocked: Counter[str], code: str) -> bool:
        """Receive the goods of a parcel that came back to its sender, once."""
        if parcel.status != "RETURNED_TO_SENDER" or parcel.is_received_back or not restocked <= parcel.units:
            return False
        parcel.is_received_back = True
        self.free.update({(sku, code): units for sku, units in restocked.items()})
        self.seen["received back"] += 1
        return True

    # ---- edits

    def edit(self, order: ModelOrder, sku: str, wanted: int, minute: int) -> bool:
        """Change the wanted units of a SKU. Which warehouses give units up is read from the shop."""
        line = order.lines.get(sku)
        before = line.wanted if line else 0
        is_expired = order.expires_at is not None and order.expires_at <= minute
        if order.status not in EDITABLE or is_expired or (line is None and not wanted):
            return False
        if line is not None and wanted == before:
            return True
        is_gone = line is not None and not before
        if is_gone or wanted < order.packed[sku] or not order.wanted.total() - before + wanted:
            return False
        if wanted > before:
            taken = self.take({sku: wanted - before})
            if taken is None:
                return False
            order.held.update(taken)
            order.lines[sku] = ModelLine((line.ordered if line else 0) + wanted - before, line.dropped if line else 0)
        elif line is not None:
            line.dropped += before - wanted
        self.seen["added" if wanted > before else "removed"] += 1
        if (too_much := order.net - order.total) > 0:
            order.refunded += too_much
            order.repaid += too_much
            self.seen["repaid"] += 1
        if order.net == order.total and order.captured:
            order.is_paid, order.expires_at = True, None
        return True

    # ---- goods that come back

    def returnable(self, order: ModelOrder) -> Counter[str]:
        return order.delivered - sum((each.bound for each in order.returns), Counter())

    def request(self, order: ModelOrder, units: Counter[str]) -> bool:
        if not units or not units <= self.returnable(order) or order.is_over:
            return False
        order.returns.append(ModelReturn(Counter(units)))
        self.seen["requested"] += 1
        return True

    def approve(self, asked: ModelReturn) -> bool:
        if asked.is_over or asked.is_approved:
            return False
        asked.is_approved, asked.approved = True, Counter(asked.requested)
        return True

    def reject(self, asked: ModelReturn) -> bool:
        if asked.is_over or asked.is_approved:
            return False
        asked.is_over = True
        self.seen["rejected"] += 1
        return True

    def receive(self, order: ModelOrder, asked: ModelReturn, units: Counter[str]) -> bool:
        if asked.is_over or not asked.is_approved or not units or not units <= asked.approved - asked.received:
            return False
        if not units <= order.delivered - order.returned:  # a carrier has corrected a delivery
            return False
        asked.received += units
        self.seen["received"] += 1
        return True

    def inspect(self, asked: ModelReturn, sku: str, restocked: int, damaged: int, code: str) -> bool:
        """Put received units into stock, or write them off."""
        if not restocked + damaged or restocked + damaged > asked.received[sku] - asked.inspected[sku]:
            return False
        asked.inspected[sku] += restocked + damaged
        self.free[sku, code] += restocked
        self.seen["restocked"] += restocked
        self.seen["damaged"] += damaged
        return True

    def refund(self, order: ModelOrder, asked: ModelReturn, units: Counter[str], fee: Decimal) -> Decimal | None:
        """Refund received units less a fee; the amount, or None when that is refused."""
        amount = self.value(order, asked, units, fee)
        if amount is not None:
            asked.refunded += units
            order.refunded += amount
            self.seen["refunded"] += 1
        return amount

    @staticmethod
    def value(order: ModelOrder, asked: ModelReturn, units: Counter[str], fee: Decimal) -> Decimal | None:
        amount = sum((PRICES[sku] * number for sku, number in units.items()), NOTHING) - fee
        is_open = asked.is_approved and not asked.is_over
        fits = bool(units) and units <= asked.received - asked.refunded
        return amount if is_open and fits and 0 < amount <= order.left_to_refund else None

    def exchange(
        self, order: ModelOrder, asked: ModelReturn, units: Counter[str], wanted: Mapping[str, int], minute: int
    ) -> bool:
        """Refund received units to a new order of the wanted goods, as far as it costs as much."""
        amount = self.value(order, asked, units, NOTHING)
        held = None if amount is None else self.take(wanted)
        if amount is None or held is None:
            return False
        self.refund(order, asked, units, NOTHING)
        new = ModelOrder({sku: ModelLine(number) for sku, number in wanted.items()}, held)
        new.captured = min(amount, new.total)
        new.is_paid = new.captured == new.total
        new.expires_at = None if new.is_paid else minute + PAYMENT_MINUTES
        self.orders.append(new)
        self.seen["exchanged"] += 1
        return True
