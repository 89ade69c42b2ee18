"""A second warehouse beside the default one, and what is in both."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from domains.inventory.domain import DOMAIN
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.ids import new_id
from tests.domains.inventory.conftest import Stock

Levels = Callable[[], Awaitable[dict[tuple[str, str], tuple[int, int, int]]]]
Race = Callable[..., Awaitable[list[Any]]]


@dataclass(frozen=True)
class Places:
    """The ids of the default warehouse and of another one."""

    main: UUID
    north: UUID


async def add_warehouse(owner: Any, company_id: UUID, code: str, *, is_active: bool = True) -> UUID:
    """The id of a new warehouse."""
    warehouse_id = new_id()
    await owner.execute(
        "insert into warehouses (id, company_id, code, name, is_active, updated_at) "
        "values ($1, $2, $3, $3, $4, now())",
        warehouse_id,
        company_id,
        code,
        is_active,
    )
    return warehouse_id


@pytest.fixture
async def places(stock: Stock, reader: Reader, owner: Any) -> Places:
    """The default warehouse has 10 units of A and 5 of B; the other one has none."""
    await stock(A=10, B=5)
    main = await reader.fetch_value("select id from warehouses where company_id = $1", reader.company_id)
    assert reader.company_id is not None
    return Places(main, await add_warehouse(owner, reader.company_id, "NORTH"))


@pytest.fixture
async def all_invariants_hold(owner: Any, reader: Reader) -> Any:
    """Check the invariants of the inventory, of transfers and stock takes too, after the test."""
    yield
    for invariant in DOMAIN.invariants:
        rows = await owner.fetch(invariant.query.replace("limit 20", ""))
        assert [row for row in rows if row.get("company_id") == reader.company_id] == [], invariant.rule


@pytest.fixture
def levels(reader: Reader) -> Levels:
    """The available, reserved and quarantined units of each SKU by warehouse: `{("A", "NORTH"): (4, 1, 0)}`."""

    async def find() -> dict[tuple[str, str], tuple[int, int, int]]:
        rows = await reader.fetch(
            "select i.sku, w.code, l.available_stock, l.reserved_stock, l.quarantined_stock "
            "from inventory_levels l join inventory_items i on i.id = l.inventory_id "
            "join warehouses w on w.id = l.warehouse_id where l.company_id = $1",
            reader.company_id,
        )
        return {
            (row["sku"], row["code"]): (row["available_stock"], row["reserved_stock"], row["quarantined_stock"])
            for row in rows
        }

    return find


@pytest.fixture
def race(database: Database, actor: Actor) -> Race:
    """Run commands at once; what each returned or raised."""

    async def run(*works: Callable[[Tx], Awaitable[Any]]) -> list[Any]:
        return await asyncio.gather(*(database.run(work, actor) for work in works), return_exceptions=True)

    return run
