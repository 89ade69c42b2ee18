"""PostgreSQL killed, restarted, frozen and cut under load: the shop heals, and no acknowledged order is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import pytest

from gateway.bootstrap import Platform
from tests.databases import Server
from tests.faults.conftest import shop_in
from tests.faults.drain import drained
from tests.faults.invariants.checks import require_all
from tests.faults.load import purchases
from tests.faults.processes import Process, Processes
from tests.faults.scale import FAULTS, FULL, SAMPLED
from tests.faults.servers import PostgresServer
from tests.faults.shop import Shop
from tests.proxy import Proxy

ROUNDS: Final = 10 if FULL else 1
AWAY_SECONDS: Final = 3.0
HEAL_SECONDS: Final = 10.0 if FULL else 30.0

Fault = Callable[[PostgresServer, Proxy], Awaitable[None]]


@pytest.fixture(scope="module")
def server(postgres: PostgresServer) -> Server:
    """The server of this module's databases."""
    made = Server()
    made.url = postgres.url
    return made


@pytest.fixture(scope="module")
async def shop_template(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Shop]]:
    """A shop on that server to copy."""
    async with shop_in(server, tmp_path_factory.mktemp("template")) as made:
        yield made


@pytest.fixture
async def proxy(shop_url: str, postgres: PostgresServer) -> AsyncIterator[Proxy]:
    """The way of the processes to the database. At the end the database runs."""
    async with Proxy.of(shop_url) as made:
        yield made
    await postgres.heal()


@pytest.fixture
def settings(settings: dict[str, str], proxy: Proxy) -> dict[str, str]:
    """The environment of processes that use the proxy."""
    return settings | {"DATABASE_URL": proxy.url}


async def killed(postgres: PostgresServer, _: Proxy) -> None:
    postgres.kill()
    await postgres.start()


async def restarted(postgres: PostgresServer, _: Proxy) -> None:
    await postgres.stop()
    await postgres.start()


async def frozen(postgres: PostgresServer, _: Proxy) -> None:
    postgres.freeze()
    await asyncio.sleep(AWAY_SECONDS)
    postgres.thaw()


async def stalled(_: PostgresServer, proxy: Proxy) -> None:
    proxy.stall()
    await asyncio.sleep(AWAY_SECONDS)
    proxy.resume()


async def cut(_: PostgresServer, proxy: Proxy) -> None:
    for _number in range(5):
        proxy.cut()
        await asyncio.sleep(0.3)


async def unreachable(_: PostgresServer, proxy: Proxy) -> None:
    proxy.refuse()
    await asyncio.sleep(AWAY_SECONDS)
    proxy.resume()


@pytest.mark.parametrize(
    "fault",
    [
        killed,
        pytest.param(cut, marks=SAMPLED),
        *(pytest.param(each, marks=FAULTS) for each in (restarted, frozen, stalled, unreachable)),
    ],
)
async def test_a_database_that_fails_under_load_loses_no_acknowledged_order(
    fault: Fault,
    postgres: PostgresServer,
    proxy: Proxy,
    processes: Processes,
    shop: Shop,
    platform: Platform,
    shop_url: str,
) -> None:
    servers = await processes.serving()
    shop.staff.urls = [server.url for server in servers]
    items = await shop.add_items(4, 10_000)
    async with purchases(shop, items) as load:
        for _ in range(ROUNDS):
            await load.grows(20)
            await fault(postgres, proxy)
            await load.grows(1, HEAL_SECONDS)
        await load.grows(20)
    assert len(shop.told.paid) == load.finished
    await drained(platform, shop_url)
    await require_all(platform, shop_url, shop)


@pytest.mark.parametrize("command", ["worker", pytest.param("gateway", marks=SAMPLED)])
async def test_a_process_ends_on_sigterm_while_the_database_does_not_answer(
    command: str, postgres: PostgresServer, proxy: Proxy, processes: Processes
) -> None:
    process: Process = processes.gateway() if command == "gateway" else processes.worker()
    await process.start()
    postgres.freeze()
    await asyncio.sleep(AWAY_SECONDS)  # until each part of the background work waits for an answer
    assert await process.stop() == 0
