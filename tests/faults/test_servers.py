"""The servers of the tests' own: killed, frozen and started again, they keep what they have confirmed."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from gateway.infra.rabbitmq import BrokerUnavailable, Message, connected
from tests.conditions import wait_until
from tests.faults.servers import PostgresServer, RabbitMQServer


async def test_a_killed_postgres_has_its_committed_rows_when_it_is_started_again(postgres: PostgresServer) -> None:
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("create table kept (number int); insert into kept values (1)")
    await connection.execute("begin; insert into kept values (2)")
    postgres.kill()
    with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await connection.fetch("select 1")
    await postgres.start()
    connection = await asyncpg.connect(postgres.url)
    assert [row["number"] for row in await connection.fetch("select number from kept")] == [1]
    await connection.execute("drop table kept")
    await connection.close()


async def test_a_frozen_postgres_answers_when_it_thaws(postgres: PostgresServer) -> None:
    connection = await asyncpg.connect(postgres.url)
    postgres.freeze()
    asked = asyncio.create_task(connection.fetchval("select 7"))
    await asyncio.sleep(0.3)
    assert not asked.done()
    postgres.thaw()
    assert await asked == 7
    await connection.close()


@pytest.mark.faults
async def test_a_killed_rabbitmq_has_its_confirmed_messages_when_it_is_started_again(
    rabbitmq: RabbitMQServer,
) -> None:
    async with connected(rabbitmq.url) as client:
        await client.create_exchange("kept")
        await client.create_queue("kept.events", "kept", ["kettle.boiled"])
        await client.publish("kept", "kettle.boiled", Message("1", b"{}"))
        await rabbitmq.settled()
        rabbitmq.kill()
        await asyncio.wait_for(client.closed.wait(), 10)
    with pytest.raises(BrokerUnavailable):
        async with connected(rabbitmq.url):
            pass
    await rabbitmq.start()

    async def is_kept() -> bool:
        with suppress(BrokerUnavailable):  # until the queue has elected its leader
            async with connected(rabbitmq.url) as client:
                return await client.depth("kept.events") == 1
        return False

    await wait_until(is_kept, seconds=60)
