"""Client libraries at real servers: none misses an order when servers are killed, and each notices a lost login."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.clients.libraries import subscriber
from tests.clients.toolchain import Workspace, find_node, install
from tests.conditions import wait_until
from tests.faults.accounts import ADMIN, Account
from tests.faults.api import INSIST_SECONDS
from tests.faults.live.libraries import LIBRARIES, Seen, addresses, watching
from tests.faults.live.watchers import CREATED, order_of
from tests.faults.processes import Gateway, Processes
from tests.faults.scale import FULL
from tests.faults.shop import Shop

pytestmark = pytest.mark.clients
KILLS: Final = 20 if FULL else 2
LOGOUT: Final = "mutation { logout { endedSessions errors { code message } } }"
NAME: Final = "{ shop { name } }"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A copy of the client project."""
    node = find_node()
    return Workspace.make(tmp_path / "project", node, install(node))


@pytest.fixture
async def served(gateway: Gateway) -> Gateway:
    """A server that runs."""
    await gateway.start()
    return gateway


async def staff_token(shop: Shop) -> str:
    """An access token of a login that nothing else uses."""
    client = await Account(ADMIN).log_in(replace(shop.staff))
    assert client.token is not None
    return client.token


@asynccontextmanager
async def ordering(shop: Shop) -> AsyncIterator[None]:
    """Two buyers at each of two servers who order during the block. Raises an error of any of them."""

    async def order(first: int) -> None:
        while True:
            await order_of(shop, first=first)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(order(number)) for number in range(4)]
        yield
        for task in tasks:
            task.cancel()


async def more_orders(shop: Shop) -> None:
    """Wait until more has been ordered, by all buyers together."""
    goal = len(shop.told.placed) + 5
    await wait_until(lambda: len(shop.told.placed) >= goal, INSIST_SECONDS)


async def order_until_all_have_seen_one(shop: Shop, seen: Sequence[Seen]) -> None:
    """Order until each library has told of an order, as not all say when they have subscribed."""
    async with asyncio.timeout(30):
        while not all(each.orders for each in seen):
            await order_of(shop)


@pytest.mark.redis
async def test_no_library_misses_an_order_while_servers_are_killed(
    workspace: Workspace, processes: Processes, shop_template: tuple[str, Shop], http: httpx.AsyncClient
) -> None:
    servers = [processes.gateway(), processes.gateway()]
    await asyncio.gather(*(server.start() for server in servers))
    shop = shop_template[1].behind(http, [server.url for server in servers])
    async with watching(workspace, servers, [await staff_token(shop)]) as seen:
        await order_until_all_have_seen_one(shop, seen)
        before = set(shop.told.placed)
        async with ordering(shop):
            for number in range(KILLS):
                await more_orders(shop)
                server = servers[number % 2]
                server.kill()
                await more_orders(shop)
                await server.start()
            await more_orders(shop)
        placed = set(shop.told.placed) - before
        await wait_until(lambda: all(placed <= each.orders for each in seen), 30)
    assert {each.library: each.missed for each in seen} == dict.fromkeys(LIBRARIES, 0)


async def test_each_library_tells_that_events_were_missed_when_their_stream_is_gone(
    workspace: Workspace, processes: Processes, shop_template: tuple[str, Shop], http: httpx.AsyncClient
) -> None:
    server = processes.gateway(REDIS_URL="")
    await server.start()
    shop = shop_template[1].behind(http, [server.url])
    async with watching(workspace, [server], [await staff_token(shop)]) as seen:
        await order_until_all_have_seen_one(shop, seen)
        server.kill()
        await server.start()
        await wait_until(lambda: all(each.missed for each in seen), 30)
        order = await order_of(shop)
        await wait_until(lambda: all(order in each.orders for each in seen))
    assert {each.library: each.missed for each in seen} == dict.fromkeys(LIBRARIES, 1)


async def test_a_library_whose_token_is_refused_connects_again_with_a_new_one(
    workspace: Workspace, served: Gateway, shop: Shop
) -> None:
    async with watching(workspace, [served], ["refused", await staff_token(shop)]) as seen:
        await order_until_all_have_seen_one(shop, seen)
    assert all(each.orders <= shop.told.placed.keys() for each in seen)


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_library_gives_up_when_its_session_has_ended(
    library: str, workspace: Workspace, served: Gateway, shop: Shop
) -> None:
    token = await staff_token(shop)
    async with subscriber(workspace, library, addresses([served]), CREATED, tokens=[token]) as client:
        await client.connected()
        await replace(shop.staff, token=token).done(LOGOUT)
        assert "The session has ended. Log in again." in str(await client.next())
        await client.unsubscribe()


async def test_a_library_connects_before_it_subscribes_and_pings(
    workspace: Workspace, served: Gateway, shop: Shop
) -> None:
    token = await staff_token(shop)
    async with subscriber(workspace, "graphql-ws-eager", addresses([served]), CREATED, tokens=[token]) as client:
        assert await client.next() == {"pong": True}
        result = asyncio.create_task(client.next())
        orders = set()
        while not result.done():  # it does not say when it has subscribed
            orders.add(await order_of(shop))
        assert (await result)["data"]["orderCreated"]["order"]["id"] in orders
        await client.unsubscribe()


@pytest.mark.parametrize("library", ["graphql-ws", "graphql-sse"])
async def test_a_query_completes(library: str, workspace: Workspace, served: Gateway) -> None:
    async with subscriber(workspace, library, addresses([served]), NAME) as client:
        assert (await client.next())["data"].keys() == {"shop"}
        assert await client.next() == {"completed": True}
