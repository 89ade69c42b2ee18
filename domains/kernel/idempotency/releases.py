"""Releases the claims of requests that failed, so that the same request can be sent again before the lease ends."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.idempotency import keys
from domains.kernel.idempotency.keys import Request
from domains.kernel.transactions.cleanup import raise_if_cancelled

PAUSE_SECONDS: Final = 0.5
MAX_WAITING: Final = 1000  # in an outage every request fails; the leases of further ones end by themselves
_waiting: Final[deque["_Release"]] = deque()
_workers: Final[set["asyncio.Task[None]"]] = set()  # one at most runs; the event loop keeps no reference to its tasks


async def release(db: Database, actor: Actor, request: Request, claimed_at: datetime) -> None:
    """Release the claim that a request made at a time, after the request has failed.

    When the database does not answer, which may be why the request failed, it is tried again in the background.
    """
    pending = _Release(db, actor, request, claimed_at)
    if await pending.is_done() or len(_waiting) >= MAX_WAITING:
        return
    _waiting.append(pending)
    if all(worker.done() for worker in _workers):
        worker = asyncio.create_task(_release_waiting())
        _workers.add(worker)
        worker.add_done_callback(_workers.discard)


@dataclass(frozen=True, slots=True)
class _Release:
    db: Database
    actor: Actor
    request: Request
    claimed_at: datetime

    async def is_done(self) -> bool:
        """Release the claim, unless its lease has ended; False when the database does not answer."""
        if self.db.clock.now() - self.claimed_at >= keys.LEASE:
            return True
        try:
            await self.db.run(lambda tx: keys.release(tx, self.request, self.claimed_at), self.actor)
        except Exception:  # noqa: BLE001 - the request's own error is reported, and the lease ends by itself
            return False
        return True


async def _release_waiting() -> None:
    """Release claims one after the other until none waits; pause when one cannot be released."""
    try:
        while _waiting:
            await asyncio.sleep(PAUSE_SECONDS)
            while _waiting and await _waiting[0].is_done():
                _waiting.popleft()
            raise_if_cancelled()
            _waiting.rotate(-1)  # only this one may be the cause, for example while a transaction holds its row
    finally:
        _waiting.clear()
