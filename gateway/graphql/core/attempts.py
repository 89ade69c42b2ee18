"""Attempts of idempotent workflows: the first of their transactions claims the key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

from domains.kernel import idempotency
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import Busy, DomainError, PermissionDenied, RateLimited, Unauthenticated
from domains.kernel.idempotency import Claim, IdempotencyKeyReused, Request, RequestInProgress

T = TypeVar("T")
Work: TypeAlias = Callable[[Tx], Awaitable[T]]
Keep: TypeAlias = Callable[[Tx, Any], None]

# Who asks again later may be answered otherwise.
NOT_KEPT: Final = (
    Busy,
    Unauthenticated,
    PermissionDenied,
    RateLimited,
    IdempotencyKeyReused,
    RequestInProgress,
)


def _keep_nothing(_tx: Tx, _payload: Any) -> None:
    """Without a key there is nothing to keep."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One carrying-out of a workflow: an id for the row that it writes first, and the database to run on.

    One that was broken off is run again with the same id, and so finds that row. The transaction that ends the
    workflow may `keep` the payload; if none does, it is kept afterwards, by one more.
    """

    id: UUID
    db: Database
    keep: Keep = _keep_nothing


class RequestKnown(Exception):
    """The key was claimed before; the transaction that was to claim it has written nothing."""

    def __init__(self, claim: Claim) -> None:
        super().__init__("The idempotency key was claimed before.")
        self.claim = claim


class FirstClaims(Database):
    """The same database, but that the first command on it begins with claiming a request, in its transaction.

    That saves a transaction, and a process that dies leaves either nothing or a claim with what was begun under it.
    A refusal undoes the claim as well, unless its error `commits`. Raises RequestKnown.
    """

    def __init__(self, database: Database, request: Request, claim_id: UUID, *, has_claimed: bool = False) -> None:
        vars(self).update(vars(database))  # the same connections, in the same turns
        self._request = request
        self._claim_id = claim_id
        self.has_claimed = has_claimed

    async def run(self, work: Work[T], actor: Actor, *, platform: bool = False) -> T:
        """Run a command, the first one under the claim."""
        if self.has_claimed:
            return await super().run(work, actor, platform=platform)

        async def claiming(tx: Tx) -> T:
            claim = await idempotency.claim(tx, self._request, self._claim_id)
            if claim.id != self._claim_id:
                raise RequestKnown(claim)
            return await work(tx)

        try:
            made = await super().run(claiming, actor, platform=platform)
        except DomainError as error:
            self.has_claimed = error.commits
            raise
        self.has_claimed = True
        return made
