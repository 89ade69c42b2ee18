"""Messages at the broker are without the personal fields of events, which consumers read from the outbox."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import orjson
import pytest

from domains.auth.events import PasswordChanged
from domains.kernel.actor import Actor
from domains.kernel.events import Envelope, Event, EventQueue
from domains.kernel.ids import new_id
from domains.order.events import OrderStatusChanged
from gateway.bootstrap import declared_events, wired
from gateway.infra.postgres import connected as connected_database
from gateway.infra.rabbitmq import ReceivedMessage, connected
from gateway.messaging.broker import EXCHANGE
from gateway.messaging.messages import message_of
from gateway.messaging.processes import Process
from gateway.settings import load
from tests.brokers import delete_queues
from tests.conditions import wait_until
from tests.databases import Server

ADDRESS: Final = "vera@example.com"
USER: Final = """
insert into users (id, email, role_id, updated_at)
select $1, $2, id, now() from roles where code = 'CUSTOMER' and company_id is null
"""
PERSONAL: Final = [event for event in declared_events().values() if event.personal]


def envelope(topic: str, payload: dict[str, str], version: int = 1) -> Envelope:
    return Envelope(
        new_id(), topic, version, None, new_id(), 1, "SYSTEM", None, datetime(2026, 11, 28, tzinfo=UTC), payload
    )


@pytest.mark.parametrize("event", PERSONAL, ids=lambda event: event.topic)
def test_a_message_has_no_personal_field_of_its_event(event: type[Event]) -> None:
    payload = {"plain": "kept"} | dict.fromkeys(event.personal, ADDRESS)
    body = orjson.loads(message_of(envelope(event.topic, payload), event).body)
    assert body["payload"] == {"plain": "kept"}


def test_a_message_of_an_event_that_is_not_declared_in_its_version_has_no_payload() -> None:
    stored = envelope(OrderStatusChanged.topic, {"order_number": "1"}, version=OrderStatusChanged.version + 1)
    for declared in (OrderStatusChanged, None):
        assert orjson.loads(message_of(stored, declared).body)["payload"] == {}


@pytest.mark.rabbitmq
async def test_a_worker_publishes_no_address_and_its_handler_gets_it(
    server: Server, broker_url: str, tmp_path: Path
) -> None:
    namespace, seen = f"test-{uuid4().hex}.", list[ReceivedMessage]()
    tap, exchange = f"{namespace}tap", f"{namespace}{EXCHANGE}"
    queues = [tap, *(namespace + queue.value for queue in EventQueue)]
    broker = {"rabbitmq_url": broker_url, "rabbitmq_namespace": namespace}

    async def keep(delivery: ReceivedMessage) -> None:
        seen.append(delivery)

    async with server.database(await server.template()) as url, connected(broker_url) as client:
        settings = load({}, commerce_home=tmp_path, database_url=url, **broker)
        try:
            await client.create_exchange(exchange)
            await client.create_queue(tap, exchange, [PasswordChanged.topic])
            await client.subscribe(tap, keep)
            async with wired(settings, url, Process.WORKER) as platform, platform.background:
                company, changed = await platform.companies.find(None), new_id()
                async with connected_database(url) as connection:
                    await connection.execute(USER, changed, ADDRESS)
                async with platform.database.transaction(Actor.system(company.id)) as tx:
                    tx.emit(PasswordChanged(user_id=changed, email=ADDRESS, was_reset=False))
                mails = tmp_path / "outbox" / "mail.jsonl"
                await wait_until(lambda: mails.exists() and ADDRESS in mails.read_text(), seconds=30)
                await wait_until(lambda: bool(seen))
        finally:
            await delete_queues(broker_url, queues, [exchange])
    assert orjson.loads(seen[0].body)["payload"] == {"user_id": str(changed), "was_reset": False}
