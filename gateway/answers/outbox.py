"""Reads which cached answers the commits of all processes have changed, from the events in the outbox."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

import asyncpg
import structlog

from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.answers.cache import AnswerCache
from gateway.answers.changed_tags import changed_tags, is_of_shop
from gateway.log_interval import LogInterval
from gateway.messaging.committed_events import bounds, committed_since

log = structlog.get_logger("gateway.answers")
INTERVAL: Final = 0.2  # seconds
MAX_EVENTS: Final = 2_000  # more than these at once remove all answers


class ChangeReader:
    """Tells the cache of answers what has changed, every fifth of a second.

    `on_settings` is called when companies or their settings have changed.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        cache: AnswerCache,
        topics: Sequence[str],
        on_settings: Callable[[], None] = lambda: None,
    ) -> None:
        self._pool = pool
        self._cache = cache
        self._topics = list(topics)
        self._on_settings = on_settings
        self._snapshot: str | None = None
        self._unread = LogInterval()

    async def run(self) -> None:
        """Read until cancelled. While the database does not answer, the cache is not used."""
        while True:
            try:
                await self.read()
            except Exception:  # reading goes on where it stopped
                raise_if_cancelled()
                if self._unread.is_due():
                    log.exception("changes cannot be read; cached answers are not used")
            await asyncio.sleep(INTERVAL)

    async def read(self) -> None:
        """Tell what has been committed since the last call; the first call only takes the position."""
        began, mark = time.monotonic(), self._cache.mark()
        found = await committed_since(self._pool, self._snapshot, self._topics, MAX_EVENTS)
        if found.events is None:
            self._start(found.snapshot, began)
            return
        transactions: defaultdict[int, set[str]] = defaultdict(set)
        for event in found.events:
            transactions[event["transaction"]] |= changed_tags(event["topic"], event["company_id"], event["payload"])
        lowest, ceiling = bounds(found.snapshot)
        self._cache.on_read(transactions, lowest, ceiling, mark=mark, began=began)
        if any(is_of_shop(each) for tags in transactions.values() for each in tags):
            self._on_settings()
        self._snapshot = found.snapshot

    def _start(self, snapshot: str, began: float) -> None:
        self._cache.on_start(*bounds(snapshot), began=began)
        self._on_settings()
        self._snapshot = snapshot
