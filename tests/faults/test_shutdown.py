"""SIGTERM under load: servers and workers replace each other; no request or event is lost, and no answer is a 5xx."""

import asyncio
from collections.abc import Sequence

import pytest

from gateway.bootstrap import Platform
from tests.faults.conftest import POOL_SIZE
from tests.faults.drain import drained
from tests.faults.invariants.checks import require_all
from tests.faults.load import purchases
from tests.faults.processes import Process, Processes
from tests.faults.scale import sizes
from tests.faults.shop import Shop


async def restart_in_turn(processes: Sequence[Process], restarts: int, shop: Shop) -> None:
    """Stop and start one process after the other, so many times in all, while the shop sells."""
    items = await shop.add_items(4, 10_000)
    async with purchases(shop, items) as load:
        for number in range(restarts):
            process = processes[number % len(processes)]
            await load.grows(10)
            assert await process.stop() == 0
            await load.grows(5)
            await process.start()


@pytest.mark.redis
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("restarts", sizes(2, 10, 60))
async def test_servers_that_are_restarted_in_turn_lose_no_request(
    restarts: int, workers: int, processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    pool_size = str(POOL_SIZE // workers)  # processes that end and those that replace them are connected together
    servers = [processes.gateway(WORKERS=str(workers), DATABASE_POOL_SIZE=pool_size) for _ in range(2)]
    await asyncio.gather(*(server.start() for server in servers))
    shop.staff.urls = [server.url for server in servers]
    await restart_in_turn(servers, restarts, shop)
    assert shop.staff.faults == []
    assert shop.staff.lost == []
    await drained(platform, shop_url)
    await require_all(platform, shop_url, shop)


@pytest.mark.rabbitmq
@pytest.mark.parametrize("restarts", sizes(2, 10, 60))
async def test_workers_that_are_restarted_in_turn_lose_no_event(
    restarts: int, broker: dict[str, str], processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    gateway, *workers = processes.gateway(**broker), processes.worker(**broker), processes.worker(**broker)
    shop.staff.urls = [gateway.url]
    await asyncio.gather(*(each.start() for each in (gateway, *workers)))
    await restart_in_turn(workers, restarts, shop)
    assert shop.staff.faults == []
    await drained(platform, shop_url)
    await require_all(platform, shop_url, shop)
