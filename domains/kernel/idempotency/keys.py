"""Idempotency keys: the rows that claim a request and store its outcome.

A key is chosen by the client, as in the IETF draft "The Idempotency-Key HTTP Header Field". Its row is the first that
a request writes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from json import dumps
from typing import Any, Final
from uuid import UUID

import asyncpg

from domains.kernel import data
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import Conflict, DomainError
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.outcomes import VERSION, Outcome
from domains.kernel.ids import new_id
from domains.kernel.serialization import to_json_value

LIFETIME: Final = timedelta(hours=24)
LEASE: Final = timedelta(seconds=90)  # longer than any request may take: after it, the process that ran it has ended
PATH: Final = ("idempotency_key",)
ATTEMPTS: Final = 3


class IdempotencyKeyReused(DomainError):
    """The idempotency key was used for a request with another input; use a new key."""

    def __init__(self) -> None:
        super().__init__(
            "This idempotency key was used for another request. Use a new key for each request.", field=PATH
        )


class RequestInProgress(Conflict):
    """The first request with this key is still being processed."""

    def __init__(self) -> None:
        super().__init__("This request is still being processed. Send it again with the same key.", field=PATH)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as its key identifies it: the key and its owner, the operation, and a digest of the content."""

    actor_key: str
    operation: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The state of a request: `is_mine` when the caller executes it, else its outcome, None while in progress.

    `id` stays the same when an interrupted request is executed again; `claimed_at` is of the present execution.
    """

    id: UUID
    claimed_at: datetime
    is_mine: bool = False
    outcome: Outcome | None = None


def key_of_user(user_id: UUID) -> str:
    """The owner of the keys of a user."""
    return f"user:{user_id}"


def digest_of(content: Any) -> str:
    """The SHA-256 of a request's content, which consists of plain values, ids, amounts, times and enum members."""
    return sha256(dumps(to_json_value(content), sort_keys=True).encode()).hexdigest()


async def claim(tx: Tx, request: Request, claim_id: UUID | None = None, *, now: datetime) -> Claim:
    """Claim a request under `claim_id` if it is new. This is one statement then, and the first of its transaction.

    Waits for another transaction that holds the key, and returns its outcome. An expired row is deleted; an
    interrupted request becomes the caller's. Raises IdempotencyKeyReused, and RequestInProgress after a long wait.
    """
    for _ in range(ATTEMPTS):
        row_data = _new_row(request, claim_id or new_id(), now)
        try:
            if await data.idempotency_key.create_many(tx, [row_data], skip_duplicates=True):
                reach_claimed()
                return Claim(row_data["id"], now, is_mine=True)
        except asyncpg.LockNotAvailableError:
            raise RequestInProgress from None
        row = await _find(tx, request)
        if row is not None and row.expires_at > now:
            return await _take_over(tx, row, request, now)
        if row is not None:
            await data.idempotency_key.delete_many(tx, where={"id": row.id, "expires_at": {"lte": now}})
    raise RequestInProgress


def insertion(tx: Tx, request: Request, claim_id: UUID, now: datetime, args: list[Any]) -> str:
    """INSERT that returns a row when the key is new, for the first statement of a transaction; see `claim`."""
    rows = data.idempotency_key.insertion(tx, [_new_row(request, claim_id, now)])
    return f"{rows.sql(args)} ON CONFLICT DO NOTHING RETURNING id"


def reach_claimed() -> None:
    """The fail point after a claim."""
    reach("idempotency.claimed")


def is_waiting_for_key(error: asyncpg.LockNotAvailableError) -> bool:
    """Whether the lock that was not granted in time is that of a key, by what PostgreSQL says of its place."""
    return f'"{data.idempotency_key.name}"' in (getattr(error, "context", None) or "")


