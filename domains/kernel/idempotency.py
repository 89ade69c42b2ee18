"""Idempotency keys: a request that carries one is carried out once, and answered alike however often it comes.

The key's row is written before anything else and keeps what came of the request. (The key is the client's, as in
the IETF's draft "The Idempotency-Key HTTP Header Field".)
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from domains.kernel import data
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import Conflict, DomainError, ErrorCode
from domains.kernel.ids import new_id

LIFETIME: Final = timedelta(hours=24)
LEASE: Final = timedelta(seconds=90)  # longer than any request may take: after it, whoever was at work is gone
PATH: Final = ("idempotency_key",)
TRIES: Final = 3


class IdempotencyKeyReused(DomainError):
    """The key belongs to another request."""

    code = ErrorCode.IDEMPOTENCY_KEY_REUSED

    def __init__(self) -> None:
        super().__init__("This idempotency key was used for another request. Take a new key for each.", field=PATH)


class RequestInProgress(Conflict):
    """The first request with this key is still at work."""

    def __init__(self) -> None:
        super().__init__("This request is still being carried out. Send it again with the same key.", field=PATH)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as its key knows it: whose it is, what it asks for, and a digest of all it says."""

    actor_key: str
    operation: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of a request: whether it is the caller's to carry out, or what came of it; else it is at work.

    `id` stays the same when a request that was broken off is taken up again.
    """

    id: UUID
    is_mine: bool = False
    outcome: Any = None


async def claim(tx: Tx, request: Request, claim_id: UUID | None = None) -> Claim:
    """Claim a request, as `claim_id` if it is new: the transaction's first statement, and its only one then.

    Waits for another transaction that has the key, and then knows what came of it. What has expired is forgotten;
    what was broken off is the caller's. Raises IdempotencyKeyReused, and RequestInProgress when the wait is long.
    """
    for _ in range(TRIES):
        now = datetime.now(UTC)
        fresh: data.IdempotencyKeyCreate = {
            "id": claim_id or new_id(),
            "actor_key": request.actor_key,
            "operation": request.operation,
            "key": request.key,
            "request_hash": request.digest,
            "claimed_at": now,
            "created_at": now,
            "expires_at": now + LIFETIME,
        }
        try:
            if await data.idempotency_key.create_many(tx, [fresh], skip_duplicates=True):
                return Claim(fresh["id"], is_mine=True)
        except asyncpg.LockNotAvailableError:
            raise RequestInProgress from None
        row = await _find(tx, request)
        if row is not None and row.expires_at > now:
            return await _take_up(tx, row, request, now)
        if row is not None:
            await data.idempotency_key.delete_many(tx, where={"id": row.id, "expires_at": {"lte": now}})
    raise RequestInProgress


async def look(db: Reader, request: Request) -> Claim | None:
    """What is known of a request that others carry out; None when it should be claimed (again). One statement.

    Raises IdempotencyKeyReused.
    """
    row = await _find(db, request)
    now = datetime.now(UTC)
    if row is None or row.expires_at <= now:
        return None
    _require_same(row, request)
    if row.outcome is None and row.claimed_at <= now - LEASE:
        return None
    return Claim(row.id, outcome=row.outcome)


async def keep(tx: Tx, claim_id: UUID, outcome: Any) -> bool:
    """Keep what came of a request; False when somebody else who took it up has already."""
    return await data.idempotency_key.update_many(tx, where=_open(claim_id), data={"outcome": outcome}) == 1


def keep_at_end(tx: Tx, claim_id: UUID, outcome: Any) -> None:
    """Keep what came of a request that nobody else can have taken up, with the end of the transaction."""
    tx.defer(data.idempotency_key.alteration(tx, where=_open(claim_id), data={"outcome": outcome}))


async def release(tx: Tx, claim_id: UUID) -> None:
    """Leave a request that was broken off to whoever sends it next, at once."""
    over: data.IdempotencyKeyUpdate = {"claimed_at": datetime.now(UTC) - LEASE}
    await data.idempotency_key.update_many(tx, where=_open(claim_id), data=over)


def _open(claim_id: UUID) -> data.IdempotencyKeyWhere:
    return {"id": claim_id, "outcome": {"equals": None}}


async def _take_up(tx: Tx, row: data.IdempotencyKeyRow, request: Request, now: datetime) -> Claim:
    _require_same(row, request)
    if row.outcome is not None or row.claimed_at > now - LEASE:
        return Claim(row.id, outcome=row.outcome)
    same: data.IdempotencyKeyWhere = {"id": row.id, "claimed_at": row.claimed_at, "outcome": {"equals": None}}
    taken = await data.idempotency_key.update_many(tx, where=same, data={"claimed_at": now})
    return Claim(row.id, is_mine=taken == 1)


async def _find(db: Reader, request: Request) -> data.IdempotencyKeyRow | None:
    return await data.idempotency_key.find_unique(
        db, actor_key=request.actor_key, operation=request.operation, key=request.key
    )


def _require_same(row: data.IdempotencyKeyRow, request: Request) -> None:
    if row.request_hash != request.digest:
        raise IdempotencyKeyReused
