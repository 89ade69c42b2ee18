"""Random purchases, parcels, tracking, edits, returns and exchanges agree with a model after every step.

The stock of each SKU in each warehouse, the money and the three statuses of each order are compared, and every rule
of the doctor is checked when a shop closes. `ORDER_STEPS` sets the least number of steps, `SEED` where they begin.
"""

import os
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar, Final, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from domains.kernel.clock import FixedClock
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.order.models import Order
from domains.returns.models import ReturnRefundMethod, ReturnRequest
from domains.shipping.parcel_events import TrackingStatus
from domains.shipping.shipments.models import Shipment
from tests.domains.order.example_loop import ExampleLoop, open_example_loop
from tests.domains.returns.order_machine.facts import PRICES, RANK, ModelOrder, ModelParcel, ModelReturn, ParcelState
from tests.domains.returns.order_machine.model import SKUS, WAREHOUSES, Model
from tests.domains.returns.order_machine.steps import Shop

T = TypeVar("T")
STEPS: Final = int(os.environ.get("ORDER_STEPS") or 500)
STEPS_OF_A_SHOP: Final = 60
SHOPS_OF_A_RUN: Final = 3
MOST_OPEN_ORDERS: Final = 3
MOST_RUNS: Final = 5 + STEPS // 50
START: Final = datetime(2096, 11, 21, 12, tzinfo=UTC)
SKU, CODE = st.sampled_from(SKUS), st.sampled_from(WAREHOUSES)
UNITS, PICK = st.sampled_from([1, 1, 2, 3]), st.integers(0, 10_000)
EVENT = st.sampled_from([*RANK, *["DELIVERED"] * 6])
WANTED: Final = {
    "split", "short", "paid", "cancelled", "held", "packed", "sent", "unpacked", "DELIVERED", "RETURNED_TO_SENDER",
    "LOST", "received back", "added", "removed", "repaid", "requested", "rejected", "received", "restocked",
    "damaged", "refunded", "exchanged",
}  # fmt: skip
LEVELS: Final = """
select i.sku, w.code, l.available_stock, l.reserved_stock,
  (select coalesce(sum(m.available_delta + m.reserved_delta), 0) from stock_movements m
    where m.inventory_id = i.id and m.warehouse_id = w.id) as in_ledger
from inventory_levels l join inventory_items i on i.id = l.inventory_id join warehouses w on w.id = l.warehouse_id
where l.company_id = $1
"""
ORDERS: Final = """
select id, status::text, payment_status::text, fulfilment_status::text, total, amount_captured, amount_refunded,
  amount_repaid, units_shipped, units_delivered, units_sent_back, units_returned
from orders where company_id = $1
"""
PARCELS: Final = "select id, status::text from shipments where company_id = $1"


