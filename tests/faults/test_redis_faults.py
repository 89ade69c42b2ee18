"""Redis gone, frozen, cut and emptied under load: the shop sells, answers are fresh, and Redis is used again."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import httpx
import pytest
from redis.asyncio import Redis

from gateway.bootstrap import Platform
from tests.conditions import wait_until
from tests.faults.drain import drained
from tests.faults.invariants.checks import require_all
from tests.faults.load import purchases
from tests.faults.processes import Gateway, Processes
from tests.faults.scale import FAULTS, FULL, SAMPLED
from tests.faults.shop import Buyer, Item, Shop
from tests.proxy import Proxy

pytestmark = pytest.mark.redis
AWAY, BACK = "redis unavailable", "redis answers again"
AWAY_SECONDS: Final = 20.0 if FULL else 3.0
FRESH_SECONDS: Final = 1.5  # a second, and the time of the requests themselves
PRODUCT: Final = "query ($id: ID!) { product(id: $id) { name variants { sku price { amount } } } shop { name } }"
RENAME: Final = """mutation ($input: ProductUpdateInput!) {
  productUpdate(input: $input) { product { id } errors { message } } }"""

Fault = Callable[[Proxy, dict[str, str]], Coroutine[Any, Any, None]]


@pytest.fixture
async def proxy(redis: dict[str, str]) -> AsyncIterator[Proxy]:
    """The way of the processes to Redis."""
    async with Proxy.of(redis["REDIS_URL"]) as made:
        yield made


@pytest.fixture
def settings(settings: dict[str, str], proxy: Proxy) -> dict[str, str]:
    """The environment of processes that use Redis by way of the proxy."""
    return settings | {"REDIS_URL": proxy.url}


@pytest.fixture
async def servers(processes: Processes, gateway: Gateway) -> list[Gateway]:
    """Two servers of one shop."""
    made = [gateway, processes.gateway()]
    await asyncio.gather(*(server.start() for server in made))
    return made


@pytest.fixture
def shop(shop_template: tuple[str, Shop], servers: list[Gateway], http: httpx.AsyncClient) -> Shop:
    """The shop behind both servers."""
    return shop_template[1].behind(http, [server.url for server in servers])


async def gone(proxy: Proxy, _: dict[str, str]) -> None:
    proxy.refuse()
    await asyncio.sleep(AWAY_SECONDS)
    proxy.resume()


async def frozen(proxy: Proxy, _: dict[str, str]) -> None:
    proxy.stall()
    await asyncio.sleep(AWAY_SECONDS)
    proxy.resume()


async def cut(proxy: Proxy, _: dict[str, str]) -> None:
    for _number in range(10):
        proxy.cut()
        await asyncio.sleep(0.2)


async def emptied(proxy: Proxy, redis: dict[str, str]) -> None:
    """As after a restart without persistence."""
    async with Redis.from_url(redis["REDIS_URL"]) as client:
        keys = [key async for key in client.scan_iter(f"{redis['REDIS_NAMESPACE']}*")]
        if keys:
            await client.delete(*keys)
    proxy.cut()


class Readers:
    """Guests who read a product at each server, over and over."""

    def __init__(self, http: httpx.AsyncClient, servers: list[Gateway], product: str) -> None:
        self._http = http
        self._servers = servers
        self._body = {"query": PRODUCT, "variables": {"id": product}}
        self._is_stopped = False
        self.hits = 0

    async def name_at(self, server: Gateway) -> str:
        """The product's name as a guest sees it."""
        response = await self._http.post(f"{server.url}/graphql", json=self._body)
        assert response.status_code == 200, response.text
        self.hits += response.headers.get("cache-status") == "commerce; hit"
        return str(response.json()["data"]["product"]["name"])

    async def run(self, server: Gateway) -> None:
        while not self._is_stopped:
            await self.name_at(server)
            await asyncio.sleep(0.02)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Read during the block. Raises an error of any reader."""
        async with asyncio.TaskGroup() as group:
            for server in self._servers:
                group.create_task(self.run(server))
            try:
                yield
            finally:
                self._is_stopped = True


async def has_healed(server: Gateway, buyer: Buyer, item: Item) -> bool:
    """Whether a server that lost Redis has found it again; it tries once a second, when a request needs Redis."""
    await buyer.fill(item.line())
    return server.log.rfind(AWAY) <= server.log.rfind(BACK)  # the beginning of a long log is missing


async def rename(shop: Shop, item: Item, name: str) -> None:
    """Give a product a new name."""
    staff = await shop.administrator()
    await staff.done(RENAME, input={"id": item.product_id, "name": name})


async def is_seen_everywhere(readers: Readers, servers: list[Gateway], name: str) -> None:
    """Whether all servers show a name within a second of its change."""
    deadline = time.monotonic() + FRESH_SECONDS
    while {await readers.name_at(server) for server in servers} != {name}:
        assert time.monotonic() < deadline, "a change is not seen within a second"
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "fault",
    [gone, pytest.param(frozen, marks=SAMPLED), *(pytest.param(each, marks=FAULTS) for each in (cut, emptied))],
)
async def test_the_shop_sells_while_redis_fails(
    fault: Fault,
    proxy: Proxy,
    redis: dict[str, str],
    servers: list[Gateway],
    http: httpx.AsyncClient,
    shop: Shop,
    platform: Platform,
    shop_url: str,
) -> None:
    items = await shop.add_items(4, 10_000)
    readers = Readers(http, servers, items[0].product_id)
    async with readers.reading(), purchases(shop, items, buyers=4) as load:
        await load.grows(5)
        failing = asyncio.create_task(fault(proxy, redis))
        await rename(shop, items[0], "Renamed while Redis fails")
        await is_seen_everywhere(readers, servers, "Renamed while Redis fails")
        await load.grows(5)
        await failing
        await load.grows(5)
        await rename(shop, items[0], "Renamed afterwards")
        await is_seen_everywhere(readers, servers, "Renamed afterwards")
    assert readers.hits > 0
    assert shop.staff.faults == []
    for number, server in enumerate(servers):
        assert server.log.count(AWAY) <= 1
        await wait_until(partial(has_healed, server, shop.buyer(first=number), items[0]))
    await drained(platform, shop_url)
    await require_all(platform, shop_url, shop)
