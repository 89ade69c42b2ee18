"""Releases the claims of requests that failed, so that the same request can be sent again before the lease ends."""

import asyncio
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.idempotency import keys

PAUSE_SECONDS: Final = 0.5
ATTEMPTS: Final = int(keys.LEASE.total_seconds() / PAUSE_SECONDS)
_later: Final[set["asyncio.Task[None]"]] = set()  # the event loop keeps no reference to its tasks


async def release(db: Database, actor: Actor, claim_id: UUID) -> None:
    """Release the claim of a request that has just failed.

    When the database does not answer, which may be why the request failed, it is tried again in the background.
    """
    failed_at = db.clock.now()
    if not await _try(db, actor, claim_id, failed_at):
        task = asyncio.create_task(_release_later(db, actor, claim_id, failed_at))
        _later.add(task)
        task.add_done_callback(_later.discard)


async def _release_later(db: Database, actor: Actor, claim_id: UUID, failed_at: datetime) -> None:
    for _ in range(ATTEMPTS):
        await asyncio.sleep(PAUSE_SECONDS)
        if await _try(db, actor, claim_id, failed_at):
            return


async def _try(db: Database, actor: Actor, claim_id: UUID, failed_at: datetime) -> bool:
    try:
        await db.run_statement(lambda tx: keys.release(tx, claim_id, failed_at), actor)
    except Exception:  # noqa: BLE001 - the request's own error is reported, and the lease ends by itself
        return False
    return True
