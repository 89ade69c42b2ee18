"""RabbitMQ killed, restarted, frozen and cut under load: every event is handled once, and poison is set aside."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

import aio_pika
import pytest

from domains.kernel.events import EventQueue
from domains.kernel.ids import new_id
from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from gateway.infra.rabbitmq import Message, ReceivedMessage
from gateway.infra.rabbitmq import connected as connected_broker
from gateway.messaging.broker import EXCHANGE
from tests.conditions import wait_until
from tests.faults.drain import drained
from tests.faults.invariants.checks import require_all
from tests.faults.load import purchases
from tests.faults.processes import Gateway, Processes
from tests.faults.scale import FAULTS, FULL, SAMPLED
from tests.faults.servers import RabbitMQServer
from tests.faults.shop import Shop
from tests.proxy import Proxy

ROUNDS: Final = 5 if FULL else 1
AWAY_SECONDS: Final = 25.0 if FULL else 3.0  # a connection without an answer is given up after 19 s at the latest
CATCH_UP_SECONDS: Final = 300.0 if FULL else 120.0  # within the time of a test
POISON: Final = """
insert into outbox_events (id, topic, company_id, aggregate_id, payload, actor_kind)
values ($1, 'order.paid', (select id from companies limit 1), $1, '{"user_id": "poison"}', 'SYSTEM')
"""
CURE: Final = (
    "update outbox_events set payload = jsonb_build_object('user_id', null, 'order_id', $2::text) where id = $1"
)
QUEUES_OF_PAID: Final = 2  # order.events and notification.events get order.paid
ODD_DEATHS: Final[Any] = [1, 2]  # RabbitMQ itself writes tables into the header x-death

Fault = Callable[[RabbitMQServer, Proxy], Awaitable[None]]


@pytest.fixture
async def proxy(rabbitmq: RabbitMQServer) -> AsyncIterator[Proxy]:
    """The way of the processes to RabbitMQ. At the end RabbitMQ runs."""
    async with Proxy.of(rabbitmq.url) as made:
        yield made
    await rabbitmq.heal()


@pytest.fixture
def namespace() -> str:
    """The prefix of the exchange and queues of this test."""
    return f"{uuid4().hex}."


@pytest.fixture
def settings(settings: dict[str, str], proxy: Proxy, namespace: str) -> dict[str, str]:
    """The environment of processes that use RabbitMQ by way of the proxy."""
    return settings | {"RABBITMQ_URL": proxy.url, "RABBITMQ_NAMESPACE": namespace}


@pytest.fixture
async def started(processes: Processes, gateway: Gateway, rabbitmq: RabbitMQServer, namespace: str) -> None:
    """Run a server and two workers, and wait until all queues exist."""
    for each in (gateway, processes.worker(), processes.worker()):
        await each.start()
    await wait_until(lambda: _has_queues(rabbitmq, namespace), seconds=60)


async def _has_queues(rabbitmq: RabbitMQServer, namespace: str) -> bool:
    async with connected_broker(rabbitmq.url) as client:
        with suppress(LookupError):
            return [await client.depth(namespace + queue.value) for queue in EventQueue] == [0] * len(EventQueue)
    return False


async def killed(rabbitmq: RabbitMQServer, _: Proxy) -> None:
    rabbitmq.kill()
    await rabbitmq.start()


async def restarted(rabbitmq: RabbitMQServer, _: Proxy) -> None:
    await rabbitmq.stop()
    await rabbitmq.start()


async def frozen(rabbitmq: RabbitMQServer, _: Proxy) -> None:
    rabbitmq.freeze()
    await asyncio.sleep(AWAY_SECONDS)
    rabbitmq.thaw()


async def stalled(_: RabbitMQServer, proxy: Proxy) -> None:
    proxy.stall()
    await asyncio.sleep(AWAY_SECONDS)
    proxy.resume()


async def cut(_: RabbitMQServer, proxy: Proxy) -> None:
    for _number in range(5):
        proxy.cut()
        await asyncio.sleep(0.3)


async def unreachable(_: RabbitMQServer, proxy: Proxy) -> None:
    proxy.refuse()
    await asyncio.sleep(AWAY_SECONDS)
    proxy.resume()


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    "fault",
    [
        killed,
        pytest.param(frozen, marks=SAMPLED),
        *(pytest.param(each, marks=FAULTS) for each in (restarted, stalled, cut, unreachable)),
    ],
)
async def test_a_broker_that_fails_under_load_loses_and_repeats_no_event(
    fault: Fault, rabbitmq: RabbitMQServer, proxy: Proxy, shop: Shop, platform: Platform, shop_url: str
) -> None:
    items = await shop.add_items(4, 10_000)
    if fault is killed:
        await rabbitmq.settled()
    async with purchases(shop, items) as load:
        for _ in range(ROUNDS):
            await load.grows(20)
            await fault(rabbitmq, proxy)
        await load.grows(20)
    assert len(shop.told.paid) == load.finished
    assert shop.staff.faults == []
    await wait_until(lambda: _is_published(shop_url), seconds=CATCH_UP_SECONDS)
    await drained(platform, shop_url)
    await require_all(platform, shop_url, shop)


async def _is_published(url: str) -> bool:
    """Whether no event waits for publication. Tens of thousands wait after a long absence under load."""
    async with connected(url) as connection:
        found: bool = await connection.fetchval(
            "select not exists (select from outbox_events where published_at is null)"
        )
        return found


@pytest.mark.faults
@pytest.mark.sample
@pytest.mark.usefixtures("started")
async def test_poison_becomes_a_dead_letter_while_others_are_handled_and_can_be_cured(
    rabbitmq: RabbitMQServer, processes: Processes, namespace: str, shop: Shop, platform: Platform, shop_url: str
) -> None:
    items, poison = await shop.add_items(4, 10_000), new_id()
    async with connected_broker(rabbitmq.url) as client:
        await client.create_exchange(namespace + EXCHANGE)
        async with purchases(shop, items) as load:
            await load.grows(5)
            async with connected(shop_url) as connection:
                await connection.execute(POISON, poison)
            await client.publish(namespace + EXCHANGE, "order.paid", Message("garbage", b"{"))
            await load.grows(20)
            await wait_until(lambda: _is_dead(shop_url, poison), seconds=60)
            await load.grows(20)
        order_id = next(iter(shop.told.paid))
        listed = await commerce(processes, "events", "dead-letters")
        assert "Dead letters: 1." in listed
        assert f"Refused messages: {QUEUES_OF_PAID}," in listed
        assert f"{poison}" in listed
        async with connected(shop_url) as connection:
            await connection.execute(CURE, poison, order_id)
        assert "Events scheduled again: 1." in await commerce(processes, "events", "dead-letters", "--replay")
        assert f"Refused messages: {QUEUES_OF_PAID}, deleted." in await commerce(
            processes, "events", "dead-letters", "--discard"
        )
    await drained(platform, shop_url)
    assert "There are no dead letters." in await commerce(processes, "events", "dead-letters")
    await require_all(platform, shop_url, shop)


@pytest.mark.faults
async def test_a_refused_message_with_deaths_of_another_type_leaves_the_dead_letter_workers_of_the_node(
    rabbitmq: RabbitMQServer,
) -> None:
    async def refuse(_delivery: ReceivedMessage) -> str:
        return "It is no event."

    async def fail(_delivery: ReceivedMessage) -> None:
        raise ConnectionError

    async def has_depth(queue: str, count: int) -> bool:
        return await client.depth(queue) == count

    async with connected_broker(rabbitmq.url) as client, await aio_pika.connect(rabbitmq.url) as foreign:
        await client.create_exchange("kettles")
        await client.create_queue("kettle.events", "kettles", ["kettle.boiled"])
        await client.create_queue("cup.events", "kettles", ["cup.filled"])
        await client.subscribe("kettle.events", refuse)
        await client.subscribe("cup.events", fail)
        exchange = await (await foreign.channel()).get_exchange("kettles")
        await exchange.publish(aio_pika.Message(b"{}", headers={"x-death": ODD_DEATHS}), "kettle.boiled")
        await wait_until(lambda: has_depth("kettle.events.dead-letters", 1))
        letters = [letter async for letter in client.dead_letters("kettle.events", 10)]
        assert [(letter.message.topic, letter.reason) for letter in letters] == [("kettle.boiled", "It is no event.")]

        # The node still moves a message by itself whose consumer dies again and again, and declares queues.
        await client.publish("kettles", "cup.filled", Message("1", b"{}"))
        await wait_until(lambda: has_depth("cup.events.dead-letters", 1))
        await client.create_queue("spoon.events", "kettles", ["spoon.bent"])


async def _is_dead(url: str, event_id: object) -> bool:
    async with connected(url) as connection:
        found: bool = await connection.fetchval(
            "select dead_at is not null from outbox_events where id = $1", event_id
        )
        return found


async def commerce(processes: Processes, *command: str) -> str:
    """What a command prints."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "gateway.cli", *command],
        env={**os.environ, **processes.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return str(done.stdout)
