"""The inventory over the catalogue of the test's own company."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.models import NewVariant
from domains.catalog.service import CatalogService
from domains.inventory.backorders.invariants import INVARIANTS as BACKORDERS
from domains.inventory.invariants import INVARIANTS
from domains.inventory.models import StockCount, Warehouse
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader
from domains.kernel.settings import SettingsCache
from tests.domains.catalog.conftest import MakeProduct, catalog, category, make_customer, make_product

__all__ = ["catalog", "category", "make_customer", "make_product"]
Stock = Callable[..., Awaitable[None]]
Balances = Callable[..., Awaitable[Any]]
MakeWarehouse = Callable[..., Awaitable[Warehouse]]
LEVELS = """
select i.sku, w.code, l.available_stock, l.reserved_stock from inventory_levels l
join inventory_items i on i.id = l.inventory_id join warehouses w on w.id = l.warehouse_id
where l.company_id = $1
"""


@pytest.fixture
def inventory(catalog: CatalogService, clock: FixedClock) -> InventoryService:
    """The service under test."""
    return InventoryService(catalog, SettingsCache(clock))


@pytest.fixture
async def invariants_hold(owner: Any, company: UUID) -> Any:
    """Check the invariants of the inventory after the test, for its company: others share the database."""
    yield
    for invariant in (*INVARIANTS, *BACKORDERS):
        rows = await owner.fetch(invariant.query.replace("limit 20", ""))
        assert [row for row in rows if row["company_id"] == company] == [], invariant.rule


@pytest.fixture
def stock(make_product: MakeProduct, inventory: InventoryService, database: Database, actor: Actor) -> Stock:
    """Make a product whose variants have these SKUs and so many free units each."""

    async def make(**levels: int) -> None:
        await make_product(variants=[NewVariant(sku=sku) for sku in levels])
        counts = [StockCount(sku, level) for sku, level in levels.items()]
        await database.run(lambda tx: inventory.ledger.set(tx, counts), actor)

    return make


@pytest.fixture
def balances(reader: Reader) -> Balances:
    """The available and reserved units of each SKU: `{"A": (4, 1)}`."""

    async def find() -> dict[str, tuple[int, int]]:
        rows = await reader.fetch(
            "select sku, available_stock, reserved_stock from inventory_items where company_id = $1 order by sku",
            reader.company_id,
        )
        return {row["sku"]: (row["available_stock"], row["reserved_stock"]) for row in rows}

    return find


@pytest.fixture
def make_warehouse(inventory: InventoryService, database: Database, actor: Actor) -> MakeWarehouse:
    """Makes committed warehouses; the first one is the default one."""

    async def make(code: str = "MAIN", **given: Any) -> Warehouse:
        new: Any = {"code": code, "name": code.title(), **given}
        return await database.run(lambda tx: inventory.warehouses.create(tx, new), actor)

    return make


@pytest.fixture
def count_in(inventory: InventoryService, database: Database, actor: Actor) -> Stock:
    """Set the available units of SKUs in a warehouse."""

    async def count(warehouse: Warehouse, **levels: int) -> None:
        counts = [StockCount(sku, level, warehouse.id) for sku, level in levels.items()]
        await database.run(lambda tx: inventory.ledger.set(tx, counts), actor)

    return count


@pytest.fixture
def levels(reader: Reader) -> Balances:
    """The available and reserved units of each SKU in each warehouse by its code: `{("A", "MAIN"): (4, 1)}`."""

    async def find() -> dict[tuple[str, str], tuple[int, int]]:
        rows = await reader.fetch(LEVELS, reader.company_id)
        return {(row["sku"], row["code"]): (row["available_stock"], row["reserved_stock"]) for row in rows}

    return find
