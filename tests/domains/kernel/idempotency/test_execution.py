"""Idempotency without GraphQL, as a webhook or a REST route uses it: its responses are plain values."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import Busy, DomainError, InvalidInput
from domains.kernel.idempotency import keys
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.idempotency.execution import Idempotency
from domains.kernel.idempotency.keys import LEASE, IdempotencyKeyReused, Request, digest_of
from domains.kernel.idempotency.outcomes import ErrorRecord, Outcome
from domains.kernel.idempotency.releases import release
from domains.kernel.ids import new_id
from tests.conditions import wait_until
from tests.locks import waited_for

Reply: TypeAlias = tuple[int, UUID | None]
INSERT = "insert into categories (id, company_id, name, slug, updated_at) values ($1, $2, 'Teas', $3, now())"


class Replies:
    """The replies of a REST route: a status and the id of what was made."""

    def from_error(self, error: DomainError) -> Reply:
        return (422, None)

    def to_outcome(self, response: Reply) -> Outcome:
        status, made = response
        errors = [ErrorRecord("Refused", "INVALID", "No.")] if status == 422 else []
        return Outcome({"id": made}, errors)

    async def from_outcome(self, outcome: Outcome) -> Reply:
        return (422 if outcome.errors else 200, outcome.id("id"))


@dataclass
class Route:
    """A route that makes a category in one transaction, or in two."""

    database: Database
    actor: Actor
    runs: list[UUID] = field(default_factory=list)
    then: list[BaseException] = field(default_factory=list)

    def request(self, content: object = "teas") -> Request:
        return Request("integrator:7", "category", "key-1", digest_of(content))

    async def command(self, content: object = "teas") -> Reply:
        async def work(tx: Tx) -> Reply:
            made = await self.make(tx, new_id())
            if self.then:
                raise self.then.pop()
            return made

        return await Idempotency(self.database).command(self.actor, self.request(content), work, Replies())

    async def workflow(self, content: object = "teas", *, keeps: bool = True) -> Reply:
        async def run(attempt: Attempt) -> Reply:
            async def work(tx: Tx) -> Reply:
                made = await self.make(tx, attempt.id)
                if keeps:
                    attempt.defer_outcome(tx, id=attempt.id)
                return made

            made = await attempt.run(work, self.actor)
            if self.then:
                raise self.then.pop()
            return made

        return await Idempotency(self.database).workflow(self.actor, self.request(content), run, Replies())

    async def make(self, tx: Tx, made: UUID) -> Reply:
        self.runs.append(made)
        if not await tx.fetch_value(
            "select 1 from categories where company_id = $1 and id = $2", tx.company_id, made
        ):
            await tx.execute(INSERT, made, tx.company_id, made.hex)
        return (200, made)


@pytest.fixture
def route(database: Database, company: UUID) -> Route:
    return Route(database, Actor.system(company))


@pytest.fixture(params=["command", "workflow"])
def send(route: Route, request: pytest.FixtureRequest) -> Callable[..., Awaitable[Reply]]:
    found: Callable[..., Awaitable[Reply]] = getattr(route, request.param)
    return found


async def rows(owner: Any, route: Route) -> list[Any]:
    sql = "select version, outcome from idempotency_keys where company_id = $1"
    return [tuple(row) for row in await owner.fetch(sql, route.actor.company_id)]


async def test_a_key_is_executed_once_and_gives_one_response(
    route: Route, send: Callable[..., Awaitable[Reply]], owner: Any
) -> None:
    answers = await asyncio.gather(*(send() for _ in range(5)))
    (made,) = set(route.runs[:1])
    assert answers == [(200, made)] * 5
    assert route.runs == [made]
    assert await rows(owner, route) == [(2, {"values": {"id": str(made)}, "errors": []})]
    with pytest.raises(IdempotencyKeyReused):
        await send("coffees")


@pytest.mark.parametrize("send", ["command", "workflow"])
async def test_a_refusal_is_stored_with_its_errors(route: Route, owner: Any, send: str) -> None:
    given = {} if send == "command" else {"keeps": False}
    route.then.append(InvalidInput("No."))
    assert [await getattr(route, send)(**given) for _ in range(2)] == [(422, None)] * 2
    error: dict[str, Any] = {"type": "Refused", "code": "INVALID", "message": "No.", "path": None, "data": {}}
    assert await rows(owner, route) == [(2, {"values": {"id": None}, "errors": [error]})]
    assert len(route.runs) == 1


async def test_a_refusal_after_the_outcome_was_stored_does_not_replace_it(route: Route) -> None:
    route.then.append(InvalidInput("No."))
    assert await route.workflow() == (200, route.runs[0])


async def test_a_transient_refusal_is_not_stored(route: Route, owner: Any) -> None:
    route.then.append(Busy("Later."))
    with pytest.raises(Busy):
        await route.command()
    assert await rows(owner, route) == []
    assert (await route.command())[0] == 200


async def test_a_workflow_that_dies_after_storing_its_outcome_is_answered(route: Route) -> None:
    route.then.append(ConnectionError())
    with pytest.raises(ConnectionError):
        await route.workflow()
    assert await route.workflow() == (200, route.runs[0])
    assert len(route.runs) == 1


async def test_a_workflow_that_dies_before_storing_runs_again_as_the_same_attempt(route: Route) -> None:
    route.then.append(ConnectionError())
    with pytest.raises(ConnectionError):
        await route.workflow(keeps=False)
    assert await route.workflow(keeps=False) == (200, route.runs[0])
    assert len(route.runs) == 2
    assert len(set(route.runs)) == 1


async def test_an_outcome_is_stored_only_when_its_transaction_commits(route: Route, owner: Any) -> None:
    request = route.request()

    async def run(attempt: Attempt) -> Reply:
        async def fails(tx: Tx) -> Reply:
            attempt.defer_outcome(tx, id=new_id())
            raise InvalidInput("Not this way.")

        async def succeeds(tx: Tx) -> Reply:
            return await route.make(tx, attempt.id)

        with pytest.raises(InvalidInput):
            await attempt.run(fails, route.actor)
        return await attempt.run(succeeds, route.actor)

    made = await Idempotency(route.database).workflow(route.actor, request, run, Replies())
    assert await rows(owner, route) == [(2, {"values": {"id": str(made[1])}, "errors": []})]


def test_a_digest_depends_on_values_and_not_on_their_types() -> None:
    assert digest_of({"id": UUID(int=7)}) == digest_of({"id": str(UUID(int=7))})
    assert digest_of({"id": UUID(int=7)}) != digest_of({"id": UUID(int=8)})


async def test_a_failed_workflow_is_released_once_the_database_answers_again(
    route: Route, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, answers = keys.release, asyncio.Event()

    async def refused(*given: Any) -> None:
        if not answers.is_set():
            raise OSError("connection refused")
        await real(*given)

    monkeypatch.setattr("domains.kernel.idempotency.keys.release", refused)
    monkeypatch.setattr("domains.kernel.idempotency.releases.PAUSE_SECONDS", 0.01)
    await fail(route)
    assert not await interrupted(owner, route)
    answers.set()
    await wait_until(lambda: interrupted(owner, route))
    assert await route.workflow(keeps=False) == (200, route.runs[0])
    assert route.runs == [route.runs[0]] * 2


async def test_a_claim_whose_commit_is_on_its_way_is_released(route: Route, owner: Any) -> None:
    now = route.database.clock.now()
    async with route.database.transaction(route.actor) as tx:
        await keys.claim(tx, route.request(), now=now)
        released = asyncio.create_task(release(route.database, route.actor, route.request(), now))
        await waited_for(tx)
    await released
    assert await interrupted(owner, route)


async def test_a_request_that_was_taken_over_and_then_lost_is_released(
    route: Route, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fail(route)
    real, calls = route.database.run, count(1)

    async def lost(*given: Any) -> Any:
        result = await real(*given)
        if next(calls) == 1:  # the first transaction finds the claim and is rolled back, the next one takes it over
            raise OSError("connection lost")
        return result

    monkeypatch.setattr(route.database, "run", lost)
    with pytest.raises(OSError, match="connection lost"):
        await route.workflow(keeps=False)
    assert await interrupted(owner, route)
    assert await route.workflow(keeps=False) == (200, route.runs[0])


async def test_a_release_of_what_was_not_claimed_leaves_no_row(route: Route, owner: Any) -> None:
    await release(route.database, route.actor, route.request(), route.database.clock.now())
    assert await rows(owner, route) == []


async def test_a_late_release_leaves_the_claim_of_the_next_caller_alone(route: Route, owner: Any) -> None:
    await fail(route)
    before = route.database.clock.now()
    await owner.execute(
        "update idempotency_keys set claimed_at = now() + interval '1 second' where company_id = $1",
        route.actor.company_id,
    )
    await release(route.database, route.actor, route.request(), before)
    assert not await interrupted(owner, route)


async def fail(route: Route) -> None:
    """Let a workflow fail after its first transaction."""
    route.then.append(OSError("connection lost"))
    with pytest.raises(OSError, match="connection lost"):
        await route.workflow(keeps=False)


async def interrupted(owner: Any, route: Route) -> bool:
    """Whether the next caller takes the request over."""
    found: bool = await owner.fetchval(
        "select claimed_at <= now() - $2::interval from idempotency_keys where company_id = $1",
        route.actor.company_id,
        LEASE,
    )
    return found
