"""Releases the claims of requests that failed, so that the same request can be sent again before the lease ends."""

import asyncio
from datetime import datetime
from typing import Final

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.idempotency import keys
from domains.kernel.idempotency.keys import Request

PAUSE_SECONDS: Final = 0.5
ATTEMPTS: Final = int(keys.LEASE.total_seconds() / PAUSE_SECONDS)
_later: Final[set["asyncio.Task[None]"]] = set()  # the event loop keeps no reference to its tasks


async def release(db: Database, actor: Actor, request: Request, claimed_at: datetime) -> None:
    """Release the claim that a request made at a time, after the request has failed.

    When the database does not answer, which may be why the request failed, it is tried again in the background.
    """
    if not await _try(db, actor, request, claimed_at):
        task = asyncio.create_task(_release_later(db, actor, request, claimed_at))
        _later.add(task)
        task.add_done_callback(_later.discard)


async def _release_later(db: Database, actor: Actor, request: Request, claimed_at: datetime) -> None:
    for _ in range(ATTEMPTS):
        await asyncio.sleep(PAUSE_SECONDS)
        if await _try(db, actor, request, claimed_at):
            return


async def _try(db: Database, actor: Actor, request: Request, claimed_at: datetime) -> bool:
    try:
        await db.run(lambda tx: keys.release(tx, request, claimed_at), actor)
    except Exception:  # noqa: BLE001 - the request's own error is reported, and the lease ends by itself
        return False
    return True
