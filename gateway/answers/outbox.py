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

log = structlog.get_logger("gateway.answers")
INTERVAL: Final = 0.2  # seconds
MAX_EVENTS: Final = 2_000  # more than these at once remove all answers
LOG_INTERVAL: Final = 60.0

SNAPSHOT: Final = "select pg_current_snapshot()::text"
# Sequences are not in the order of commits. A transaction that an earlier snapshot did not show has ended since when
# this statement's snapshot shows it, whenever it began. Events of a restored dump may have ids of another server that
# are not reached yet.
CHANGED: Final = """
select pg_current_snapshot()::text as snapshot, event.*
from (select) as always left join lateral (
    select transaction_id::text::bigint as transaction, topic, company_id, payload
    from outbox_events
    where transaction_id >= pg_snapshot_xmin($1::text::pg_snapshot)
      and not pg_visible_in_snapshot(transaction_id, $1::text::pg_snapshot)
      and transaction_id < pg_snapshot_xmax(pg_current_snapshot()) and topic = any($2)
    limit $3
) as event on true
"""


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
        self._log_at = 0.0

    async def run(self) -> None:
        """Read until cancelled. While the database does not answer, the cache is not used."""
        while True:
            try:
                await self.read()
            except Exception:  # reading goes on where it stopped
                raise_if_cancelled()
                if (now := time.monotonic()) >= self._log_at:
                    log.exception("changes cannot be read; cached answers are not used")
                    self._log_at = now + LOG_INTERVAL
            await asyncio.sleep(INTERVAL)

    async def read(self) -> None:
        """Tell what has been committed since the last call; the first call only takes the position."""
        began, mark = time.monotonic(), self._cache.mark()
        if self._snapshot is None:
            self._start(await self._pool.fetchval(SNAPSHOT), began)
            return
        rows = await self._pool.fetch(CHANGED, self._snapshot, self._topics, MAX_EVENTS + 1)
        snapshot = rows[0]["snapshot"]
        if len(rows) > MAX_EVENTS or bounds(snapshot) < bounds(self._snapshot):  # many, or another server
            self._start(snapshot, began)
            return
        transactions: defaultdict[int, set[str]] = defaultdict(set)
        for row in rows:
            if row["transaction"] is not None:
                tags = changed_tags(row["topic"], row["company_id"], row["payload"])
                transactions[row["transaction"]] |= tags
        lowest, ceiling = bounds(snapshot)
        self._cache.on_read(transactions, lowest, ceiling, mark=mark, began=began)
        if any(is_of_shop(each) for tags in transactions.values() for each in tags):
            self._on_settings()
        self._snapshot = snapshot

    def _start(self, snapshot: str, began: float) -> None:
        self._cache.on_start(*bounds(snapshot), began=began)
        self._on_settings()
        self._snapshot = snapshot


def bounds(snapshot: str) -> tuple[int, int]:
    """The lowest transaction that ran at a snapshot, and the first one that had no id yet (`xmin:xmax:xip`)."""
    lowest, ceiling, _ = snapshot.split(":")
    return int(lowest), int(ceiling)
