"""Carries out requests once for each idempotency key, and answers repeated ones from the outcome that was kept."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import chain, repeat
from typing import Final, Protocol, TypeVar
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import Busy, DomainError, PermissionDenied, RateLimited, Unauthenticated
from domains.kernel.idempotency import keys
from domains.kernel.idempotency.attempts import AlreadyClaimed, Attempt, KeyedAttempt
from domains.kernel.idempotency.keys import Claim, IdempotencyKeyReused, Request, RequestInProgress
from domains.kernel.idempotency.outcomes import Outcome
from domains.kernel.ids import new_id

T = TypeVar("T")
PAUSES: Final = (0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2)  # seconds between looks at a request of another caller
LOOKS: Final = 60

# Refusals that are not kept: the same request may succeed later.
TRANSIENT: Final = (
    Busy,
    Unauthenticated,
    PermissionDenied,
    RateLimited,
    IdempotencyKeyReused,
    RequestInProgress,
)


class Answers(Protocol[T]):
    """Turns the answers of one interface (GraphQL, a REST route, a webhook) into outcomes, and back."""

    def refused(self, error: DomainError) -> T:
        """The answer to a refused request."""
        ...

    def outcome(self, answer: T) -> Outcome:
        """What to keep of an answer: ids and plain values, no object that can be read again and no secret."""
        ...

    async def repeated(self, outcome: Outcome) -> T:
        """The answer that `outcome` was made of, over the objects as they are now."""
        ...


class Idempotency:
    """Carries out requests that bear an idempotency key, each once in the name of its actor."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def command(
        self, actor: Actor, request: Request, work: Callable[[Tx], Awaitable[T]], answers: Answers[T]
    ) -> T:
        """Run a command in the transaction that claims the key and keeps the outcome, or answer again.

        A refusal rolls that back, unless its error `commits`, and is kept by a transaction of its own.
        Raises IdempotencyKeyReused, RequestInProgress and the refusals that are not kept.
        """
        try:
            made = await self._db.run(lambda tx: _once(tx, request, work, answers), actor)
        except TRANSIENT:
            raise
        except DomainError as error:
            refused = answers.refused(error)

            async def refuse(_: Tx) -> T:
                return refused

            made = await self._db.run(lambda tx: _once(tx, request, refuse, answers), actor)
        return await _repeated(made, answers) if isinstance(made, Claim) else made

    async def workflow(
        self, actor: Actor, request: Request, run: Callable[[Attempt], Awaitable[T]], answers: Answers[T]
    ) -> T:
        """Run a workflow whose first transaction claims the key, and keep its outcome, or answer again.

        An interrupted workflow runs again as the same attempt. Raises the same as `command`.
        """
        attempt = KeyedAttempt(self._db, request, new_id())
        try:
            return await self._carry_out(actor, request, attempt, run, answers)
        except AlreadyClaimed as known:
            # A claim that this transaction took up was rolled back with it: it is claimed anew, and committed.
            others = None if known.claim.is_mine else known.claim
        claim = await self._claim(actor, request, others)
        if not claim.is_mine:
            return await _repeated(claim, answers)
        attempt = KeyedAttempt(self._db, request, claim.id, is_claimed=True)
        return await self._carry_out(actor, request, attempt, run, answers)

    async def _carry_out(
        self,
        actor: Actor,
        request: Request,
        attempt: KeyedAttempt,
        run: Callable[[Attempt], Awaitable[T]],
        answers: Answers[T],
    ) -> T:
        try:
            answer = await _answer(run(attempt), answers)
            outcome = answers.outcome(answer)
            is_kept = attempt.is_kept and not outcome.errors
            if is_kept or await self._keep(actor, attempt, outcome):
                return answer
        except AlreadyClaimed:
            raise
        except BaseException:
            with suppress(Exception):  # the lease ends by itself; the first error is the one to raise
                await self._release(actor, attempt.id)
            raise
        return await _repeated(await self._claim(actor, request), answers)

    async def _keep(self, actor: Actor, attempt: KeyedAttempt, outcome: Outcome) -> bool:
        """Keep an outcome after its workflow. A refusal may have rolled back the claim: then it is claimed first."""
        if attempt.is_claimed:
            return await self._db.run_alone(lambda tx: keys.keep(tx, attempt.id, outcome), actor)
        return await attempt.run(lambda tx: keys.keep(tx, attempt.id, outcome), actor)

    async def _release(self, actor: Actor, claim_id: UUID) -> None:
        await self._db.run_alone(lambda tx: keys.release(tx, claim_id), actor)

    async def _claim(self, actor: Actor, request: Request, known: Claim | None = None) -> Claim:
        """The claim on a request, once it is ours or has an outcome; waits for its caller outside any transaction."""
        reader = self._db.reader(actor.company_id)
        for pause in chain(PAUSES, repeat(PAUSES[-1], LOOKS - len(PAUSES))):
            if known is None:
                known = await self._db.run(lambda tx: keys.claim(tx, request), actor)
            if known.is_mine or known.outcome is not None:
                return known
            await asyncio.sleep(pause)
            known = await keys.find(reader, request, self._db.clock.now())
        raise RequestInProgress


async def _once(tx: Tx, request: Request, work: Callable[[Tx], Awaitable[T]], answers: Answers[T]) -> T | Claim:
    """The answer of a command under its claim, or the claim of another caller."""
    claim = await keys.claim(tx, request)
    if not claim.is_mine:
        return claim
    try:
        answer = await work(tx)
    except DomainError as error:
        if isinstance(error, TRANSIENT) or not error.commits:
            raise
        answer = answers.refused(error)
    keys.keep_at_end(tx, claim.id, answers.outcome(answer))
    return answer


async def _answer(running: Awaitable[T], answers: Answers[T]) -> T:
    try:
        return await running
    except TRANSIENT:
        raise
    except DomainError as error:
        return answers.refused(error)


async def _repeated(claim: Claim, answers: Answers[T]) -> T:
    if claim.outcome is None:
        raise RequestInProgress
    return await answers.repeated(claim.outcome)
