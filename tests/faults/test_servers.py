"""The servers of the tests' own: killed, frozen and started again, they keep what they have confirmed."""

import asyncio
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

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
@pytest.mark.sample
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


def collected(**environment: str) -> "subprocess.CompletedProcess[str]":
    """The collection of the tests of Redis at full size, without a Redis of the machine's."""
    names = ("DATABASE_URL", "REDIS_URL", "TEST_REDIS_URL", "TEST_SERVER_URL")
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-m", "redis", "tests/faults/test_redis_faults.py"],
        env={**inherited, "FULL": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_a_run_at_full_size_starts_a_redis() -> None:
    assert "4 tests collected" in collected().stdout


def test_a_run_at_full_size_fails_at_its_start_without_redis(tmp_path: Path) -> None:
    found = collected(PATH=str(tmp_path))
    assert found.returncode == pytest.ExitCode.USAGE_ERROR
    assert "FULL=1 runs two servers, which need Redis. Set REDIS_URL: redis-server is not installed." in found.stderr
