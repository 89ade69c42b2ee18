"""Servers and Redis are killed while staff watch the orders: after connecting again, nobody has missed one."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeAlias

import asyncpg
import httpx
import pytest

from gateway.bootstrap import Platform
from gateway.server import application
from tests.conditions import wait_until
from tests.faults.live.watchers import Watcher, order_of, watching
from tests.faults.load import purchases
from tests.faults.processes import Gateway, Processes
from tests.faults.scale import FAULTS, FULL, SAMPLED
from tests.faults.servers import NotAvailable, RedisServer, folder_of, running
from tests.faults.shop import Shop

KILLS: Final = 20 if FULL else 4
ORDERS: Final = "select id::text from orders"
Database: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def database(shop_url: str) -> AsyncIterator[Database]:
    """A connection to the database of the shop, which sees everything."""
    connection = await asyncpg.connect(shop_url)
    yield connection
    await connection.close()


async def watchers_of(shop: Shop, servers: Sequence[Gateway]) -> list[Watcher]:
    """Two members of staff at each server."""
    staff = await shop.administrator()
    urls = [server.url for server in servers]
    return [Watcher(staff, urls, first=number) for number in range(2 * len(servers))]


async def first_order(watchers: Sequence[Watcher]) -> None:
    """Wait until all of them have seen an order."""
    await wait_until(lambda: all(watcher.orders for watcher in watchers))


async def all_seen(watchers: Sequence[Watcher], database: Database) -> bool:
    """Whether all of them have seen every order."""
    orders = {row["id"] for row in await database.fetch(ORDERS)}
    return all(watcher.orders == orders for watcher in watchers)


def require_each_told_once(watchers: Sequence[Watcher]) -> None:
    """Require that each of them was told of each order by one event, and of no gap."""
    for watcher in watchers:
        assert (watcher.missed, watcher.told) == (0, Counter(watcher.orders))


async def require_nothing_missed(watchers: Sequence[Watcher], database: Database) -> None:
    """Wait until all of them have seen every order. Raises TimeoutError."""
    await wait_until(lambda: all_seen(watchers, database), 30)


@pytest.mark.faults
@pytest.mark.sample
@pytest.mark.redis
async def test_no_order_is_missed_while_servers_are_killed(
    processes: Processes, shop_template: tuple[str, Shop], http: httpx.AsyncClient, database: Database
) -> None:
    servers = [processes.gateway(), processes.gateway()]
    await asyncio.gather(*(server.start() for server in servers))
    shop = shop_template[1].behind(http, [server.url for server in servers])
    watchers = await watchers_of(shop, servers)
    async with watching(watchers):
        await wait_until(lambda: all(watcher.is_connected for watcher in watchers))
        async with purchases(shop, shop.items, buyers=4) as load:
            await first_order(watchers)
            for number in range(KILLS):
                await load.grows(3)
                server = servers[number % 2]
                server.kill()
                await server.ended()
                await load.grows(2)
                await server.start()
            await load.grows(3)
        await require_nothing_missed(watchers, database)
    require_each_told_once(watchers)
    assert min(watcher.connections for watcher in watchers) > 1


@pytest.fixture
async def carts(platform: Platform, shop_template: tuple[str, Shop]) -> list[str | None]:
    """The tokens of filled carts, whose events no server has."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application(platform))) as local:
        shop = shop_template[1].behind(local, ["http://shop.test"])
        return [await shop.buyer().fill(shop.items[0].line()) for _ in range(4)]


@pytest.mark.faults
@pytest.mark.sample
@pytest.mark.redis
async def test_no_order_is_missed_when_servers_are_killed_before_and_after_they_store_its_event(
    carts: list[str | None],
    processes: Processes,
    shop_template: tuple[str, Shop],
    http: httpx.AsyncClient,
    database: Database,
) -> None:
    servers = [processes.gateway(), processes.gateway()]
    shop = shop_template[1].behind(http, [server.url for server in servers])

    async def order_at(number: int) -> None:
        await shop.buyer(first=number).order(carts.pop())

    await asyncio.gather(servers[0].start("feed.read:kill:1"), servers[1].start("feed.stored:kill:1"))
    watchers = await watchers_of(shop, servers)
    async with watching(watchers), asyncio.TaskGroup() as buyers:
        await wait_until(lambda: all(watcher.is_connected for watcher in watchers))
        for number in (1, 0):  # what the last one has read, no other one stores
            if servers[number].is_running:  # it may have read the order at the other one
                buyers.create_task(order_at(number))
            assert await servers[number].ended() == -signal.SIGKILL
        await asyncio.gather(*(server.start() for server in servers))
        await asyncio.gather(order_at(0), order_at(1))
        await require_nothing_missed(watchers, database)
    require_each_told_once(watchers)
    assert min(watcher.connections for watcher in watchers) > 1


async def test_a_single_server_says_after_a_kill_that_events_were_missed(
    gateway: Gateway, shop: Shop, database: Database, redis: dict[str, str]
) -> None:
    await gateway.start()
    watchers = await watchers_of(shop, [gateway])
    async with watching(watchers):
        await wait_until(lambda: all(watcher.is_connected for watcher in watchers))
        await order_of(shop)
        await first_order(watchers)
        gateway.kill()
        await gateway.ended()
        await gateway.start()
        await order_of(shop)
        await require_nothing_missed(watchers, database)
    assert [watcher.missed > 0 for watcher in watchers] == [not redis] * len(watchers)


@pytest.fixture
async def own_redis() -> AsyncIterator[RedisServer]:
    """A Redis of this test's own, which keeps nothing when it is killed."""
    try:
        with folder_of(None) as folder:
            async with running(RedisServer.installed(folder)) as server:
                yield server
    except NotAvailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("kills", [pytest.param(KILLS, marks=SAMPLED if not FULL else FAULTS)])
async def test_no_order_is_missed_while_redis_is_killed(
    kills: int,
    processes: Processes,
    own_redis: RedisServer,
    shop_template: tuple[str, Shop],
    http: httpx.AsyncClient,
    database: Database,
) -> None:
    servers = [processes.gateway(REDIS_URL=own_redis.url), processes.gateway(REDIS_URL=own_redis.url)]
    await asyncio.gather(*(server.start() for server in servers))
    shop = shop_template[1].behind(http, [server.url for server in servers])
    watchers = await watchers_of(shop, servers)
    async with watching(watchers):
        await wait_until(lambda: all(watcher.is_connected for watcher in watchers))
        async with purchases(shop, shop.items, buyers=4) as load:
            for _ in range(kills):
                await load.grows(3)
                own_redis.kill()
                await load.grows(2)
                await own_redis.start()
            await load.grows(3)
        await require_nothing_missed(watchers, database)
    assert min(watcher.missed for watcher in watchers) > 0
