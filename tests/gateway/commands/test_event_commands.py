"""`commerce events` and `commerce jobs`: what operators see and can do."""

import asyncio
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from domains.kernel.ids import new_id
from gateway.cli import app
from gateway.infra.postgres import connected
from gateway.messaging.stored_events import EventFilter, EventState, list_events, replay
from tests.gateway.monitoring.collector import collecting
from tests.ports import free_port

INSERT = """
insert into outbox_events
    (id, topic, aggregate_id, payload, actor_kind, created_at, published_at, dead_at, last_error)
values ($1, $2, $1, '{"secret": "tea"}', 'SYSTEM', $3, $4, $5, $6)
"""
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
async def ids(fresh: str) -> dict[str, UUID]:
    """A pending, a published and a dead event."""
    events = {"pending": new_id(), "published": new_id(), "dead": new_id()}
    async with connected(fresh) as connection:
        await connection.execute(INSERT, events["pending"], "tea.ordered", NOW, None, None, None)
        await connection.execute(INSERT, events["published"], "tea.made", NOW, NOW, None, None)
        await connection.execute(INSERT, events["dead"], "tea.made", NOW, None, NOW, "TeaError: cold")
    return events


def commerce(url: str, home: Path, *command: str, **more: str) -> tuple[int, str]:
    environment = {**os.environ, "DATABASE_URL": url, "COMMERCE_HOME": str(home), "RABBITMQ_URL": "", **more}
    result = CliRunner().invoke(app, command, env=environment)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (EventFilter(), ["dead", "published", "pending"]),
        (EventFilter(topic="tea.ordered"), ["pending"]),
        (EventFilter(state=EventState.DEAD), ["dead"]),
        (EventFilter(state=EventState.PUBLISHED), ["published"]),
        (EventFilter(state=EventState.PENDING), ["pending"]),
        (EventFilter(company="elsewhere"), []),
        (EventFilter(since=datetime(2026, 11, 29, tzinfo=UTC)), []),
    ],
)
async def test_events_are_listed_by_filter_the_newest_first(
    fresh: str, ids: dict[str, UUID], chosen: EventFilter, expected: list[str]
) -> None:
    async with connected(fresh) as connection:
        listed = await list_events(connection, chosen, 10)
        limited = await list_events(connection, chosen, 1)
    assert [event.id for event in listed] == [ids[name] for name in expected]
    assert limited == listed[:1]


async def test_published_and_dead_events_are_replayed_and_unknown_ids_are_not(
    fresh: str, ids: dict[str, UUID]
) -> None:
    async with connected(fresh) as connection:
        assert set(await replay(connection, [*ids.values(), new_id()])) == {ids["published"], ids["dead"]}
        states = {event.state for event in await list_events(connection, EventFilter(), 10)}
        assert states == {EventState.PENDING}
        assert await replay(connection, list(ids.values())) == []


async def test_the_commands_list_and_replay_without_payloads(
    fresh: str, ids: dict[str, UUID], tmp_path: Path
) -> None:
    def run(*command: str) -> tuple[int, str]:
        return commerce(fresh, tmp_path, *command)

    code, output = await asyncio.to_thread(run, "events", "list", "--state", "dead")
    assert (code, str(ids["dead"]) in output, "TeaError: cold" in output) == (0, True, True)
    assert "secret" not in output
    code, output = await asyncio.to_thread(run, "events", "dead-letters")
    assert (code, "Dead letters: 1. `--replay` delivers them again." in output) == (0, True)
    code, output = await asyncio.to_thread(run, "events", "dead-letters", "--replay")
    assert (code, output) == (0, "Events scheduled again: 1.\n")
    code, output = await asyncio.to_thread(run, "events", "dead-letters")
    assert (code, output) == (0, "There are no dead letters.\n")
    missing = str(new_id())
    code, output = await asyncio.to_thread(run, "events", "replay", missing, str(ids["published"]))
    scheduled = "Events scheduled: 1. Handlers that handled them already are not called.\n"
    assert (code, output) == (1, f"{scheduled}The outbox has no event {missing}.\n")
    code, output = await asyncio.to_thread(run, "events", "replay", str(ids["pending"]))
    waits = f"The event {ids['pending']} waits for its delivery already.\n"
    assert (code, output) == (0, waits + scheduled.replace("1", "0"))
    code, output = await asyncio.to_thread(run, "events", "list", "--state", "cold")
    assert (code, "'cold' is not one of pending, published, dead." in output) == (2, True)