async def find(db: Reader, request: Request, now: datetime) -> Claim | None:
    """The claim of another caller, or None when the request can be claimed (again). One statement.

    Raises IdempotencyKeyReused.
    """
    row = await _find(db, request)
    if row is None or row.expires_at <= now:
        return None
    _require_same(row, request)
    return None if _is_interrupted(row, now) else _claim_of(row)


async def store_outcome(tx: Tx, claim_id: UUID, outcome: Outcome) -> bool:
    """Store the outcome of a request; False when another caller that took the request over has stored one already."""
    return (
        await data.idempotency_key.update_many(tx, where=_open_claim(claim_id), data={"outcome": outcome.to_json()})
        == 1
    )


def defer_outcome(tx: Tx, claim_id: UUID, outcome: Outcome) -> None:
    """Store the outcome of a request by the last statement of the transaction."""
    update: data.IdempotencyKeyUpdate = {"outcome": outcome.to_json()}
    tx.defer(data.idempotency_key.alteration(tx, where=_open_claim(claim_id), data=update))


async def release(tx: Tx, request: Request, claimed_at: datetime) -> None:
    """Let the next caller take over an interrupted request at once; nothing when the claim of this time is gone.

    The commit of the claim may still be on its way on a lost connection. Inserting the key waits for it.
    """
    probe = _new_row(request, new_id(), claimed_at)
    if await data.idempotency_key.create_many(tx, [probe], skip_duplicates=True):
        await data.idempotency_key.delete_many(tx, where={"id": probe["id"]})
        return
    row = await _find(tx, request)
    if row is not None and row.claimed_at == claimed_at:
        expired: data.IdempotencyKeyUpdate = {"claimed_at": claimed_at - LEASE}
        own: data.IdempotencyKeyWhere = {**_open_claim(row.id), "claimed_at": claimed_at}
        await data.idempotency_key.update_many(tx, where=own, data=expired)


def _new_row(request: Request, claim_id: UUID, now: datetime) -> data.IdempotencyKeyCreate:
    return {
        "id": claim_id,
        "actor_key": request.actor_key,
        "operation": request.operation,
        "key": request.key,
        "request_hash": request.digest,
        "version": VERSION,
        "claimed_at": now,
        "created_at": now,
        "expires_at": now + LIFETIME,
    }


def _open_claim(claim_id: UUID) -> data.IdempotencyKeyWhere:
    return {"id": claim_id, "outcome": {"equals": None}}


async def _take_over(tx: Tx, row: data.IdempotencyKeyRow, request: Request, now: datetime) -> Claim:
    """The claim on a row that exists. An interrupted request continues under its old id, in the present version."""
    _require_same(row, request)
    if not _is_interrupted(row, now):
        return _claim_of(row)
    unchanged: data.IdempotencyKeyWhere = {"id": row.id, "claimed_at": row.claimed_at, "outcome": {"equals": None}}
    new_claim: data.IdempotencyKeyUpdate = {"claimed_at": now, "request_hash": request.digest, "version": VERSION}
    is_mine = await data.idempotency_key.update_many(tx, where=unchanged, data=new_claim) == 1
    return Claim(row.id, now, is_mine=is_mine)


async def _find(db: Reader, request: Request) -> data.IdempotencyKeyRow | None:
    return await data.idempotency_key.find_unique(
        db, actor_key=request.actor_key, operation=request.operation, key=request.key
    )


def _claim_of(row: data.IdempotencyKeyRow) -> Claim:
    return Claim(
        row.id, row.claimed_at, outcome=None if row.outcome is None else Outcome.from_json(row.outcome, row.version)
    )


def _is_interrupted(row: data.IdempotencyKeyRow, now: datetime) -> bool:
    return row.outcome is None and row.claimed_at <= now - LEASE


def _require_same(row: data.IdempotencyKeyRow, request: Request) -> None:
    """Raise IdempotencyKeyReused for another request. The digest of an earlier version cannot be compared."""
    if row.version == VERSION and row.request_hash != request.digest:
        raise IdempotencyKeyReused
