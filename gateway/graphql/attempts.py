"""Attempts of idempotent workflows: the first of their transactions claims the key, and keeps a refusal."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from domains.kernel import idempotency
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import Busy, DomainError, PermissionDenied, RateLimited, Unauthenticated
from domains.kernel.idempotency import Claim, Request

T = TypeVar("T")
Work = Callable[[Tx], Awaitable[T]]
Keep = Callable[[Tx, DomainError], Awaitable[object]]

# Who asks again later may be answered otherwise.
NOT_KEPT: Final = (Busy, Unauthenticated, PermissionDenied, RateLimited)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One carrying-out of a workflow: an id for the row that it writes first, and the database to run on.

    One that was broken off is run again with the same id, and so finds that row.
    """

    id: UUID
    db: Database


class RequestKnown(Exception):
    """The key was claimed before; the transaction that was to claim it has written nothing."""

    def __init__(self, claim: Claim) -> None:
        super().__init__("The idempotency key was claimed before.")
        self.claim = claim


class FirstClaims(Database):
    """The same database, but that the first command on it begins with claiming a request, in its transaction.

    That saves a transaction, and a process that dies leaves either nothing or a claim with what was begun under it.
    A refusal of that command is kept by the same transaction. Raises RequestKnown.
    """

    def __init__(self, database: Database, request: Request, claim_id: UUID, keep: Keep) -> None:
        vars(self).update(vars(database))  # the same connections, in the same turns
        self._request = request
        self._claim_id = claim_id
        self._keep = keep
        self.has_claimed = False
        self.has_kept = False

    async def run(self, work: Work[T], actor: Actor, *, platform: bool = False) -> T:
        """Run a command, the first one under the claim."""
        if self.has_claimed:
            return await super().run(work, actor, platform=platform)

        async def claiming(tx: Tx) -> tuple[T | None, DomainError | None]:
            claim = await idempotency.claim(tx, self._request, self._claim_id)
            if claim.id != self._claim_id:
                raise RequestKnown(claim)
            made, refusal = await tried(tx, work)
            if refusal is not None:
                await self._keep(tx, refusal)
            return made, refusal

        made, refusal = await super().run(claiming, actor, platform=platform)
        self.has_claimed = True
        if refusal is not None:
            self.has_kept = True
            raise refusal
        return made  # type: ignore[return-value] # without a refusal it is what the work returned


async def tried(tx: Tx, work: Work[Any]) -> tuple[Any, DomainError | None]:
    """What came of work in a part of the transaction that a refusal undoes, unless its error `commits`."""
    committing: DomainError | None = None
    try:
        async with tx.savepoint():
            try:
                return await work(tx), None
            except DomainError as error:
                if not error.commits:
                    raise
                committing = error
    except NOT_KEPT:
        raise
    except DomainError as error:
        return None, error
    if isinstance(committing, NOT_KEPT):
        raise committing
    return None, committing
