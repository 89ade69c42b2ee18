"""Servers and Redis are killed while staff watch the orders: after connecting again, nobody has missed one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeAlias

import asyncpg
import httpx
import pytest

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
    assert [watcher.missed for watcher in watchers] == [0] * len(watchers)
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
