"""The path of an event, from a purchase to the handler of `order.paid`, compared with plain asyncpg and a queue.

Through RabbitMQ and a worker where RABBITMQ_URL is set, otherwise within the server.
"""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import orjson

from domains.auth.errors import EmailTaken
from domains.auth.models import NewAccount
from domains.kernel.events import EventQueue
from domains.role.models import SystemRole
from gateway.bootstrap import Platform, wired
from gateway.messaging.broker import EXCHANGE
from gateway.settings import Settings
from tests.bench import purchase
from tests.bench.floors import events as events_floor
from tests.bench.floors import purchase as purchase_floor
from tests.bench.floors.purchase import Sale
from tests.bench.load import Connection, Request
from tests.bench.purchase import CLIENTS, Side
from tests.bench.servers import analyze
from tests.brokers import delete_queues
from tests.conditions import wait_until
from tests.faults.processes import Gateway, Process, Worker

HANDLER: Final = "order.purchases"
ROUNDS: Final = 4
HANDLE_SECONDS: Final = 120.0
PASSWORD: Final = "lamplight on wet slate"
LOGIN: Final = "mutation ($input: LoginInput!) { login(input: $input) { auth { accessToken } errors { code } } }"
COUNT: Final = "select count(*) from inbox_entries where handler = $1"
# From the begin of the payment's transaction to that of the handler's, by the clock of this machine.
HANDLED: Final = """
select extract(epoch from i.processed_at - e.created_at)::float8 as lag, i.processed_at
from inbox_entries i join outbox_events e on e.id = i.event_id
where i.handler = $1 and i.processed_at >= $2
"""


