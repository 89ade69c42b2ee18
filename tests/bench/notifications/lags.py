"""From the commit of an event to the receipt of its e-mail, by priority, while many of normal priority wait.

Customers buy at half the rate that they reach beforehand when they do nothing else. Each order is told to its buyer
(CRITICAL) and to staff (IMPORTANT). Through RabbitMQ and a worker where RABBITMQ_URL is set, otherwise by the server.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.notification.models import NewNotification, NotificationKind, NotificationPriority
from gateway.bootstrap import Platform, wired
from gateway.settings import Settings
from tests.bench import purchase
from tests.bench.events import HANDLER, EventPath, create_customers, customers, serving
from tests.bench.notifications.receipts import Receipts, receiving
from tests.bench.servers import analyze
from tests.bench.shops import Shop
from tests.bench.turns import Progress, Report, ratio
from tests.conditions import wait_until

NOTIFICATIONS: Final = 10_000
TARGETS: Final[Mapping[NotificationPriority, float]] = {
    NotificationPriority.CRITICAL: 1.0,
    NotificationPriority.IMPORTANT: 5.0,
    NotificationPriority.NORMAL: 60.0,
}
"""Seconds from the event to the provider."""
BATCH: Final = 500
MOST_SECONDS: Final = 150.0  # for the notifications of normal priority; those that are left count with their age
END_SECONDS: Final = 60.0  # for the more urgent ones, once no customer buys
PAUSE: Final = 0.25
LEAST: Final = 2  # of each lane, for a percentile
STAFF: Final = "staff@example.com"
WAITING: Final = "select exists (select from queued_notifications where priority = any($1::notification_priority[]))"
PENDING: Final = "select count(*) from outbox_events where published_at is null and dead_at is null"
# From the begin of the event's transaction, which is a few milliseconds before its commit. Those of normal priority
# have no event: they are created when they are due.
CREATED: Final = """
select n.id::text, n.priority::text, extract(epoch from coalesce(e.created_at, n.created_at))::float8 as since
from notifications as n
left join outbox_events as e on e.aggregate_id = n.order_id
 and e.topic = case n.kind when 'ORDER_PAID' then 'order.paid' else 'order.created' end
where n.type = 'EMAIL' and n.created_at >= $1
  and n.kind in ('ORDER_PLACED', 'ORDER_PAID', 'STAFF_NEW_ORDER', 'ABANDONED_CART')
"""


@dataclass
class Purchases:
    """Customers who buy at a rate (orders per second) until they are stopped, and how many orders they made."""

    buyers: Sequence[Callable[[int], Awaitable[None]]]
    numbers: Iterator[int]
    rate: float
    orders: int = 0
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Let all buy in turns; who is late buys at once."""
        start, turns = time.perf_counter(), itertools.count()

        async def again(buy: Callable[[int], Awaitable[None]]) -> None:
            while not self.stopped.is_set():
                await asyncio.sleep(start + next(turns) / self.rate - time.perf_counter())
                await buy(next(self.numbers))
                self.orders += 1

        await asyncio.gather(*(again(buy) for buy in self.buyers))


async def compare(shop: Shop, broker_url: str | None, seconds: float, number: int, report: Progress) -> Report:
    """The report: the rates, what is left of so many notifications, and the lags of each priority.

    Raises RuntimeError when an urgent e-mail is not received, and when an invariant does not hold afterwards.
    """
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(
            wired(Settings(commerce_home=shop.home, access_log=False), shop.url)
        )
        sale = await purchase.create_stock(platform)
        await create_customers(platform)
        await tell_staff(platform, sale.currency)
        connection = await asyncpg.connect(shop.url)
        stack.push_async_callback(connection.close)
        receipts, settings = stack.enter_context(receiving())
        port = await stack.enter_async_context(serving(shop.home, {**shop.environment, **settings}, broker_url))
        numbers = itertools.count(await connection.fetchval("select count(*) from orders"))
        path = EventPath(await customers(stack, port, sale), HANDLER)
        await path.warm_up(connection, numbers)
        await analyze(shop.url)
        await path.run(connection, numbers, seconds)
        await wait_until(partial(has_ended, connection, tuple(TARGETS)), END_SECONDS)
        purchases = Purchases(path.side.buyers, numbers, path.rate / 2)
        report(f"{number:,} notifications of normal priority beside {purchases.rate:.0f} orders a second")
        found = await measure(platform, connection, purchases, receipts, number)
    await purchase.check(shop.url, next(numbers))
    return {
        "through": "process" if broker_url is None else "rabbitmq",
        "orders_per_second_alone": round(path.rate, 1),
        **found,
    }


