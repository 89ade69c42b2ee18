"""Messages that consumers refuse stay in the dead-letter queue of RabbitMQ, and `commerce events` lists them."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from domains.kernel.events import Envelope, EventQueue
from domains.kernel.ids import new_id
from gateway.cli import app
from gateway.infra.rabbitmq import Message, RabbitMQClient, ReceivedMessage, connected
from gateway.messaging.broker import EXCHANGE, Broker
from gateway.messaging.consumers import Consumer
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.messages import message_of
from tests.brokers import delete_queues
from tests.conditions import wait_until
from tests.foreign_messages import UNDECODABLE, publish_raw, publish_with_headers
from tests.gateway.messaging.samples import TOPIC, CountingHandler, cancelled, effects, measure, states

pytestmark = [pytest.mark.rabbitmq, pytest.mark.usefixtures("empty_outbox")]
STORED = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events where aggregate_id = $1
"""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange with a queue and a consumer, and the command that lists the dead letters of its queues."""

    name: str
    queue: str
    url: str
    client: RabbitMQClient
    environment: dict[str, str]
    connection: "asyncio.Task[None]"

    async def stop_consumer(self) -> None:
        await cancelled(self.connection)

    async def publish(self, message: Message, topic: str = TOPIC) -> None:
        await self.client.publish(self.name, topic, message)

    async def are_dead(self, count: int) -> bool:
        return await self.client.depth(f"{self.queue}.dead-letters") == count

    async def dead_letters(self, *options: str) -> str:
        return await self.events("dead-letters", *options)

    async def events(self, *command: str) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, app, ["events", *command], env=self.environment)
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
async def exchange(
    broker_url: str,
    admin_url: str,
    emitter: EventEmitter,
    relay_pool: Any,
    tmp_path: Path,
) -> AsyncIterator[Exchange]:
    namespace = f"test-{uuid4().hex}."
    name = namespace + EXCHANGE
    environment = {
        **os.environ,
        "DATABASE_URL": admin_url,
        "RABBITMQ_URL": broker_url,
        "RABBITMQ_NAMESPACE": namespace,
        "COMMERCE_HOME": str(tmp_path),
    }
    async with AsyncExitStack() as stack:
        consumer = Consumer(EventQueue.PRODUCT, emitter, relay_pool, SystemClock())
        broker = Broker(broker_url, emitter, [consumer], namespace=namespace)
        stack.push_async_callback(delete_queues, broker_url, [broker.name_of(each) for each in EventQueue], [name])
        connection = asyncio.create_task(broker.run())
        stack.push_async_callback(cancelled, connection)
        await asyncio.wait_for(broker.ready(), 15)
        client = await stack.enter_async_context(connected(broker_url))
        await client.create_exchange(name)
        queue = broker.name_of(EventQueue.PRODUCT)
        await client.create_queue(queue, name, ["sample.weighed"])
        yield Exchange(name, queue, broker_url, client, environment, connection)


async def message(owner: Any, sample: UUID, **changes: Any) -> Message:
    """The message of the event of a sample, with other fields."""
    row = await owner.fetchrow(STORED, sample)
    return message_of(replace(Envelope(*row), **changes))


async def test_refused_messages_are_listed_until_they_are_discarded_and_later_events_are_handled(
    exchange: Exchange, database: Database, handler: CountingHandler, owner: Any, company: UUID, other_company: UUID
) -> None:
    sample, other = await measure(database, company, 1), await measure(database, company, 2)
    unknown, foreign = new_id(), new_id()
    await exchange.publish(Message("malformed", b"{"))
    await exchange.publish(await message(owner, sample, id=foreign, company_id=other_company))
    await exchange.publish(await message(owner, sample, id=unknown, topic="sample.weighed"), "sample.weighed")
    await exchange.publish(await message(owner, other))
    await wait_until(lambda: exchange.are_dead(3))
    await wait_until(lambda: handler.of(other) == [2])
    assert (handler.of(sample), await effects(owner, company), await effects(owner, other_company)) == ([], 1, 0)

    listed = (await exchange.dead_letters()).splitlines()
    missing = "refused: The outbox has no event with this id."
    assert sorted(re.sub(r"\d+ bytes", "# bytes", line) for line in listed[:3]) == sorted(
        f"{exchange.queue}  {each}"
        for each in (
            f"{TOPIC}  malformed  # bytes, refused: The message is not a JSON object.",
            f"{TOPIC}  {foreign}  # bytes, {missing}",
            f"sample.weighed  {unknown}  # bytes, {missing}",
        )
    )
    assert listed[3:] == [
        "Dead letters: 0. `--replay` delivers them again. Refused messages: 3, `--discard` deletes them."
    ]
    assert await exchange.dead_letters("--replay") == "Events scheduled again: 0.\n"
    assert (await exchange.dead_letters("--discard")).splitlines()[:-1] == listed[:3]
    assert await exchange.dead_letters() == "There are no dead letters.\n"


async def test_messages_of_other_programs_are_listed_one_per_line_without_control_of_the_terminal(
    exchange: Exchange,
) -> None:
    """One that cannot be decoded, or whose headers have other types, does not hide the others."""
    name = f"{exchange.queue}.dead-letters"
    await publish_raw(exchange.url, "", name, UNDECODABLE["a timestamp beyond all calendars"])
    await publish_with_headers(exchange.url, name, {"x-death": [{"routing-keys": 5}], "topic": [7]})
    topic = f"{TOPIC}\n2026-11-28 22:26:59  PUBLISHED  forged"
    forged = {"message-id": "\x1b[2J", "topic": topic, "reason": "\x9b" * 999}
    await publish_with_headers(exchange.url, name, forged)
    listed, escapes = (await exchange.dead_letters("--discard")).splitlines(), r"\x9b" * 200
    assert listed == [
        f"{exchange.queue}  {name[:80]}  (no id)  2 bytes, refused",
        f"{exchange.queue}  {name[:80]}  foreign  2 bytes, refused",
        f"{exchange.queue}  {TOPIC}\\n2026-11-28 22:26:59  PUBLISHED  forged  \\x1b[2J  2 bytes, refused: {escapes}",
        "Dead letters: 0. `--replay` delivers them again. Refused messages: 3, deleted.",
    ]
    assert await exchange.dead_letters() == "There are no dead letters.\n"


async def never_handles(_: ReceivedMessage) -> None:
    """A consumer that dies with each message."""
    raise ZeroDivisionError


async def test_an_event_whose_consumers_died_is_no_refused_message_and_is_replayed(
    exchange: Exchange, database: Database, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    await exchange.stop_consumer()
    sample = await measure(database, company, 1)
    await owner.execute("update outbox_events set published_at = now()")
    async with connected(exchange.url) as dying:
        await dying.subscribe(exchange.queue, never_handles)
        await exchange.publish(await message(owner, sample))
        await wait_until(lambda: exchange.are_dead(1))

    event_id = await owner.fetchval("select id::text from outbox_events")
    listed = (await exchange.dead_letters()).splitlines()
    assert listed[0].partition("  ")[2].split("  ")[0] == "PUBLISHED"
    assert listed[0].endswith(f"{event_id}  in {exchange.queue}.dead-letters")
    assert listed[1:] == ["Dead letters: 1. `--replay` delivers them again. Refused messages: 0."]
    assert (await exchange.dead_letters("--discard")).splitlines() == listed
    assert await exchange.are_dead(1)

    assert await exchange.dead_letters("--replay") == "Events scheduled again: 1.\n"
    assert (await states(owner), await exchange.are_dead(0)) == ([(False, False)], True)


async def test_a_message_that_differs_from_its_event_is_never_discarded_and_the_event_is_replayed(
    exchange: Exchange, database: Database, owner: Any, company: UUID, other_company: UUID
) -> None:
    sample = await measure(database, company, 1)
    await owner.execute("update outbox_events set published_at = now()")
    await exchange.publish(await message(owner, sample, company_id=other_company))
    await wait_until(lambda: exchange.are_dead(1))
    assert "Refused messages: 0." in await exchange.dead_letters("--discard")
    assert await exchange.are_dead(1)
    event_id = await owner.fetchval("select id::text from outbox_events")
    replayed = await exchange.events("replay", event_id)
    assert replayed == "Events scheduled: 1. Handlers that handled them already are not called.\n"
    assert (await states(owner), await exchange.are_dead(0)) == ([(False, False)], True)


async def test_an_event_of_an_unknown_version_is_listed_and_replayed_after_an_update(
    exchange: Exchange,
    database: Database,
    emitter: EventEmitter,
    handler: CountingHandler,
    owner: Any,
    company: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample = await measure(database, company, 1)
    await owner.execute("update outbox_events set version = 2")
    await exchange.publish(await message(owner, sample))
    await wait_until(lambda: exchange.are_dead(1))
    listed = (await exchange.dead_letters()).splitlines()
    assert listed[0].endswith(f"UnknownVersion: {TOPIC} has version 2; version 1 is known.")
    assert listed[1:] == ["Dead letters: 1. `--replay` delivers them again. Refused messages: 0."]
    assert (await exchange.dead_letters("--discard")).splitlines() == listed

    monkeypatch.setattr(emitter, "_versions", {TOPIC: 2})
    assert await exchange.dead_letters("--replay") == "Events scheduled again: 1.\n"
    assert await states(owner) == [(False, False)]
    await exchange.publish(await message(owner, sample))
    await wait_until(lambda: handler.of(sample) == [1])
    assert await exchange.dead_letters() == "There are no dead letters.\n"
