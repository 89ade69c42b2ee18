"""Random orders, allocations, transfers, counts and restocks agree with a simple model after every step.

The balances of each SKU in each warehouse, its ledger, reservations, backorders and goods under way are compared.
`STOCK_STEPS` sets the least number of steps, `SEED` where they begin.
"""

import os
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from domains.inventory.allocation.reallocation import ReallocatedLine
from domains.inventory.domain import DOMAIN
from domains.inventory.models import AllocationStrategy, StockLine
from domains.inventory.quarantine.models import QuarantinedUnits
from domains.inventory.stock_takes.models import CountedLine
from domains.inventory.transfers.models import NewStockTransfer, ReceivedLine
from domains.kernel.clock import FixedClock
from domains.kernel.database import Tx
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.order.models import Order, OrderStatus
from tests.domains.order.example_loop import ExampleLoop, open_example_loop
from tests.domains.order.stock_machine.model import (
    MAIN,
    SERVED,
    SKUS,
    WAREHOUSES,
    Model,
    ModelOrder,
    ModelTake,
    ModelTransfer,
    State,
    Where,
)
from tests.domains.order.storefront import HOME

T = TypeVar("T")
STEPS: Final = int(os.environ.get("STOCK_STEPS") or 500)
STEPS_OF_A_SHOP: Final = 50
SHOPS_OF_A_RUN: Final = 5
MOST_RUNS: Final = 5 + STEPS // 50
START: Final = datetime(2096, 11, 21, 12, tzinfo=UTC)
SKU, CODE = st.sampled_from(SKUS), st.sampled_from(WAREHOUSES)
UNITS, PICK = st.sampled_from([1, 2, 2, 3, 4, 7]), st.integers(0, 10_000)
COUNTRY = st.sampled_from(["GB", "GB", "DE", "US"])
POSTAL_CODES: Final = {"GB": "SW1Y 4JH", "DE": "10115", "US": "10001"}
WANTED: Final = {
    "split", "backordered", "filled", "short", "shipped", "cancelled", "reallocated", "quarantined", "released",
    "written off", "received", "lost", "returned", "corrected",
}  # fmt: skip
LEVELS: Final = """
select i.sku, w.code, l.available_stock, l.reserved_stock, l.quarantined_stock, l.total_stock,
  (select coalesce(sum(r.quantity), 0) from reservations r
    where r.inventory_id = i.id and r.warehouse_id = w.id and r.status = 'ACTIVE') as in_reservations,
  (select array[sum(m.available_delta), sum(m.reserved_delta), sum(m.quarantined_delta)] from stock_movements m
    where m.inventory_id = i.id and m.warehouse_id = w.id) as in_ledger
from inventory_levels l join inventory_items i on i.id = l.inventory_id join warehouses w on w.id = l.warehouse_id
where l.company_id = $1
"""
ITEMS: Final = """
select sku, available_stock, reserved_stock, quarantined_stock, total_stock, backordered_units
from inventory_items where company_id = $1
"""
HELD: Final = """
select r.order_id, i.sku, w.code, r.quantity from reservations r join inventory_items i on i.id = r.inventory_id
join warehouses w on w.id = r.warehouse_id where r.company_id = $1 and r.status = 'ACTIVE'
"""
WAITING: Final = """
select b.order_id, i.sku, b.quantity - b.allocated from backorders b join inventory_items i on i.id = b.inventory_id
where b.company_id = $1 and b.status = 'WAITING'
"""
UNDER_WAY: Final = """
select t.id, l.shipped - l.received - l.lost - l.returned as units from stock_transfers t
join stock_transfer_lines l on l.transfer_id = t.id where t.company_id = $1
"""


