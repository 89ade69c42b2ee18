"""SIGTERM under load: two servers replace each other, no request is lost, and none is answered with a 5xx."""

import pytest

from gateway.bootstrap import Platform
from tests.faults.drain import drained
from tests.faults.invariants import require_all
from tests.faults.load import purchases
from tests.faults.processes import Processes
from tests.faults.scale import sizes
from tests.faults.shop import Shop


@pytest.mark.redis
@pytest.mark.parametrize("restarts", sizes(2, 10, 60))
async def test_servers_that_are_restarted_in_turn_lose_no_request(
    restarts: int, processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    servers = await processes.serving()
    shop.staff.urls = [server.url for server in servers]
    items = await shop.add_items(4, 10_000)
    async with purchases(shop, items) as load:
        for number in range(restarts):
            server = servers[number % 2]
            await load.grows(10)
            assert await server.stop() == 0
            await load.grows(5)
            await server.start()
    assert shop.staff.faults == []
    assert shop.staff.lost == []
    await drained(platform, shop_url)
    await require_all(platform, shop_url, shop)
