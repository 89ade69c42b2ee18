"""Live connections: the memory of 2,000 idle subscribers, what they cost others, the lag from commit to client."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import uvloop

from domains.auth.models import NewAccount
from domains.role.models import SystemRole
from gateway.bootstrap import wired
from gateway.server import allow_open_files
from gateway.settings import Settings
from tests.bench.events import LOGIN, PASSWORD
from tests.bench.live.clients import SseSubscriber, Subscriber, WebSocketSubscriber, subscribe_all
from tests.bench.load import Connection, Request, measure
from tests.bench.purchase import percentiles
from tests.bench.servers import Server, running
from tests.conditions import wait_until

IDLE: Final = 2_000
LISTENERS: Final = (1, 200)
CHANGES: Final = 50
PAUSE: Final = 0.1  # seconds between two changes; within 50 ms, several are read from the outbox at once
ARRIVAL_SECONDS: Final = 10.0
KINDS: Final[Mapping[str, Callable[[dict[str, Any], str], Subscriber]]] = {
    "websocket": WebSocketSubscriber,
    "sse": SseSubscriber,
}
EMAIL: Final = "live@example.com"
PRODUCTS: Final = "{ products(first: 100) { nodes { id slug } } }"
STOCK: Final = "subscription ($sku: String!) { stockChanged(sku: $sku) { sku } }"
CHANGED: Final = "subscription ($id: ID!) { productChanged(productId: $id) { product { description } } }"
UPDATE: Final = "mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) { errors { code } } }"


def compare(url: str, home: Path, environment: Mapping[str, str], seconds: float, query: Request) -> dict[str, Any]:
    """The report. Starts servers and a floor; `query` is a request that is measured beside idle subscribers."""
    allow_open_files(2 * IDLE)
    uvloop.run(create_administrator(home, url))
    command, path = ["-m", "gateway.cli", "serve"], "/graphql?query={shop{name}}"
    report: dict[str, Any] = {}
    for name, kind in KINDS.items():
        with running(command, path, environment) as server:
            report[name] = uvloop.run(measure_idle(server, kind, query, seconds))
    with (
        running(command, path, environment) as server,
        running(["-m", "tests.bench.floors.live"], "/constant", {"DATABASE_URL": url}) as floor,
    ):
        report["lag"] = {str(number): uvloop.run(measure_lag(server, floor, number)) for number in LISTENERS}
    return report


async def create_administrator(home: Path, url: str) -> None:
    """An account that may change products."""
    async with wired(Settings(commerce_home=home, access_log=False), url) as platform:
        company = await platform.companies.find(None)
        account = NewAccount(email=EMAIL, password=PASSWORD)
        await platform.services.auth.provisioning.create(platform.database, company.id, account, SystemRole.ADMIN)


async def measure_idle(
    server: Server, kind: Callable[[dict[str, Any], str], Subscriber], query: Request, seconds: float
) -> dict[str, float]:
    """The memory of an idle subscriber (KiB), and the rate of a query beside all of them as a share of that alone."""
    for _ in range(2):  # the first time warms the server up
        alone = await measure(server.port, query, concurrency=16, seconds=seconds)
    before = server.memory_mib()
    payloads = [{"query": STOCK, "variables": {"sku": sku}} for sku in await skus(server)]
    subscribers = await subscribe_all(kind, server.port, [payloads[i % len(payloads)] for i in range(IDLE)])
    await asyncio.sleep(1)
    memory = server.memory_mib() - before
    beside = await measure(server.port, query, concurrency=16, seconds=seconds)
    if any(each.is_closed for each in subscribers):
        raise RuntimeError("The server has ended connections of idle subscribers.")
    for each in subscribers:
        each.close()
    await asyncio.sleep(1)
    return {
        "connections": IDLE,
        "kib_per_connection": round(memory * 1024 / IDLE, 1),
        "queries_of_alone": round(beside.requests_per_second / alone.requests_per_second, 3),
    }


async def skus(server: Server) -> list[str]:
    """Some SKUs of the shop."""
    nodes = (await ask(server, "{ products(first: 100) { nodes { variants { sku } } } }"))["products"]["nodes"]
    return [variant["sku"] for node in nodes for variant in node["variants"]]


async def ask(server: Server, text: str, variables: dict[str, Any] | None = None) -> Any:
    """The data of an operation."""
    connection = await Connection.open(server.port)
    with closing(connection):
        return orjson.loads(await connection.send(Request.graphql("ask", text, variables)))["data"]


async def measure_lag(server: Server, floor: Server, listeners: int) -> dict[str, Any]:
    """From the request that changes a product to its arrival at each listener, and the same of the floor."""
    (product, *_) = (await ask(server, PRODUCTS))["products"]["nodes"]
    login = {"input": {"email": EMAIL, "password": PASSWORD}}
    token = (await ask(server, LOGIN, login))["login"]["auth"]["accessToken"]

    def change(number: int) -> Request:
        given = {"id": product["id"], "description": f"bench-{number}"}
        return Request.graphql("change", UPDATE, {"input": given}, token=token)

    payload = {"query": CHANGED, "variables": {"id": product["id"]}}
    figures = []
    for each in (server, floor):
        async with listening(each, payload, listeners) as subscribers:
            figures.append(await lags(each, subscribers, change))
    found, beneath = figures
    return {
        **found,
        **{f"{name}_of_floor": round(found[name] / beneath[name], 2) for name in found},
        "floor": beneath,
    }


@asynccontextmanager
async def listening(server: Server, payload: dict[str, Any], number: int) -> AsyncIterator[Sequence[Subscriber]]:
    """So many subscribers."""
    subscribers = await subscribe_all(WebSocketSubscriber, server.port, [payload] * number)
    await asyncio.sleep(1)  # until the subscriptions are acknowledged, which nothing says
    try:
        yield subscribers
    finally:
        for each in subscribers:
            each.close()


async def lags(
    server: Server, subscribers: Sequence[Subscriber], change: Callable[[int], Request]
) -> dict[str, float]:
    """The lag of each change at each subscriber, one change after another."""
    connection, took = await Connection.open(server.port), []
    with closing(connection):
        for number in range(CHANGES):
            began = time.perf_counter()
            await connection.send(change(number))
            await wait_until(partial(have_arrived, subscribers, number), ARRIVAL_SECONDS)
            await asyncio.sleep(PAUSE)
            took += [each.arrivals[number] - began for each in subscribers]
    return percentiles(took[len(subscribers) * CHANGES // 10 :])


def have_arrived(subscribers: Sequence[Subscriber], number: int) -> bool:
    """Whether a change has arrived at all subscribers."""
    return all(number in each.arrivals for each in subscribers)
