"""Attempts: executions of a workflow, which runs several transactions around calls to the outside."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import DomainError
from domains.kernel.idempotency import keys
from domains.kernel.idempotency.keys import Claim, Request
from domains.kernel.idempotency.outcomes import Outcome
from domains.kernel.ids import new_id

T = TypeVar("T")


class Attempt:
    """One execution of a workflow: an id for the row that it writes first, and the transactions that it runs.

    Under an idempotency key, an interrupted workflow runs again with the same id and so finds that row. An attempt
    without a key has an id of its own and stores no outcome.
    """

    def __init__(self, db: Database, attempt_id: UUID | None = None) -> None:
        self.id = attempt_id or new_id()
        self._db = db

    @classmethod
    def wrap(cls, db: "Database | Attempt") -> "Attempt":
        """`db` itself when it is an attempt; otherwise an attempt without a key on this database."""
        return db if isinstance(db, Attempt) else cls(db)

    async def run(self, work: Callable[[Tx], Awaitable[T]], actor: Actor) -> T:
        """Run a command of the workflow in one transaction, as `Database.run` does."""
        return await self._db.run(work, actor)

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
        try:
            result = await self._db.run(lambda tx: self._begin(tx, work), actor)
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

    async def _begin(self, tx: Tx, work: Callable[[Tx], Awaitable[T]]) -> T:
        self._is_storing = False  # a transaction that lost a race begins again
        if not self.is_claimed:
            claim = await keys.claim(tx, self._request, self.id, now=self.claimed_at)
            if claim.id != self.id:
                raise AlreadyClaimed(claim)
        return await work(tx)

    def _set_claimed(self) -> None:
        self.is_claimed = True
        self.is_stored = self.is_stored or self._is_storing


class AlreadyClaimed(Exception):
    """The key was claimed before. The transaction that tried to claim it has written no row."""

    def __init__(self, claim: Claim) -> None:
        super().__init__("The idempotency key was claimed before.")
        self.claim = claim