class Stock(RuleBasedStateMachine):
    """Every rule runs one step in the shop and in the model, which determines whether it is refused."""

    examples: ClassVar[ExampleLoop]

    @initialize(
        units=st.lists(st.integers(0, 8), min_size=9, max_size=9),
        strategy=st.sampled_from(AllocationStrategy),
        limits=st.tuples(*[st.integers(0, 6)] * len(SKUS)),
    )
    def open(self, units: list[int], strategy: AllocationStrategy, limits: tuple[int, ...]) -> None:
        self._do(self._open(units, strategy))
        for sku, limit in zip(SKUS, limits, strict=True):
            self.limit(sku, limit)

    async def _open(self, units: list[int], strategy: AllocationStrategy) -> None:
        company = await self.examples.company()
        self.shop = self.examples.shop(company, FixedClock(START))
        self.model = Model({code: new_id() for code in WAREHOUSES}, strategy=strategy)
        for priority, code in enumerate(WAREHOUSES):
            await self.examples.owner.execute(
                "insert into warehouses (id, company_id, code, name, priority, countries, is_default, updated_at) "
                "values ($1, $2, $3, $3, $4, $5, $6, now())",
                self.model.ids[code],
                company,
                code,
                priority,
                sorted(SERVED[code]),
                code == MAIN,
            )
        await self.examples.owner.execute(
            "insert into inventory_settings (company_id, allocation_strategy) values ($1, $2)", company, strategy
        )
        for sku in SKUS:
            await self.shop.stock(sku, 0)
        for number, free in enumerate(units):
            where = (SKUS[number % 3], WAREHOUSES[number // 3])
            if free:
                await self._change(where, free)
                assert self.model.change(where, free)
        self.staff = await self.shop.staff()
        self.orders: list[Order] = []
        self.transfers: list[UUID] = []
        self.takes: list[UUID] = []

    # ---- goods that come and go

    @rule(sku=SKU, code=CODE, by=st.sampled_from([-3, -1, 2, 4, 6, 9, 12]))
    def change(self, sku: str, code: str, by: int) -> None:
        with refused(self.model.change((sku, code), by)):
            self._do(self._change((sku, code), by))

    async def _change(self, where: Where, by: int) -> None:
        line = StockLine(where[0], by, self.model.ids[where[1]])
        await self.shop.run(lambda tx: self.shop.services.inventory.ledger.change(tx, [line]))

    @rule(sku=SKU, code=CODE, units=st.integers(1, 3), what=st.sampled_from(["hold", "release", "write off"]))
    def quarantine(self, sku: str, code: str, units: int, what: str) -> None:
        quarantine, where = self.shop.services.inventory.quarantine, (sku, code)
        given = QuarantinedUnits(sku=sku, quantity=units, reason="Wet", warehouse_id=self.model.ids[code])
        applies: bool
        work: Callable[[Tx, QuarantinedUnits], Awaitable[object]]
        match what:
            case "hold":
                applies, work = self.model.quarantine(where, units), quarantine.hold
            case "release":
                applies, work = self.model.quarantine(where, -units), quarantine.release
            case _:
                applies, work = self.model.write_off(where, units), partial(quarantine.write_off, is_quarantined=True)
        with refused(applies):
            self._do(self.shop.run(lambda tx: work(tx, given)))

    @rule(sku=SKU, limit=st.integers(0, 6))
    def limit(self, sku: str, limit: int) -> None:
        backorders = self.shop.services.inventory.backorders
        with refused(self.model.limit(sku, limit)):
            self._do(self.shop.run(lambda tx: backorders.update(tx, sku, {"limit": limit})))

    # ---- orders

    @rule(wanted=st.dictionaries(SKU, UNITS, min_size=1, max_size=3), country=COUNTRY)
    def order(self, wanted: dict[str, int], country: str) -> None:
        with refused(self.model.order(wanted, country)):
            self.orders.append(self._do(self._order(wanted, country)))

    async def _order(self, wanted: dict[str, int], country: str) -> Order:
        buyer = await self.shop.customer()
        await self.shop.fill(buyer, *wanted.items())
        address = replace(HOME, country=country, postal_code=POSTAL_CODES[country], province="NY")
        return (await self.shop.place(buyer, shipping=address)).order

    @precondition(lambda self: self.orders)
    @rule(pick=PICK)
    def ship(self, pick: int) -> None:
        order, model = self._picked(self.orders, self.model.orders, pick)
        with refused(self.model.ship(model)):
            self._do(self._ship(order))

    async def _ship(self, order: Order) -> None:
        """Accept an order that is not accepted yet, and ship it."""
        is_new = (await self.shop.order(order.id)).status is OrderStatus.PENDING
        for status in (*((OrderStatus.CONFIRMED, OrderStatus.PROCESSING) if is_new else ()), OrderStatus.SHIPPED):
            work = partial(self._set_status, order.id, status)
            await self.shop.run(work, self.staff)

    async def _set_status(self, order_id: UUID, status: OrderStatus, tx: Tx) -> None:
        await self.shop.services.order.update_status(tx, self.staff, order_id, status)

    @precondition(lambda self: self.orders)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        order, model = self._picked(self.orders, self.model.orders, pick)
        with refused(self.model.cancel(model)):
            self._do(self.shop.services.order.cancel_order(self.shop.database, self.staff, order.id))

    @rule(minutes=st.sampled_from([1, 31]))
    def expire(self, minutes: int) -> None:
        self.shop.clock.advance(timedelta(minutes=minutes))
        if minutes > 30:
            self.model.expire()
        while self._do(self.shop.services.order.expiry.end_unpaid(self.shop.database, self.shop.system)):
            pass

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, to=CODE, units=st.sampled_from([1, 1, 2, 3]))
    def reallocate(self, pick: int, to: str, units: int) -> None:
        order, model = self._picked(self.orders, self.model.orders, pick)
        held = sorted(+model.held) or [("A", MAIN)]
        sku, code = held[pick % len(held)]
        line = ReallocatedLine(sku, units, self.model.ids[code], self.model.ids[to])
        service = self.shop.services.order.reallocations
        with refused(self.model.reallocate(model, sku, (code, to), units)):
            self._do(self.shop.run(lambda tx: service.reallocate(tx, self.staff, order.id, [line])))

    # ---- transfers

    @rule(sku=SKU, codes=st.permutations(WAREHOUSES), units=UNITS, is_sent=st.booleans())
    def transfer(self, sku: str, codes: list[str], units: int, *, is_sent: bool) -> None:
        ids = self.model.ids
        new = NewStockTransfer(
            from_warehouse_id=ids[codes[0]], to_warehouse_id=ids[codes[1]], lines=[StockLine(sku, units)]
        )
        made = self._do(self.shop.run(lambda tx: self.shop.services.inventory.transfers.create(tx, new)))
        self.transfers.append(made.id)
        self.model.transfers.append(ModelTransfer(sku, codes[0], codes[1], units))
        if is_sent:
            self.send(len(self.transfers) - 1)

    @precondition(lambda self: self.transfers)
    @rule(pick=PICK)
    def send(self, pick: int) -> None:
        transfer_id, model = self._picked(self.transfers, self.model.transfers, pick)
        with refused(self.model.send(model)):
            self._do(self.shop.run(lambda tx: self.shop.services.inventory.transfers.ship(tx, transfer_id)))

    @precondition(lambda self: self.transfers)
    @rule(pick=PICK, arrived=st.integers(0, 6), lost=st.sampled_from([0, 0, 1]))
    def receive(self, pick: int, arrived: int, lost: int) -> None:
        transfer_id, model = self._picked(self.transfers, self.model.transfers, pick)
        arrived = arrived if pick % 5 == 0 else min(arrived, model.under_way - lost)
        if arrived >= 0 and arrived + lost:
            line = ReceivedLine(model.sku, arrived, lost, "Fell off the lorry" if lost else None)
            transfers = self.shop.services.inventory.transfers
            with refused(self.model.receive(model, arrived, lost)):
                self._do(self.shop.run(lambda tx: transfers.receive(tx, transfer_id, [line])))

    @precondition(lambda self: self.transfers)
    @rule(pick=PICK)
    def call_back(self, pick: int) -> None:
        transfer_id, model = self._picked(self.transfers, self.model.transfers, pick)
        with refused(self.model.call_back(model)):
            self._do(self.shop.run(lambda tx: self.shop.services.inventory.transfers.cancel(tx, transfer_id)))

    # ---- stock takes

    @rule(sku=SKU, code=CODE, off=st.integers(-2, 2))
    def count_sku(self, sku: str, code: str, off: int) -> None:
        takes, counted = self.shop.services.inventory.stock_takes, max(0, self.model.present((sku, code)) + off)
        take = self._do(self.shop.run(lambda tx: takes.start(tx, self.model.ids[code])))
        with refused(self.model.count((sku, code), counted)):
            self._do(self.shop.run(lambda tx: takes.count(tx, take.id, [CountedLine(sku, counted)])))
            self.takes.append(take.id)

    @precondition(lambda self: self.takes)
    @rule(pick=PICK, is_completed=st.booleans())
    def end_count(self, pick: int, *, is_completed: bool) -> None:
        take_id, model = self._picked(self.takes, self.model.takes, pick)
        takes = self.shop.services.inventory.stock_takes
        with refused(self._ends(model, is_completed=is_completed)):
            work = takes.complete if is_completed else takes.cancel
            self._do(self.shop.run(lambda tx: work(tx, take_id)))

    def _ends(self, take: ModelTake, *, is_completed: bool) -> bool:
        if is_completed:
            return self.model.complete(take)
        was_open = take.state is State.OPEN
        take.state = State.CANCELLED if was_open else take.state
        return was_open

    # ---- what must hold

    @invariant()
    def agrees(self) -> None:
        self.shop.clock.advance(timedelta(seconds=1))  # so that orders have an order
        self.examples.seen["steps"] += 1
        self._do(self._agrees())

    async def _agrees(self) -> None:
        model = self.model
        levels = {(row["sku"], row["code"]): row for row in await self._rows(LEVELS)}
        for where in ((sku, code) for sku in SKUS for code in WAREHOUSES):
            wanted = (model.free[where], model.reserved(where), model.quarantined[where])
            if where in levels:
                _, _, *balances, total, in_reservations, in_ledger = levels[where]
                assert tuple(balances) == wanted, where
                assert (total, in_reservations) == (sum(wanted), wanted[1]), where
                assert [number or 0 for number in in_ledger or [0, 0, 0]] == balances, where
            else:
                assert wanted == (0, 0, 0), where
        for sku, *balances, total, backordered in await self._rows(ITEMS):
            wheres = [(sku, code) for code in WAREHOUSES]
            sums = [
                sum(number(where) for where in wheres) for number in (self._free, model.reserved, self._held_back)
            ]
            assert (balances, total, backordered) == (sums, sum(sums), model.waiting(sku)), sku
        pairs = list(zip(self.orders, model.orders, strict=True))
        assert Counter({(id_, sku, code): n for id_, sku, code, n in await self._rows(HELD)}) == +Counter(
            {(order.id, *where): n for order, held in pairs if is_open(held) for where, n in held.held.items()}
        )
        assert Counter({(id_, sku): n for id_, sku, n in await self._rows(WAITING)}) == +Counter(
            {(order.id, sku): n for order, held in pairs if is_open(held) for sku, n in held.waiting.items()}
        )
        under_way = {id_: one.under_way for id_, one in zip(self.transfers, model.transfers, strict=True)}
        assert dict(map(tuple, await self._rows(UNDER_WAY))) == under_way

    def _free(self, where: Where) -> int:
        return self.model.free[where]

    def _held_back(self, where: Where) -> int:
        return self.model.quarantined[where]

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.examples.seen.update(self.model.seen)
            for each in DOMAIN.invariants:
                rows = self._do(self.examples.owner.fetch(each.query.replace("limit 20", "")))
                assert [row for row in rows if row.get("company_id") == self.shop.company_id] == [], each.rule

    async def _rows(self, sql: str) -> list[Any]:
        rows: list[Any] = await self.examples.owner.fetch(sql, self.shop.company_id)
        return rows

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.examples.run(work)

    @staticmethod
    def _picked(real: list[Any], model: list[Any], pick: int) -> tuple[Any, Any]:
        """One that is not ended, most of the time."""
        going_on = [number for number, one in enumerate(model) if one.state in {State.OPEN, State.UNDER_WAY}]
        numbers = going_on if going_on and pick % 8 else range(len(real))
        number = numbers[pick // 8 % len(numbers)]
        return real[number], model[number]


def is_open(order: ModelOrder) -> bool:
    return order.state is State.OPEN


@contextmanager
def refused(applies: object) -> Iterator[None]:
    """The step is refused with an error of the domain exactly when it does not apply in the model."""
    if applies:
        yield
    else:
        with pytest.raises(DomainError):
            yield


def test_stock_agrees_with_the_model_after_every_step(admin_url: str) -> None:
    with open_example_loop(admin_url) as examples:
        first = int(os.environ.get("SEED") or 17)
        bounds = settings(
            max_examples=SHOPS_OF_A_RUN,
            stateful_step_count=STEPS_OF_A_SHOP,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        for number in count(first):
            machine: Any = seed(number)(type("Machine", (Stock,), {"examples": examples}))
            run_machine(machine, settings=bounds)
            if examples.seen["steps"] >= STEPS and all(examples.seen[name] for name in WANTED):
                break
            assert number < first + MOST_RUNS, examples.seen
