"""Executes requests once for each idempotency key, and answers repeated ones from the stored outcome."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import chain, repeat
from typing import Final, Protocol, TypeVar

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import Busy, DomainError, PermissionDenied, RateLimited, Unauthenticated
from domains.kernel.fail_points import reach
from domains.kernel.idempotency import keys
from domains.kernel.idempotency.attempts import AlreadyClaimed, Attempt, KeyedAttempt
from domains.kernel.idempotency.keys import Claim, IdempotencyKeyReused, Request, RequestInProgress
from domains.kernel.idempotency.outcomes import Outcome
from domains.kernel.idempotency.releases import release

T = TypeVar("T")
POLL_INTERVALS: Final = (
    0.01,
    0.02,
    0.03,
    0.05,
    0.08,
    0.12,
    0.2,
)  # seconds
MAX_POLLS: Final = 60

# Refusals that are not stored: the same request may succeed later.
TRANSIENT: Final = (
    Busy,
    Unauthenticated,
    PermissionDenied,
    RateLimited,
    IdempotencyKeyReused,
    RequestInProgress,
)


class ResponseAdapter(Protocol[T]):
    """Converts the responses of one interface (GraphQL, a REST route, a webhook) into outcomes, and back."""

    def from_error(self, error: DomainError) -> T:
        """The response to a refused request."""
        ...

    def to_outcome(self, response: T) -> Outcome:
        """What is stored of a response: ids and plain values, no object that can be read again and no secret."""
        ...

    async def from_outcome(self, outcome: Outcome) -> T:
        """The response to a repeated request: that of `outcome`, with the objects as they are now."""
        ...


class Idempotency:
    """Executes requests with an idempotency key, each once for its actor."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def command(
        self, actor: Actor, request: Request, work: Callable[[Tx], Awaitable[T]], adapter: ResponseAdapter[T]
    ) -> T:
        """Run a command in the transaction that claims the key and stores the outcome, or repeat the response.

        A refusal rolls that back, unless its error `commits`, and is stored by a transaction of its own.
        Raises IdempotencyKeyReused, RequestInProgress and the refusals that are not stored.
        """
        try:
            result = await self._db.run(lambda tx: _run_claimed(tx, request, work, adapter), actor)
        except TRANSIENT:
            raise
        except DomainError as error:
            refusal = adapter.from_error(error)

            async def refuse(_: Tx) -> T:
                return refusal

            result = await self._db.run(lambda tx: _run_claimed(tx, request, refuse, adapter), actor)
        return await _repeat(result, adapter) if isinstance(result, Claim) else result

    async def workflow(
        self, actor: Actor, request: Request, run: Callable[[Attempt], Awaitable[T]], adapter: ResponseAdapter[T]
    ) -> T:
        """Run a workflow whose first transaction claims the key, and store its outcome, or repeat the response.

        An interrupted workflow runs again as the same attempt. Raises the same as `command`.
        """
        attempt = KeyedAttempt(self._db, request)
        try:
            return await self._execute(actor, request, attempt, run, adapter)
        except AlreadyClaimed as error:
            # A claim that this transaction took over was rolled back with it.
            other_claim = None if error.claim.is_mine else error.claim
        claim = await self._claim(actor, request, other_claim)
        if not claim.is_mine:
            return await _repeat(claim, adapter)
        attempt = KeyedAttempt(self._db, request, claim)
        return await self._execute(actor, request, attempt, run, adapter)

    async def _execute(
        self,
        actor: Actor,
        request: Request,
        attempt: KeyedAttempt,
        run: Callable[[Attempt], Awaitable[T]],
        adapter: ResponseAdapter[T],
    ) -> T:
        try:
            response = await _response_of(run(attempt), adapter)
            reach("workflow.answered")
            outcome = adapter.to_outcome(response)
            is_stored = attempt.is_stored and not outcome.errors
            if is_stored or await self._store(actor, attempt, outcome):
                return response
        except AlreadyClaimed:
            raise
        except BaseException:
            await release(self._db, actor, request, attempt.claimed_at)
            raise
        return await _repeat(await self._claim(actor, request), adapter)

    async def _store(self, actor: Actor, attempt: KeyedAttempt, outcome: Outcome) -> bool:
        """Store an outcome after its workflow. A refusal may have rolled back the claim: then it is claimed first."""
        if attempt.is_claimed:
            return await self._db.run_statement(lambda tx: keys.store_outcome(tx, attempt.id, outcome), actor)
        return await attempt.run(lambda tx: keys.store_outcome(tx, attempt.id, outcome), actor)

    async def _claim(self, actor: Actor, request: Request, known: Claim | None = None) -> Claim:
        """The claim on a request, once it is the caller's or has an outcome; waits outside any transaction."""
        reader = self._db.reader(actor.company_id)
        for pause in chain(POLL_INTERVALS, repeat(POLL_INTERVALS[-1], MAX_POLLS - len(POLL_INTERVALS))):
            if known is None:
                known = await self._take(actor, request)
            if known.is_mine or known.outcome is not None:
                return known
            await asyncio.sleep(pause)
            known = await keys.find(reader, request, self._db.clock.now())
        raise RequestInProgress

    async def _take(self, actor: Actor, request: Request) -> Claim:
        now = self._db.clock.now()
        try:
            return await self._db.run(lambda tx: keys.claim(tx, request, now=now), actor)
        except DomainError:
            raise
        except BaseException:
            await release(self._db, actor, request, now)
            raise


async def _run_claimed(
    tx: Tx, request: Request, work: Callable[[Tx], Awaitable[T]], adapter: ResponseAdapter[T]
) -> T | Claim:
    """The response of a command under its claim, or the claim of another caller."""
    claim = await keys.claim(tx, request, now=tx.clock.now())
    if not claim.is_mine:
        return claim
    try:
        response = await work(tx)
    except DomainError as error:
        if isinstance(error, TRANSIENT) or not error.commits:
            raise
        response = adapter.from_error(error)
    keys.defer_outcome(tx, claim.id, adapter.to_outcome(response))
    return response


async def _response_of(running: Awaitable[T], adapter: ResponseAdapter[T]) -> T:
    try:
        return await running
    except TRANSIENT:
        raise
    except DomainError as error:
        return adapter.from_error(error)


async def _repeat(claim: Claim, adapter: ResponseAdapter[T]) -> T:
    if claim.outcome is None:
        raise RequestInProgress
    return await adapter.from_outcome(claim.outcome)
