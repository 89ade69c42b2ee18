"""`commerce doctor` reports problems and remedies."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from domains.kernel.database import Database
from domains.kernel.events import EventQueue
from domains.kernel.ids import new_id
from domains.kernel.ports import CacheUnavailable
from gateway.bootstrap import wired
from gateway.commands.checks.results import CheckResult
from gateway.commands.checks.servers import check_redis
from gateway.commands.doctor import examine
from gateway.infra.encryption import Cipher
from gateway.infra.postgres import connected, server_of
from gateway.infra.rabbitmq import Message
from gateway.infra.rabbitmq import connected as connected_broker
from gateway.infra.redis import RedisClient
from gateway.messaging.broker import EXCHANGE, Broker
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.stored_events import replay_dead
from gateway.providers.notifications.installation import CONTENT_KEY
from gateway.services import rules_of
from gateway.settings import Settings
from tests.brokers import delete_queues

EVENT = """
insert into outbox_events (id, topic, aggregate_id, payload, actor_kind, attempts, dead_at, last_error, created_at)
values ($1, 'tea.made', $1, '{}', 'SYSTEM', 10, now(), 'TeaError: cold', now() - interval '1 hour')
"""
# Both times are so many minutes ago.
NOTIFICATION = """
with notification as (
  insert into notifications
    (id, company_id, type, kind, category, priority, content, dedupe_key, scheduled_at, updated_at)
  select $1, id, 'EMAIL', 'NO_ACCOUNT', 'ACCOUNT', 'CRITICAL', '', $1::uuid, now(), now() from companies limit 1
  returning id, company_id, priority
)
insert into queued_notifications (notification_id, company_id, priority, key_id, next_attempt_at, due_at)
select id, company_id, priority, $2, now(), now() - $3::interval from notification
"""


def settings_of(home: Path, **given: Any) -> Settings:
    """The settings of an installation on one machine, and the given ones."""
    return Settings(commerce_home=home, database_url=None, **given)


async def failed(url: str, home: Path, **given: Any) -> list[CheckResult]:
    return [result for result in await examine(settings_of(home, **given), url) if not result.passed]


async def test_a_new_installation_passes_the_doctor(fresh: str, tmp_path: Path) -> None:
    results = await examine(settings_of(tmp_path), fresh)
    assert [result.subject for result in results if not result.passed] == []
    assert len(results) == 9 + len(rules_of())


async def test_a_dead_event_is_found_and_can_be_replayed(fresh: str, tmp_path: Path) -> None:
    async with connected(fresh) as connection:
        await connection.execute(EVENT, new_id())
        (result,) = await failed(fresh, tmp_path)
        assert result.subject == "Every event was handled"
        assert "commerce events dead-letters --replay" in result.advice
        assert "TeaError: cold" in result.advice
        await replay_dead(connection)
    (result,) = await failed(fresh, tmp_path)
    assert result.subject == "No event is pending for more than 15 minutes"


async def test_a_privilege_that_requests_should_not_have_is_found(fresh: str, tmp_path: Path) -> None:
    async with connected(fresh) as connection:
        await connection.execute("grant update on stock_movements to commerce_gateway")
    (result,) = await failed(fresh, tmp_path)
    assert result.subject == "Requests and relay have exactly their privileges"
    assert result.advice.endswith("\nrevoke update on stock_movements from commerce_gateway, public;")


async def test_an_invalid_list_of_operations_is_found(fresh: str, tmp_path: Path) -> None:
    file = tmp_path / "operations.json"
    settings = settings_of(tmp_path, operations_files=(file,))
    file.write_text('{"a": ""}')
    (result,) = [each for each in await examine(settings, fresh) if not each.passed]
    assert result.advice == f"OPERATIONS_FILES: {file}: Entry 'a': The text of the operation is missing."
    file.write_text('{"a": "{ __typename }"}')
    (result, *_) = await examine(settings, fresh)
    assert result.passed
    assert result.advice.splitlines()[-1] == "OPERATIONS_FILES: the server executes only listed operations (1)."


async def test_notifications_without_their_key_and_those_under_an_older_key_are_found(
    fresh: str, tmp_path: Path
) -> None:
    older, newer, removed = (letter * 32 for letter in "onr")
    settings = Settings(commerce_home=tmp_path, database_url=None, jwt_keys=SecretStr(f"n:{newer},o:{older}"))
    ids = [Cipher([key.encode()], CONTENT_KEY).key_ids[0] for key in (older, newer, removed)]
    async with connected(fresh) as connection:
        for key_id in (*ids, ids[2], None, "unknown"):
            await connection.execute(NOTIFICATION, new_id(), key_id, timedelta(0))
        (result,) = [each for each in await examine(settings, fresh) if not each.passed]
        assert result.subject == "JWT_KEYS decrypts every notification that waits"
        first, _, named, older_keys = result.advice.splitlines()
        assert first.startswith("3 notifications wait for a key that was removed. Add it again at the end of")
        assert named == f"rows of queued_notifications whose key_id is {ids[2]} or unknown."
        assert older_keys == "2 notifications wait under older keys of JWT_KEYS: keep these for now."
        await connection.execute("delete from queued_notifications where key_id = any($1)", [ids[2], "unknown"])
    (result,) = [each for each in await examine(settings, fresh) if "notification that waits" in each.subject]
    assert (result.passed, result.advice) == (True, older_keys)


async def test_a_failed_job_is_found(fresh: str, tmp_path: Path) -> None:
    async with connected(fresh) as connection:
        await connection.execute(
            "insert into job_runs (name, started_at, finished_at, error) "
            "values ('index orders', now() - interval '1 minute', now(), 'TeaError: cold'), "
            "('reindex products', now(), null, null), ('of an earlier version', now(), now(), 'TeaError: cold')"
        )
    (result,) = await failed(fresh, tmp_path)
    assert result.subject == "Jobs run"
    advice, *lines = result.advice.splitlines()
    assert advice.startswith("Start a server or a worker")
    shown = {line.partition(": ")[0]: line for line in lines}
    assert shown["index orders"].endswith("60.0 s  failed: TeaError: cold")
    assert shown["reindex products"].endswith("running or interrupted")
    assert shown["delete expired carts"] == "delete expired carts: never run"
    assert "of an earlier version" not in shown


@pytest.mark.parametrize(("minutes", "passed"), [(1.4, True), (1.6, False)])
async def test_a_job_that_has_not_run_for_three_intervals_is_overdue(
    fresh: str, tmp_path: Path, minutes: float, *, passed: bool
) -> None:
    async with wired(settings_of(tmp_path), fresh) as platform:
        every = {job.name: job.every for job in platform.jobs}
    assert every["index orders"] == timedelta(seconds=30)
    run = "insert into job_runs (name, started_at, finished_at) values ($1, now() - $2::interval, now())"
    async with connected(fresh) as connection:
        await connection.executemany(run, [(name, timedelta(minutes=minutes)) for name in every])
    results = await failed(fresh, tmp_path)
    assert [result.subject for result in results] == ([] if passed else ["Jobs run"])
    overdue = {
        line.partition(":")[0] for result in results for line in result.advice.splitlines()[1:] if "overdue" in line
    }
    assert overdue == (set() if passed else {name for name in every if every[name] == timedelta(seconds=30)})


async def test_a_job_that_never_ran_is_overdue_when_others_began_long_ago(fresh: str, tmp_path: Path) -> None:
    async with connected(fresh) as connection:
        await connection.execute(
            "insert into job_runs (name, started_at, finished_at) values "
            "('delete expired sessions and codes', now() - interval '3 minutes', now())"
        )
    (result,) = await failed(fresh, tmp_path)
    assert "index orders: never run  overdue" in result.advice.splitlines()


@pytest.mark.parametrize(("minutes", "passed"), [(59, True), (61, False)])
async def test_a_notification_that_is_due_for_an_hour_is_found(
    fresh: str, tmp_path: Path, minutes: int, *, passed: bool
) -> None:
    async with connected(fresh) as connection:
        waits = [(new_id(), None, timedelta(minutes=each)) for each in (minutes, 5)]
        await connection.executemany(NOTIFICATION, waits)
    (result,) = [
        each for each in await examine(settings_of(tmp_path), fresh) if each.subject == "Notifications are sent"
    ]
    assert result.passed == passed
    assert result.advice.startswith(f"CRITICAL notifications that wait: 2, the oldest for {minutes} minutes.")


@pytest.mark.rabbitmq
async def test_the_queues_and_dead_letters_of_rabbitmq_are_checked(
    fresh: str, tmp_path: Path, broker_url: str, database: Database
) -> None:
    name = f"test-{uuid4().hex}."
    given = {"rabbitmq_url": SecretStr(broker_url), "rabbitmq_namespace": name}
    server = server_of(broker_url)
    missing, *others = await failed(fresh, tmp_path, **given)
    assert (missing.subject, others) == (f"RabbitMQ at {server} answers and has the queues", [])
    assert f"\n{name}order.events\n{name}order.events.dead-letters\n" in missing.advice
    broker = Broker(broker_url, EventEmitter(database), namespace=name)
    names = [broker.name_of(queue) for queue in EventQueue]
    running = asyncio.create_task(broker.run())
    try:
        await asyncio.wait_for(broker.ready(), 15)
        assert await failed(fresh, tmp_path, **given) == []
        async with connected_broker(broker_url) as client:
            await client.publish("", f"{name}order.events.dead-letters", Message(str(new_id()), b"{}"))
        (dead,) = await failed(fresh, tmp_path, **given)
        assert dead.subject == "No dead letter waits in RabbitMQ"
        assert dead.advice.splitlines()[1:] == [f"{name}order.events.dead-letters: 1"]
    finally:
        running.cancel()
        await asyncio.wait([running])
        await delete_queues(broker_url, names, [name + EXCHANGE])


async def test_servers_that_do_not_answer_are_found_and_no_secret_is_shown(fresh: str, tmp_path: Path) -> None:
    results = await failed(
        fresh,
        tmp_path,
        rabbitmq_url=SecretStr("amqp://shop:hunter2@127.0.0.1:9/"),
        redis_url=SecretStr("redis://shop:hunter2@127.0.0.1:9/0"),
    )
    assert [result.subject for result in results] == [
        "RabbitMQ at 127.0.0.1:9/ answers and has the queues",
        "Redis at 127.0.0.1:9/0 answers",
    ]
    assert all("does not answer" in result.advice for result in results)
    assert "hunter2" not in repr(results)


@pytest.mark.parametrize(
    ("limit", "passed", "advice"),
    [
        ((0, "noeviction"), True, "maxmemory is not set"),
        ((1_000, "noeviction"), False, "Redis refuses writes when its memory is full"),
        ((1_000, "volatile-lru"), True, ""),
        (None, True, "INFO is not allowed"),
    ],
)
@pytest.mark.redis
async def test_the_memory_of_redis_is_checked(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, limit: tuple[int, str] | None, advice: str, *, passed: bool
) -> None:
    async def memory_limit(_: RedisClient) -> tuple[int, str]:
        if limit is None:
            raise CacheUnavailable
        return limit

    async with RedisClient.connected(redis_url) as client, Redis.from_url(redis_url) as redis:
        told = await redis.config_get("maxmemory*")
        assert await client.memory_limit() == (int(told["maxmemory"] or 0), told["maxmemory-policy"])
    monkeypatch.setattr(RedisClient, "memory_limit", memory_limit)
    result = await check_redis(redis_url, "commerce:")
    assert (result.passed, advice in result.advice, bool(advice)) == (passed, True, bool(result.advice))


async def test_an_unreachable_database_is_found(tmp_path: Path) -> None:
    (result,) = await failed("postgresql://x:secret@127.0.0.1:9/x", tmp_path)
    assert result.subject == "The database can be used"
    assert "does not answer" in result.advice
    assert "secret" not in result.advice


@pytest.mark.parametrize("invariant", rules_of(), ids=lambda invariant: invariant.rule)
async def test_every_invariant_is_valid_sql(fresh: str, invariant: Any) -> None:
    async with connected(fresh) as connection:
        assert await invariant.violations(connection) == []
    assert invariant.rule[0].isupper()
    assert invariant.remedy.endswith(".")