@pytest.mark.parametrize(
    ("option", "code", "expected"),
    [
        (("--topic", "tea.made"), 0, "tea.made"),
        (("--topic", "order.created"), 0, ""),
        (("--topic", "tea.spilt"), 1, "There is no topic 'tea.spilt'. docs/events.md lists the topics.\n"),
        (("--company", "elsewhere"), 1, "There is no company with the slug 'elsewhere'.\n"),
        (("--since", "yesterday"), 2, "Invalid value for '--since'"),
    ],
)
async def test_a_topic_or_company_that_does_not_exist_is_refused(
    fresh: str, ids: dict[str, UUID], tmp_path: Path, option: tuple[str, str], code: int, expected: str
) -> None:
    found, output = await asyncio.to_thread(commerce, fresh, tmp_path, "events", "list", *option)
    assert (found, expected in output, len(ids)) == (code, True, 3)


@pytest.mark.parametrize("command", ["replay", "dead-letters"])
async def test_nothing_is_replayed_without_a_connection_to_rabbitmq(
    fresh: str, ids: dict[str, UUID], tmp_path: Path, command: str
) -> None:
    given = ("--replay",) if command == "dead-letters" else (str(ids["dead"]),)
    broker = {"RABBITMQ_URL": f"amqp://guest:guest@127.0.0.1:{free_port()}/"}
    code, output = await asyncio.to_thread(commerce, fresh, tmp_path, "events", command, *given, **broker)
    assert (code, "does not answer" in output) == (2, True)
    async with connected(fresh) as connection:
        dead = await list_events(connection, EventFilter(state=EventState.DEAD), 10)
    assert [event.id for event in dead] == [ids["dead"]]


async def test_the_spans_of_a_job_are_sent_before_the_command_ends(fresh: str, tmp_path: Path) -> None:
    with collecting() as collector:
        endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        name = "end unpaid orders"
        code, _ = await asyncio.to_thread(commerce, fresh, tmp_path, "jobs", "run", name, **endpoint)
    assert (code, f"job {name}" in {span.name for span in collector.spans}) == (0, True)


@pytest.mark.parametrize(
    "command",
    [
        ("events", "list"),
        ("events", "replay", "01a222c6-3c90-7206-ac10-ced903538e0a"),
        ("events", "dead-letters"),
        ("events", "dead-letters", "--replay"),
        ("jobs", "list"),
        ("jobs", "run", "end unpaid orders"),
        ("person", "export", "vera@example.com"),
    ],
    ids=" ".join,
)
async def test_a_database_that_was_never_migrated_is_named(
    empty_database: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    code, output = await asyncio.to_thread(commerce, empty_database, tmp_path, *command)
    assert code == 2
    assert re.search(r"The database lacks \d+_init and \d+ more: run `commerce migrate`\.\n$", output)


async def test_jobs_are_listed_and_run(fresh: str, tmp_path: Path) -> None:
    def run(*command: str) -> tuple[int, str]:
        return commerce(fresh, tmp_path, *command)

    code, output = await asyncio.to_thread(run, "jobs", "list")
    assert code == 0
    assert "end unpaid orders" in output
    assert output.count("never run") == len(output.splitlines())
    assert await asyncio.to_thread(run, "jobs", "run", "end unpaid orders") == (0, "'end unpaid orders' has run.\n")
    code, output = await asyncio.to_thread(run, "jobs", "list")
    (line,) = [line for line in output.splitlines() if line.startswith("end unpaid orders")]
    assert line.endswith(" s  ok")
    names = ", ".join(sorted(line.partition("  ")[0] for line in output.splitlines()))
    code, output = await asyncio.to_thread(run, "jobs", "run", "make tea")
    assert (code, output.splitlines()[-1]) == (2, f"There is no job 'make tea'. Jobs: {names}.")
