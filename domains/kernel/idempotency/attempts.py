"""Attempts: executions of a workflow, which runs several transactions around calls to the outside."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import DomainError
from domains.kernel.idempotency import keys
from domains.kernel.idempotency.keys import Claim, Request, RequestInProgress
from domains.kernel.idempotency.outcomes import Outcome
from domains.kernel.ids import new_id
from domains.kernel.transactions.claims import IS_CLAIMED

T = TypeVar("T")


class Attempt:
    """One execution of a workflow: an id for the row that it writes first, and the transactions that it runs.

    Under an idempotency key, an interrupted workflow runs again with the same id and so finds that row. An attempt
    without a key has an id of its own and stores no outcome.
    """

    def __init__(self, db: Database, attempt_id: UUID | None = None) -> None:
        self.id = attempt_id or new_id()
        self.db = db

    @classmethod
    def wrap(cls, db: "Database | Attempt") -> "Attempt":
        """`db` itself when it is an attempt; otherwise an attempt without a key on this database."""
        return db if isinstance(db, Attempt) else cls(db)

    async def run(self, work: Callable[[Tx], Awaitable[T]], actor: Actor) -> T:
        """Run a command of the workflow in one transaction, as `Database.run` does."""
        return await self.db.run(work, actor)

    async def begin(self, work: Callable[[Tx], Awaitable[T]], actor: Actor) -> T:
        """As `run`, for a first command that has no effect before its first statement, a `Tx.fetch_first`."""
        return await self.run(work, actor)

    def defer_outcome(self, tx: Tx, **values: Any) -> None:
        """Do nothing: without a key no request is repeated. Under a key this stores the outcome; see KeyedAttempt."""


class KeyedAttempt(Attempt):
    """An attempt under an idempotency key, which its first transaction claims.

    A process that ends early leaves either no row, or the claim with the rows written under it. A refusal rolls back
    the claim too, unless its error `commits`.
    """

    def __init__(self, db: Database, request: Request, claim: Claim | None = None) -> None:
        super().__init__(db, None if claim is None else claim.id)
        self._request = request
        self._is_storing = False
        self.claimed_at = db.clock.now() if claim is None else claim.claimed_at
        self.is_claimed = claim is not None
        self.is_stored = False

    async def run(self, work: Callable[[Tx], Awaitable[T]], actor: Actor) -> T:
        """Run a command of the workflow, the first one under the claim. Raises AlreadyClaimed."""
        return await self._run(work, actor, is_inside=False)

    async def begin(self, work: Callable[[Tx], Awaitable[T]], actor: Actor) -> T:
        """Run the first command of the workflow, with the claim in its first statement. Raises AlreadyClaimed."""
        return await self._run(work, actor, is_inside=True)

    async def _run(self, work: Callable[[Tx], Awaitable[T]], actor: Actor, *, is_inside: bool) -> T:
        try:
            result = await self.db.run(lambda tx: self._begin(tx, work, is_inside=is_inside), actor)
        except DomainError as error:
            if error.commits:
                self._set_claimed()
            raise
        self._set_claimed()
        return result

    def defer_outcome(self, tx: Tx, **values: Any) -> None:
        """Store these ids as the outcome, in the transaction that completes the workflow (one that `run` began).

        A repetition is then answered, also after the process has died. An outcome that no transaction stores is
        stored after the workflow, by one more statement; if the process dies before, the workflow runs again.
        """
        keys.defer_outcome(tx, self.id, Outcome(values))
        self._is_storing = True

    async def _begin(self, tx: Tx, work: Callable[[Tx], Awaitable[T]], *, is_inside: bool) -> T:
        self._is_storing = False  # a transaction that lost a race begins again
        if self.is_claimed:
            return await work(tx)
        tx.claim(FirstClaim(self._request, self.id, self.claimed_at))
        if not is_inside:
            await tx.settle_claim()
        try:
            result = await work(tx)
        except DomainError as error:
            if error.commits:
                await tx.settle_claim()
            raise
        await tx.settle_claim()
        return result

    def _set_claimed(self) -> None:
        self.is_claimed = True
        self.is_stored = self.is_stored or self._is_storing


class AlreadyClaimed(Exception):
    """The key was claimed before. The transaction that tried to claim it has written no row."""

    def __init__(self, claim: Claim) -> None:
        super().__init__("The idempotency key was claimed before.")
        self.claim = claim


@dataclass(frozen=True, slots=True)
class FirstClaim:
    """The claim of the first transaction of an attempt, which is in its first statement where that allows it."""

    request: Request
    id: UUID
    claimed_at: datetime

    async def fetch_first(self, tx: Tx, sql: str, args: list[Any]) -> list[Any]:
        """The rows of a statement that inserts the key first. Raises RequestInProgress after a long wait for it."""
        claimed = f"claimed as ({keys.insertion(tx, self.request, self.id, self.claimed_at, args)})"
        rest = sql.strip().replace(IS_CLAIMED, "exists (select from claimed)")
        rest = f", {rest.removeprefix('with ')}" if rest.startswith("with ") else f" {rest}"
        try:
            rows = await tx.fetch(f"with {claimed}{rest}", *args)
        except asyncpg.LockNotAvailableError as error:
            if keys.is_waiting_for_key(error):
                raise RequestInProgress from None
            raise
        if rows:
            keys.reach_claimed()
        return rows

    async def settle(self, tx: Tx) -> None:
        """Claim by statements of its own, see `keys.claim`. Raises AlreadyClaimed."""
        claim = await keys.claim(tx, self.request, self.id, now=self.claimed_at)
        if claim.id != self.id:
            raise AlreadyClaimed(claim)
