"""SKUs whose alerts and events are listed."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from tests.domains.inventory.conftest import Stock
from tests.domains.inventory.warehouse_stock import all_invariants_hold, levels, places, race

__all__ = ["all_invariants_hold", "levels", "places", "race"]
Found = Callable[[], Awaitable[list[Any]]]
Change = Callable[..., Awaitable[Any]]


@pytest.fixture
def alerts(reader: Reader) -> Found:
    """Each alert as its SKU, its kind and whether it is open, in the order in which they were raised."""

    async def find() -> list[tuple[str, str, bool]]:
        rows = await reader.fetch(
            "select i.sku, a.kind::text, a.resolved_at is null as is_open from stock_alerts a "
            "join inventory_items i on i.id = a.inventory_id where a.company_id = $1 order by a.raised_at, a.kind, 1",
            reader.company_id,
        )
        return [tuple(row) for row in rows]

    return find


@pytest.fixture
def emitted(owner: Any, reader: Reader) -> Callable[[str], Awaitable[list[Any]]]:
    """The SKUs of each event of a topic, in order."""

    async def find(topic: str) -> list[Any]:
        rows = await owner.fetch(
            "select payload->'skus' as skus from outbox_events where company_id = $1 and topic = $2 order by id",
            reader.company_id,
            topic,
        )
        return [row["skus"] for row in rows]

    return find


@pytest.fixture
async def change(inventory: InventoryService, database: Database, actor: Actor, stock: Stock) -> Change:
    """Change the units of A, of which there are 10, with the reorder point 3 and the maximum 20."""
    await stock(A=10)
    limits: Any = {"reorder_point": 3, "max_stock_threshold": 20}
    await database.run(lambda tx: inventory.reorder_levels.set(tx, "A", limits), actor)

    async def by(units: int) -> None:
        await database.run(lambda tx: inventory.update_stock(tx, "A", units), actor)

    return by
