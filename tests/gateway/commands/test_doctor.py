"""`commerce doctor` reports problems and remedies; `commerce dead-letters` replays events."""

from pathlib import Path
from typing import Any

import pytest

from domains.kernel.ids import new_id
from gateway.commands.doctor import CheckResult, examine
from gateway.infra.postgres import connected
from gateway.messaging.stored_events import replay_dead
from gateway.services import rules_of
from gateway.settings import Settings

EVENT = """
insert into outbox_events (id, topic, aggregate_id, payload, actor_kind, attempts, dead_at, last_error, created_at)
values ($1, 'tea.made', $1, '{}', 'SYSTEM', 10, now(), 'TeaError: cold', now() - interval '1 hour')
"""


async def failed(url: str, home: Path) -> list[CheckResult]:
    return [
        result for result in await examine(Settings(commerce_home=home, database_url=None), url) if not result.passed
    ]


async def test_a_new_installation_passes_the_doctor(fresh: str, tmp_path: Path) -> None:
    results = await examine(Settings(commerce_home=tmp_path, database_url=None), fresh)
    assert [result.subject for result in results if not result.passed] == []
    assert len(results) == 5 + len(rules_of())


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
    settings = Settings(commerce_home=tmp_path, database_url=None, operations_files=(file,))
    file.write_text('{"a": ""}')
    (result,) = [each for each in await examine(settings, fresh) if not each.passed]
    assert result.advice == f"OPERATIONS_FILES: {file}: Entry 'a': The text of the operation is missing."
    file.write_text('{"a": "{ __typename }"}')
    (result, *_) = await examine(settings, fresh)
    assert result.passed
    assert result.advice.splitlines()[-1] == "OPERATIONS_FILES: the server executes only listed operations (1)."


async def test_a_failed_job_is_found(fresh: str, tmp_path: Path) -> None:
    async with connected(fresh) as connection:
        await connection.execute(
            "insert into job_runs (name, started_at, finished_at, error) "
            "values ('brew', now() - interval '1 minute', now(), 'TeaError: cold'), ('pour', now(), null, null)"
        )
    (result,) = await failed(fresh, tmp_path)
    assert result.subject == "Jobs run"
    brew, pour = result.advice.splitlines()
    assert brew.startswith("brew: ")
    assert brew.endswith("60.0 s  failed: TeaError: cold")
    assert "running or interrupted" in pour


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
