"""A shop with 10 units of A and 5 of B in its default warehouse, and another warehouse."""

from collections.abc import Awaitable, Callable

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from tests.gateway.graphql.inventory.conftest import shop, snapshot, stocked
from tests.gateway.graphql.inventory.sample_stock import DEFAULT, add_warehouse
from tests.gateway.site import Site

__all__ = ["shop", "snapshot", "stocked"]


@pytest.fixture
async def warehouses(shop: Site, stocked: Callable[..., Awaitable[str]]) -> tuple[str, str]:
    """The ids of the default warehouse and of the other one."""
    await stocked(A=10, B=5)

    async def find(tx: Tx) -> tuple[str, str]:
        return str(await tx.fetch_value(DEFAULT, tx.company_id)), str(await add_warehouse(tx))

    return await shop.database.run(find, Actor.system(shop.company_id))
