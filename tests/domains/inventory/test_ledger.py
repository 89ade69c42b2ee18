"""The ledger compared with a model: after any sequence of operations, units and reservations agree."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domains.catalog.models import NewCategory, NewProduct, NewVariant
from domains.catalog.service import CatalogService
from domains.inventory.errors import InsufficientStock, NotReserved
from domains.inventory.models import StockCount, StockLevel, StockLine
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from tests.conftest import make_company

SKUS = ("A", "B", "C")
ORDERS = tuple(new_id() for _ in range(4))
LEDGER_SUMS = """
select i.sku, m.balance_after, sum(m.available_delta) over ledger as free,
  sum(m.reserved_delta) over ledger as reserved
from stock_movements m join inventory_items i on i.company_id = m.company_id and i.id = m.inventory_id
where m.company_id = $1 window ledger as (partition by m.inventory_id order by m.created_at, m.id)
order by m.created_at, m.id
"""
RESERVED = """
select r.order_id, i.sku, sum(r.quantity) as quantity
from reservations r join inventory_items i on i.company_id = r.company_id and i.id = r.inventory_id
where r.company_id = $1 and r.status = 'ACTIVE' group by 1, 2
"""
# What the events tell about each SKU: the available units, and how often it came back into stock.
TOLD = """
select item->>'sku' as sku, count(*) filter (where topic = 'inventory.back_in_stock') as returns,
  sum(case topic when 'inventory.adjusted' then (item->>'change')::int
                 when 'inventory.released' then (item->>'quantity')::int
                 when 'inventory.reserved' then -(item->>'quantity')::int else 0 end) as free
from outbox_events, jsonb_array_elements(coalesce(payload->'items', payload->'lines')) as item
where company_id = $1 and topic in ('inventory.adjusted', 'inventory.released', 'inventory.reserved',
                                    'inventory.back_in_stock')
group by 1
"""
skus = st.sampled_from(SKUS)
orders = st.sampled_from(ORDERS)
few = st.integers(1, 5)


class Service:
    """The real service on a database, called from the machine's thread; every step commits."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, owner: Any, database: Database, catalog: CatalogService
    ) -> None:
        self.owner = owner
        self.database = database
        self.catalog = catalog
        self.inventory = InventoryService(catalog, SettingsCache(database.clock))
        self.outcomes: Counter[type[Exception] | None] = Counter()
        self._loop = loop

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def open(self) -> Actor:
        """A new company that sells the three SKUs."""
        actor = Actor.system(await make_company(self.owner))

        async def fill(tx: Any) -> None:
            category = await self.catalog.categories.create(tx, NewCategory(name="Things"))
            variants = [NewVariant(sku=sku) for sku in SKUS]
            product = NewProduct(name="Thing", category_id=category.id, base_price=Decimal(1), variants=variants)
            await self.catalog.create_product(tx, product)

        await self.database.run(fill, actor)
        return actor