class Orders(RuleBasedStateMachine):
    """Every rule runs one step in the shop and in the model, which determines whether it is refused."""

    examples: ClassVar[ExampleLoop]

    @initialize(units=st.lists(st.integers(2, 12), min_size=6, max_size=6))
    def open(self, units: list[int]) -> None:
        self.model = Model()
        self.orders: list[Order] = []
        self.parcels: list[tuple[Shipment, ModelOrder, ModelParcel]] = []
        self.returns: list[tuple[ReturnRequest, ModelOrder, ModelReturn]] = []
        self._do(self._open())
        for number, free in enumerate(units):
            if free:
                self.restock(SKUS[number % 3], WAREHOUSES[number // 3], free)

    async def _open(self) -> None:
        company = await self.examples.company()
        front = self.examples.shop(company, FixedClock(START))
        ids = {code: new_id() for code in WAREHOUSES}
        for priority, code in enumerate(WAREHOUSES):
            await self.examples.owner.execute(
                "insert into warehouses (id, company_id, code, name, priority, is_default, address_line_1, city, "
                "postal_code, country, updated_at) "
                "values ($1, $2, $3, $3, $4, $5, '1 Quay', 'Hull', 'HU1 1AA', 'GB', now())",
                ids[code],
                company,
                code,
                priority,
                priority == 0,
            )
        for sku in SKUS:
            await front.stock(sku, 0, str(PRICES[sku]))
        self.shop = Shop(front, await front.staff(), ids)

    @precondition(lambda self: sum(self.model.free.values()) < 9)
    @rule(sku=SKU, code=CODE, units=st.sampled_from([2, 4, 6]))
    def restock(self, sku: str, code: str, units: int) -> None:
        self.model.restock((sku, code), units)
        self._do(self.shop.restock(sku, code, units))

    # ---- orders

    @precondition(lambda self: sum(not each.is_settled for each in self.model.orders) < MOST_OPEN_ORDERS)
    @rule(wanted=st.dictionaries(SKU, UNITS, min_size=1, max_size=3), is_paid=st.sampled_from([True, True, False]))
    def buy(self, wanted: dict[str, int], *, is_paid: bool) -> None:
        with refused(self.model.buy(wanted, is_paid=is_paid)):
            self.orders.append(self._do(self.shop.buy(wanted, is_paid=is_paid)))

    @precondition(lambda self: self.orders)
    @rule(pick=PICK)
    def pay(self, pick: int) -> None:
        order, model = self._order(pick)
        with refused(self.model.pay(model, self._minute())):
            self._do(self.shop.pay(order))

    @precondition(lambda self: self.orders)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        order, model = self._order(pick)
        if pick % 4 == 0:
            with refused(self.model.cancel(model)):
                self._do(self.shop.cancel(order))

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, is_held=st.booleans())
    def hold(self, pick: int, *, is_held: bool) -> None:
        order, model = self._order(pick)
        with refused(self.model.hold(model, is_held=is_held)):
            self._do(self.shop.hold(order, is_held=is_held))

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, sku=SKU, wanted=st.integers(0, 4))
    def edit(self, pick: int, sku: str, wanted: int) -> None:
        order, model = self._order(pick)
        before = self._do(self.shop.held(order))
        with refused(self.model.edit(model, sku, wanted, self._minute())):
            self._do(self.shop.edit(order, sku, wanted))
            self._follow_stock(model, sku, before, self._do(self.shop.held(order)))

    def _follow_stock(
        self, model: ModelOrder, sku: str, before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]
    ) -> None:
        """Take from the shop which warehouses reserve or release the units; how many they are the model says."""
        unsent = model.wanted[sku] - model.sent[sku]
        assert sum(after[sku, code] for code in WAREHOUSES) == unsent
        for where in ((sku, code) for code in WAREHOUSES):
            assert after[where] >= self.model.pending(model, where)
            if unsent < sum(before[sku, code] for code in WAREHOUSES):
                self.model.free[where] += before[where] - after[where]
                model.held[where] = after[where]

    # ---- parcels

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, code=CODE, least=st.integers(0, 2), is_sent=st.booleans())
    def pack(self, pick: int, code: str, least: int, *, is_sent: bool) -> None:
        order, model = self._order(pick)
        there = Counter({sku: model.held[sku, code] - self.model.pending(model, (sku, code)) for sku in SKUS})
        units = +Counter({sku: min(there[sku], least or 9) for sku in SKUS}) or Counter({"A": 1})
        units = units if set(units) <= set(model.lines) else Counter({next(iter(model.lines)): 1})
        with refused(self.model.pack(model, code, units, is_sent=is_sent)):
            made = self._do(self.shop.pack(order, code, units, is_sent=is_sent))
            self.parcels.append((made, model, model.parcels[-1]))

    @precondition(lambda self: self.parcels)
    @rule(pick=PICK)
    def send(self, pick: int) -> None:
        shipment, order, parcel = self._parcel(pick, {ParcelState.PENDING})
        with refused(self.model.send(order, parcel)):
            self._do(self.shop.send(shipment.id))

    @precondition(lambda self: self.parcels)
    @rule(pick=PICK)
    def unpack(self, pick: int) -> None:
        shipment, _, parcel = self._parcel(pick, {ParcelState.PENDING})
        with refused(self.model.unpack(parcel)):
            self._do(self.shop.unpack(shipment.id))

    @precondition(lambda self: self.parcels)
    @rule(pick=PICK, event=EVENT, minutes=st.integers(-20, 0), is_webhook=st.booleans())
    def track(self, pick: int, event: str, minutes: int, *, is_webhook: bool) -> None:
        """Events come in any order of the carrier's time, each of them after the shipment was made."""
        shipment, order, parcel = self._parcel(pick, {ParcelState.SENT})
        minute = max(self._minute() + minutes, self._created(shipment))
        with refused(self.model.track(order, parcel, minute, event)):
            self._do(self.shop.track(shipment, TrackingStatus(event), minute, is_webhook=is_webhook))

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, event=st.sampled_from(["DELIVERED", "DELIVERED", "DELIVERED", "RETURN_TO_SENDER", "LOST"]))
    def ship_all(self, pick: int, event: str) -> None:
        """Send what each warehouse has for an order, and enter what became of it."""
        for code in WAREHOUSES:
            self.pack(pick, code, 0, is_sent=True)
            if self.parcels:
                shipment, order, parcel = self.parcels[-1]
                minute = self._minute()
                with refused(self.model.track(order, parcel, minute, event)):
                    self._do(self.shop.track(shipment, TrackingStatus(event), minute, is_webhook=False))

    @precondition(lambda self: self.parcels)
    @rule(pick=PICK, code=CODE, restocked=st.integers(0, 2))
    def receive_back(self, pick: int, code: str, restocked: int) -> None:
        shipment, _, parcel = self._parcel(pick, {ParcelState.SENT})
        units = +Counter({sku: min(number, restocked) for sku, number in parcel.units.items()})
        with refused(self.model.receive_back(parcel, units, code)):
            self._do(self.shop.receive_back(shipment, units, code))

    # ---- goods that come back

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, most=st.integers(1, 3), too_many=st.sampled_from([0, 0, 0, 1]))
    def request(self, pick: int, most: int, too_many: int) -> None:
        order, model = self._delivered(pick)
        left = self.model.returnable(model)
        units = +Counter({sku: min(number, most) for sku, number in left.items()}) or Counter(
            {next(iter(model.lines)): 1}
        )
        units[next(iter(units))] += too_many
        with refused(self.model.request(model, units)):
            made = self._do(self.shop.request(order, units))
            self.returns.append((made, model, model.returns[-1]))

    @precondition(lambda self: any(self.model.returnable(each) for each in self.model.orders))
    @rule(pick=PICK, most=st.integers(1, 2), code=CODE)
    def send_back(self, pick: int, most: int, code: str) -> None:
        """Ask for a return that is approved, and comes."""
        before = len(self.returns)
        self.request(pick, most, 0)
        for made, order, asked in self.returns[before:]:
            assert self.model.approve(asked)
            self._do(self.shop.approve(made.id, code))
            assert self.model.receive(order, asked, Counter(asked.approved))
            self._do(self.shop.receive(made.id, asked.approved))

    @precondition(lambda self: self.returns)
    @rule(pick=PICK, code=CODE)
    def approve(self, pick: int, code: str) -> None:
        made, _, asked = self._return(pick)
        with refused(self.model.approve(asked)):
            self._do(self.shop.approve(made.id, code))

    @precondition(lambda self: self.returns)
    @rule(pick=PICK)
    def reject(self, pick: int) -> None:
        made, _, asked = self._return(pick)
        with refused(self.model.reject(asked)):
            self._do(self.shop.reject(made.id))

    @precondition(lambda self: self.returns)
    @rule(pick=PICK, units=st.dictionaries(SKU, st.integers(1, 2), min_size=1))
    def receive(self, pick: int, units: dict[str, int]) -> None:
        made, order, asked = self._return(pick)
        came = +Counter({sku: number for sku, number in units.items() if sku in asked.requested})
        if came:
            with refused(self.model.receive(order, asked, came)):
                self._do(self.shop.receive(made.id, came))

    @precondition(lambda self: self.returns)
    @rule(pick=PICK, sku=SKU, restocked=st.integers(0, 2), damaged=st.integers(0, 1), code=CODE)
    def inspect(self, pick: int, sku: str, restocked: int, damaged: int, code: str) -> None:
        made, _, asked = self._return(pick)
        if sku in asked.requested:
            with refused(self.model.inspect(asked, sku, restocked, damaged, code)):
                self._do(self.shop.inspect(made.id, sku, restocked, damaged, code))

    @precondition(lambda self: self.returns)
    @rule(pick=PICK, most=st.integers(1, 3), fee=st.sampled_from(["0.00", "0.00", "0.50"]), is_credit=st.booleans())
    def refund(self, pick: int, most: int, fee: str, *, is_credit: bool) -> None:
        made, order, asked = self._return(pick)
        units = self._refundable(asked, most)
        method = ReturnRefundMethod.STORE_CREDIT if is_credit else ReturnRefundMethod.ORIGINAL_PAYMENT
        with refused(self.model.refund(order, asked, units, Decimal(fee)) is not None):
            self._do(self.shop.refund(made.id, units, Decimal(fee), method, {}))

    @precondition(lambda self: self.returns)
    @rule(pick=PICK, most=st.integers(1, 2), wanted=st.dictionaries(SKU, st.integers(1, 2), min_size=1, max_size=2))
    def exchange(self, pick: int, most: int, wanted: dict[str, int]) -> None:
        made, order, asked = self._return(pick)
        units = self._refundable(asked, most)
        with refused(self.model.exchange(order, asked, units, wanted, self._minute())):
            method = ReturnRefundMethod.EXCHANGE
            new = self._do(self.shop.refund(made.id, units, Decimal(0), method, wanted))
            assert new is not None
            self.orders.append(new)

    @staticmethod
    def _refundable(asked: ModelReturn, most: int) -> Counter[str]:
        left = asked.received - asked.refunded
        return +Counter({sku: min(number, most) for sku, number in left.items()}) or Counter([*asked.requested][:1])

    # ---- what must hold

    @invariant()
    def agrees(self) -> None:
        self.shop.front.clock.advance(timedelta(minutes=1))
        self.examples.seen["steps"] += 1
        self._do(self._agrees())

    async def _agrees(self) -> None:
        model = self.model
        levels = {(row["sku"], row["code"]): row for row in await self._rows(LEVELS)}
        for where in ((sku, code) for sku in SKUS for code in WAREHOUSES):
            wanted = (model.free[where], model.reserved(where))
            _, _, *balances, in_ledger = levels.get(where, (None, None, 0, 0, 0))
            assert (tuple(balances), in_ledger) == (wanted, sum(wanted)), where
        rows = {row["id"]: tuple(row)[1:] for row in await self._rows(ORDERS)}
        assert rows == {order.id: facts_of(each) for order, each in zip(self.orders, model.orders, strict=True)}
        statuses = dict(map(tuple, await self._rows(PARCELS)))
        assert statuses == {made.id: parcel.status for made, _, parcel in self.parcels}

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.examples.seen.update(self.model.seen)
            assert self._do(self.shop.front.broken()) == []

    async def _rows(self, sql: str) -> list[Any]:
        rows: list[Any] = await self.examples.owner.fetch(sql, self.shop.front.company_id)
        return rows

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.examples.run(work)

    def _minute(self) -> int:
        return int((self.shop.front.clock.now() - self.shop.started_at).total_seconds() // 60)

    def _created(self, shipment: Shipment) -> int:
        return int((shipment.created_at - self.shop.started_at).total_seconds() // 60) + 1

    def _order(self, pick: int) -> tuple[Order, ModelOrder]:
        """An order that is not over, most of the time."""
        number = pick // 8 % len(self.orders)
        if pick % 8:
            numbers = [
                n for n, each in enumerate(self.model.orders) if each.status in {"CONFIRMED", "PAID", "PROCESSING"}
            ]
            number = numbers[pick // 8 % len(numbers)] if numbers else number
        return self.orders[number], self.model.orders[number]

    def _delivered(self, pick: int) -> tuple[Order, ModelOrder]:
        """An order with delivered units, if there is one."""
        numbers = [n for n, each in enumerate(self.model.orders) if self.model.returnable(each)]
        number = (numbers or range(len(self.orders)))[pick % len(numbers or self.orders)]
        return self.orders[number], self.model.orders[number]

    def _parcel(self, pick: int, states: set[ParcelState]) -> tuple[Shipment, ModelOrder, ModelParcel]:
        """A parcel in one of these states, most of the time."""
        fitting = [each for each in self.parcels if each[2].state in states]
        chosen = fitting if fitting and pick % 8 else self.parcels
        return chosen[pick // 8 % len(chosen)]

    def _return(self, pick: int) -> tuple[ReturnRequest, ModelOrder, ModelReturn]:
        going_on = [each for each in self.returns if not each[2].is_over]
        chosen = going_on if going_on and pick % 8 else self.returns
        return chosen[pick // 8 % len(chosen)]


def facts_of(order: ModelOrder) -> tuple[object, ...]:
    """The columns of ORDERS after the id."""
    back = order.came_back.total()
    return (
        order.status,
        order.payment_status,
        order.fulfilment_status,
        *(order.total, order.captured, order.refunded, order.repaid),
        *(order.sent.total(), order.delivered.total(), back, order.returned.total()),
    )


@contextmanager
def refused(applies: object) -> Iterator[None]:
    """The step is refused with an error of the domain exactly when it does not apply in the model."""
    if applies:
        yield
    else:
        with pytest.raises((DomainError, ExceptionGroup)):
            yield


def test_orders_agree_with_the_model_after_every_step(admin_url: str) -> None:
    with open_example_loop(admin_url) as examples:
        first = int(os.environ.get("SEED") or 18)
        bounds = settings(
            max_examples=SHOPS_OF_A_RUN,
            stateful_step_count=STEPS_OF_A_SHOP,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        for number in count(first):
            machine: Any = seed(number)(type("Machine", (Orders,), {"examples": examples}))
            run_machine(machine, settings=bounds)
            if examples.seen["steps"] >= STEPS and all(examples.seen[name] for name in WANTED):
                break
            assert number < first + MOST_RUNS, examples.seen