@dataclass
class EventPath:
    """Buyers, and what became of the events of their orders: the lag of each (seconds), and the time of all."""

    side: Side
    handler: str
    lags: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Orders per second whose events are handled."""
        return len(self.lags) / self.elapsed

    async def run(self, connection: Any, numbers: Iterator[int], seconds: float) -> None:
        """Let all buy for so long, and wait until every event is handled. Raises TimeoutError."""
        start = await connection.fetchval("select clock_timestamp()")
        before, orders = await connection.fetchval(COUNT, self.handler), self.side.orders
        await self.side.buy(numbers, seconds)
        wanted = before + self.side.orders - orders

        async def is_handled() -> bool:
            return bool(await connection.fetchval(COUNT, self.handler) == wanted)

        await wait_until(is_handled, HANDLE_SECONDS)
        rows = await connection.fetch(HANDLED, self.handler, start)
        self.lags += [row["lag"] for row in rows]
        self.elapsed += (max(row["processed_at"] for row in rows) - start).total_seconds()

    async def warm_up(self, connection: Any, numbers: Iterator[int]) -> None:
        """Buy for a second and forget it."""
        await self.run(connection, numbers, 1.0)
        self.lags, self.elapsed = [], 0.0

    def as_json(self) -> dict[str, float]:
        """The figures for the report."""
        rate = {"orders_per_second": round(self.rate, 1), "orders": len(self.lags)}
        return {**rate, **{f"lag_{name}": value for name, value in purchase.percentiles(self.lags).items()}}


async def compare(
    url: str, home: Path, environment: Mapping[str, str], broker_url: str | None, seconds: float
) -> dict[str, Any]:
    """The report: orders per second until their events are handled, the lag of the events, and the floor's.

    Starts a server, and with a broker a worker. Raises RuntimeError when a purchase fails or an invariant does not
    hold afterwards.
    """
    async with AsyncExitStack() as stack:
        async with wired(Settings(commerce_home=home, access_log=False), url) as platform:
            sale = await purchase.create_stock(platform)
            await create_customers(platform)
        connection = await asyncpg.connect(url)
        stack.push_async_callback(connection.close)
        numbers = itertools.count(await connection.fetchval("select count(*) from orders"))
        port = await stack.enter_async_context(serving(home, environment, broker_url))
        hand_on = await stack.enter_async_context(events_floor.handling(url, broker_url))
        gateway = EventPath(await customers(stack, port, sale), HANDLER)
        floor = EventPath(await by_hand(stack, url, sale, hand_on), events_floor.HANDLER)
        for path in (gateway, floor):
            await path.warm_up(connection, numbers)
        await analyze(url)
        for _ in range(ROUNDS):  # by turns, so that what else the machine does meets both
            for path in (gateway, floor):
                await path.run(connection, numbers, seconds / ROUNDS)
    await purchase.check(url, next(numbers))
    found, beneath = gateway.as_json(), floor.as_json()
    return {
        "through": "process" if broker_url is None else "rabbitmq",
        "ratio_of_floor": round(gateway.rate / floor.rate, 3),
        **{f"{name}_of_floor": round(found[name] / beneath[name], 2) for name in ("lag_p50_ms", "lag_p99_ms")},
        **found,
        "floor": beneath,
    }


async def create_customers(platform: Platform) -> None:
    """An account for each client, unless it is there; the events of guests have no handler."""
    company = await platform.companies.find(None)
    for number in range(CLIENTS):
        account = NewAccount(email=email_of(number), password=PASSWORD)
        with suppress(EmailTaken):
            await platform.services.auth.provisioning.create(
                platform.database, company.id, account, SystemRole.CUSTOMER
            )


def email_of(number: int) -> str:
    """The address of a customer."""
    return f"customer-{number}@example.com"


@asynccontextmanager
async def serving(home: Path, environment: Mapping[str, str], broker_url: str | None) -> AsyncIterator[int]:
    """The port of a server; with a broker a worker runs too, with queues of its own."""
    namespace = f"bench-{uuid4().hex}."
    settings = (
        {**environment, "RABBITMQ_URL": broker_url, "RABBITMQ_NAMESPACE": namespace} if broker_url else environment
    )
    gateway = Gateway(settings, home / "gateway.log")
    processes: list[Process] = [gateway]
    if broker_url:
        processes.append(Worker(settings, home / "worker.log"))
    try:
        for process in processes:
            await process.start()
        yield gateway.port
        for process in reversed(processes):
            await process.stop()
    finally:
        for process in processes:
            process.kill()
        if broker_url:
            queues = [namespace + queue.value for queue in EventQueue]
            await delete_queues(broker_url, queues, [namespace + EXCHANGE])


async def customers(stack: AsyncExitStack, port: int, sale: Sale) -> Side:
    """Customers who buy over HTTP, each logged in on a connection of their own."""

    async def buyer(number: int) -> Callable[[int], Awaitable[None]]:
        connection = await Connection.open(port)
        stack.callback(connection.close)
        given = {"email": email_of(number), "password": PASSWORD}
        answer = orjson.loads(await connection.send(Request.graphql("login", LOGIN, {"input": given})))
        token = answer["data"]["login"]["auth"]["accessToken"]

        async def send(step: str, name: str, text: str, given: dict[str, Any]) -> Any:
            request = Request.graphql(step, text, {"input": given}, token=token)
            return orjson.loads(await connection.send(request))["data"][name]

        async def buy(number: int) -> None:
            await purchase.purchase(send, sale, number, None)

        return buy

    return Side([await buyer(number) for number in range(CLIENTS)])


async def by_hand(stack: AsyncExitStack, url: str, sale: Sale, hand_on: Callable[[UUID], None]) -> Side:
    """Buyers of the floor, who hand the event of each order on."""

    async def buyer() -> Callable[[int], Awaitable[None]]:
        connection = await asyncpg.connect(url)
        stack.push_async_callback(connection.close)

        async def buy(number: int) -> None:
            hand_on(await purchase_floor.buy(connection, sale, number, f"floor-{number}@example.com"))

        return buy

    return Side([await buyer() for _ in range(CLIENTS)])