class Ledger(RuleBasedStateMachine):
    """The inventory compared with dictionaries of available units and of reserved units by order."""

    world: Service

    def __init__(self) -> None:
        super().__init__()
        self.free = dict.fromkeys(SKUS, 0)
        self.reserved: dict[tuple[Any, str], int] = {}
        self.before = dict(self.free)
        self.returns = dict(self.free)

    @initialize()
    def create_company(self) -> None:
        self.actor = self.world.wait(self.world.open())

    def do(self, work: Any, refusal: type[Exception] | None = None) -> None:
        """Run the work in a transaction; it must be refused exactly when the model refuses it."""
        refused: type[Exception] | None = None
        try:
            self.world.wait(self.world.database.run(work, self.actor))
        except (InsufficientStock, NotReserved) as error:
            refused = type(error)
        assert refused is refusal
        self.world.outcomes[refused] += 1

    @rule(wanted=st.dictionaries(skus, few, min_size=1), order=orders)
    def reserve(self, wanted: dict[str, int], order: Any) -> None:
        lines = [StockLine(sku, quantity) for sku, quantity in wanted.items()]
        short = any(self.free[sku] < quantity for sku, quantity in wanted.items())
        self.do(
            lambda tx: self.world.inventory.reservations.reserve(
                tx, self.actor, lines, order_id=order, expires_at=None
            ),
            InsufficientStock if short else None,
        )
        if not short:
            for sku, quantity in wanted.items():
                self.free[sku] -= quantity
                self.reserved[order, sku] = self.reserved.get((order, sku), 0) + quantity

    @rule(order=orders)
    def release(self, order: Any) -> None:
        self.do(lambda tx: self.world.inventory.reservations.release(tx, self.actor, order, reason="It ran out"))
        for sku in SKUS:
            self.free[sku] += self.reserved.pop((order, sku), 0)

    @rule(order=orders)
    def confirm(self, order: Any) -> None:
        self.do(lambda tx: self.world.inventory.reservations.confirm(tx, self.actor, order))
        for sku in SKUS:
            self.reserved.pop((order, sku), 0)

    @rule(order=orders, sku=skus, quantity=few, freed=st.booleans())
    def end_part(self, order: Any, sku: str, quantity: int, *, freed: bool) -> None:
        reserved = self.reserved.get((order, sku), 0)
        end = self.world.inventory.release_stock if freed else self.world.inventory.confirm_sale
        self.do(lambda tx: end(tx, sku, quantity, order), NotReserved if reserved < quantity else None)
        if reserved >= quantity:
            self.reserved[order, sku] = reserved - quantity
            self.free[sku] += quantity if freed else 0

    @rule(changes=st.dictionaries(skus, st.integers(-4, 9).filter(bool), min_size=1))
    def change(self, changes: dict[str, int]) -> None:
        short = any(self.free[sku] + quantity < 0 for sku, quantity in changes.items())
        lines = [StockLine(sku, quantity) for sku, quantity in changes.items()]
        self.do(lambda tx: self.world.inventory.ledger.change(tx, lines), InsufficientStock if short else None)
        if not short:
            for sku, quantity in changes.items():
                self.free[sku] += quantity

    @rule(counts=st.dictionaries(skus, st.integers(0, 9), min_size=1))
    def count(self, counts: dict[str, int]) -> None:
        found = [StockCount(sku, quantity) for sku, quantity in counts.items()]
        self.do(lambda tx: self.world.inventory.ledger.set(tx, found))
        self.free |= counts

    @invariant()
    def the_database_matches_the_model(self) -> None:
        if hasattr(self, "actor"):
            self.world.wait(self._compare())

    @invariant()
    def the_events_match_the_model(self) -> None:
        if hasattr(self, "actor"):
            for sku, units in self.free.items():
                self.returns[sku] += bool(units and not self.before[sku])
            self.before = dict(self.free)
            told = self.world.wait(self.world.owner.fetch(TOLD, self.actor.company_id))
            assert {row["sku"]: (row["free"], row["returns"]) for row in told} == {
                sku: (self.free[sku], self.returns[sku]) for sku in {row["sku"] for row in told}
            }
            assert {sku for sku, units in self.free.items() if units} <= {row["sku"] for row in told}

    async def _compare(self) -> None:
        reader = self.world.database.reader(self.actor.company_id)
        levels = await self.world.inventory.listing.levels(reader, SKUS)
        assert levels == {sku: StockLevel(units, is_tracked=True) for sku, units in self.free.items()}
        reserved = {
            (row["order_id"], row["sku"]): row["quantity"] for row in await reader.fetch(RESERVED, reader.company_id)
        }
        assert reserved == {key: units for key, units in self.reserved.items() if units}
        ledger_sums = await reader.fetch(LEDGER_SUMS, reader.company_id)
        for row in ledger_sums:
            assert row["balance_after"] == row["free"] + row["reserved"]
            assert min(row["free"], row["reserved"]) >= 0
        last = {row["sku"]: (row["free"], row["reserved"]) for row in ledger_sums}
        sums = {sku: sum(units for (_, of), units in self.reserved.items() if of == sku) for sku in SKUS}
        assert last == {sku: (self.free[sku], sums[sku]) for sku in last}
        for item in await self.world.inventory.listing.items_by_sku(reader, SKUS):
            assert (item.available_stock, item.reserved_stock) == last.get(item.sku, (0, 0))
            assert item.total_stock == item.available_stock + item.reserved_stock


async def test_the_ledger_matches_a_simple_model(owner: Any, database: Database, catalog: CatalogService) -> None:
    world = Service(asyncio.get_running_loop(), owner, database, catalog)
    machine = type("LedgerHere", (Ledger,), {"world": world})
    chosen = settings(
        max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)
    assert set(world.outcomes) == {None, InsufficientStock, NotReserved}