async def tell_staff(platform: Platform, currency: str) -> None:
    """Let staff be told of new orders."""
    company = await platform.companies.find(None)
    settings = platform.services.notification.settings

    async def work(tx: Tx) -> None:
        await settings.update(tx, {"staff_emails": [STAFF]}, currency)

    await platform.database.run(work, Actor.system(company.id))


async def measure(
    platform: Platform, connection: Any, purchases: Purchases, receipts: Receipts, number: int
) -> Report:
    """Buy until all of normal priority are sent or MOST_SECONDS have passed, and read the lags."""
    start, began = await connection.fetchval("select clock_timestamp()"), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        group.create_task(purchases.run())
        await queue(platform, number)
        queued = time.perf_counter() - began
        while time.perf_counter() - began < MOST_SECONDS:
            await asyncio.sleep(PAUSE)
            if purchases.orders >= LEAST and await has_ended(connection, (NotificationPriority.NORMAL,)):
                break
        bought, ended = time.perf_counter() - began, time.time()
        purchases.stopped.set()
    urgent = (NotificationPriority.CRITICAL, NotificationPriority.IMPORTANT)
    await wait_until(partial(has_ended, connection, urgent), END_SECONDS)
    lanes = lags_of(await connection.fetch(CREATED, start), receipts, ended)
    left = sum(not is_received for _, is_received in lanes[NotificationPriority.NORMAL])
    return {
        "orders_per_second": round(purchases.orders / bought, 1),
        "normal": {
            "notifications": number,
            "seconds_to_queue": round(queued, 1),
            "left": left,
            "sent_per_second": round((number - left) / bought, 1),
        },
        **{priority.value: as_json(priority, lanes[priority]) for priority in TARGETS},
    }


async def queue(platform: Platform, number: int) -> None:
    """Reminders of so many carts, each of another recipient, made due as the job of digests does it."""
    company, run = await platform.companies.find(None), uuid4()
    for start in range(0, number, BATCH):
        some = range(start, min(start + BATCH, number))
        await platform.database.run(partial(_create, platform, run, some), Actor.system(company.id))
        await platform.database.run(platform.services.notification.digests.make, Actor.system(company.id))


async def _create(platform: Platform, run: UUID, numbers: range, tx: Tx) -> None:
    cart = {"items": [], "total": "1.00", "currency": "EUR", "url": "https://shop.example.com/cart"}
    new = [
        NewNotification(
            kind=NotificationKind.ABANDONED_CART,
            dedupe_key=f"bench {run} {each}",
            recipient=f"{run.hex}-{each}@example.com",
            variables={"cart": cart, "step": 1},
        )
        for each in numbers
    ]
    await platform.services.notification.notifications.create(tx, new)


async def has_ended(connection: Any, priorities: Sequence[NotificationPriority]) -> bool:
    """Whether no notification of these priorities waits, nor an event that may cause one of an urgent priority."""
    if await connection.fetchval(WAITING, list(priorities)):
        return False
    return NotificationPriority.CRITICAL not in priorities or await connection.fetchval(PENDING) == 0


def lags_of(
    rows: Sequence[Any], receipts: Receipts, ended: float
) -> Mapping[NotificationPriority, Sequence[tuple[float, bool]]]:
    """The lag of each notification by priority, and whether it was received: else it is the age of it at the end.

    Raises RuntimeError when an urgent one was not received.
    """
    lanes: dict[NotificationPriority, list[tuple[float, bool]]] = {priority: [] for priority in TARGETS}
    for row in rows:
        priority, received = NotificationPriority(row["priority"]), receipts.times.get(row["id"])
        if received is None and priority is not NotificationPriority.NORMAL:
            raise RuntimeError(f"The notification {row['id']} of {priority.value} was not received.")
        lanes[priority].append(((received or ended) - row["since"], received is not None))
    return lanes


def as_json(priority: NotificationPriority, lags: Sequence[tuple[float, bool]]) -> Report:
    """The figures of a lane: how many, the percentiles of the lags, and these as shares of the target."""
    figures = purchase.percentiles([lag for lag, _ in lags])
    target = TARGETS[priority]
    of_target = {f"{name.removesuffix('_ms')}_of_target": ratio(ms, target * 1_000) for name, ms in figures.items()}
    return {"emails": len(lags), "target_seconds": target, **figures, **of_target}
