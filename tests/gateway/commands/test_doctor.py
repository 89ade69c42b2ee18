"""`commerce doctor` finds what is wrong and says what to do; `commerce dead-letters` sends events out again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domains.kernel.ids import new_id
from gateway.commands.dead_letters import list_dead, replay_dead
from gateway.commands.doctor import Finding, examine
from gateway.infra.postgres import connected
from gateway.services import rules_of
from gateway.settings import Settings
from tests.databases import Server

EVENT = """
insert into outbox_events (id, topic, aggregate_id, payload, actor_kind, attempts, dead_at, last_error, created_at)
values ($1, 'tea.made', $1, '{}', 'SYSTEM', 10, now(), 'TeaError: cold', now() - interval '1 hour')
"""


@pytest.fixture
async def fresh(server: Server) -> AsyncIterator[str]:
    """The URL of a migrated database that no other test has touched."""
    async with server.database(await server.template()) as url:
        yield url


async def ill(url: str, home: Path) -> list[Finding]:
    return [
        finding
        for finding in await examine(Settings(commerce_home=home, database_url=None), url)
        if not finding.is_well
    ]


async def test_a_fresh_installation_is_well(fresh: str, tmp_path: Path) -> None:
    findings = await examine(Settings(commerce_home=tmp_path, database_url=None), fresh)
    assert [finding.subject for finding in findings if not finding.is_well] == []
    assert len(findings) == 3 + len(rules_of())


async def test_an_event_that_no_attempt_delivered_is_found_and_can_be_replayed(fresh: str, tmp_path: Path) -> None:
    event = new_id()
    async with connected(fresh) as connection:
        await connection.execute(EVENT, event)
    (finding,) = await ill(fresh, tmp_path)
    assert finding.subject == "Every event was taken in"
    assert "commerce dead-letters --replay" in finding.advice
    assert "TeaError: cold" in finding.advice
    listed = await list_dead(fresh)
    assert (str(event) in listed[0], listed[1]) == (True, "Dead events: 1. `--replay` tries them again.")
    assert await replay_dead(fresh) == ["Events that are tried again: 1."]
    assert await list_dead(fresh) == ["There are no dead events."]
    (finding,) = await ill(fresh, tmp_path)
    assert finding.subject == "No event waits for long"


async def test_a_database_that_does_not_answer_is_found(tmp_path: Path) -> None:
    (finding,) = await ill("postgresql://x:secret@127.0.0.1:9/x", tmp_path)
    assert finding.subject == "The database can be used"
    assert "does not answer" in finding.advice
    assert "secret" not in finding.advice


@pytest.mark.parametrize("invariant", rules_of(), ids=lambda invariant: invariant.rule)
async def test_every_invariant_is_a_question_that_the_database_understands(fresh: str, invariant: Any) -> None:
    async with connected(fresh) as connection:
        assert await invariant.breaches(connection) == []
    assert invariant.rule[0].isupper()
    assert invariant.advice.endswith(".")
