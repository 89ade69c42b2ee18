"""The feed: stores the events of committed transactions in the event stream, in any number of processes at once."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
import structlog

from domains.kernel.events import Event
from domains.kernel.fail_points import reach
from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.live.stream import MAX_EVENTS, EventStream, encoded
from gateway.log_interval import LogInterval
from gateway.messaging.committed_events import committed_since
from gateway.messaging.wake import Wake, wait_for_work

log = structlog.get_logger("gateway.live")
POLL_SECONDS: Final = 1.0
INTERVAL: Final = 0.05  # seconds between two readings of the outbox, which is read at once after a pause
MOST: Final = MAX_EVENTS // 2  # events of one reading; after an outage with more of them, the stream begins anew
MAX_BODY: Final = 32_768  # larger ones are of batches of hundreds of SKUs: all rooms of the channel miss them


class Feed:
    """Stores events of some topics in the event stream: every committed one, and one aggregate's in their order.

    The stream keeps the position in the outbox, so that every feed goes on where the last one stored; of several that
    have read the same events, one stores them. While the stream is away, the events wait in the outbox. A commit of
    this process sets `wake`.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        stream: EventStream,
        declared: Mapping[str, type[Event]],
        topics: Sequence[str],
        wake: Wake,
    ) -> None:
        self._pool = pool
        self._stream = stream
        self._declared = declared
        self._topics = list(topics)
        self._woken = asyncio.Event()
        self._outages = LogInterval()
        wake.add(self._woken)

    async def run(self) -> None:
        """Feed until cancelled: when woken, and each second for what killed and other processes have committed."""
        while True:
            self._woken.clear()
            began = time.monotonic()
            try:
                await self.feed()
            except Exception as error:  # noqa: BLE001 - the events stay in the outbox
                raise_if_cancelled()
                self._report(error)
                await asyncio.sleep(POLL_SECONDS)
            await wait_for_work(self._woken, POLL_SECONDS)
            await asyncio.sleep(max(0, began + INTERVAL - time.monotonic()))

    async def feed(self) -> None:
        """Store what has been committed. Raises EventStreamUnavailable, and the errors of the database."""
        while not await self._feed():
            pass  # another process has stored since the position was read

    async def _feed(self) -> bool:
        position = await self._stream.position()
        found = await committed_since(self._pool, position, self._topics, MOST)
        if position == found.snapshot:
            return True
        bodies = [self._body(event) for event in found.events or ()]
        if bodies:
            reach("feed.read")
        is_gap = found.events is None
        is_stored = await self._stream.store(bodies, expected=position, position=found.snapshot, is_gap=is_gap)
        if bodies and is_stored:
            reach("feed.stored")
        return is_stored

    def _body(self, event: Any) -> bytes:
        """The body of an event. Without a payload, which is too large or of another version, it has no key."""
        kind = self._declared.get(event["topic"])
        payload = {} if kind is None else kind.without_personal(event["version"], event["payload"])
        about = (event["topic"], event["company_id"], event["aggregate_id"])
        body = encoded(*about, payload, event["created_at"])
        return body if len(body) <= MAX_BODY else encoded(*about, {}, event["created_at"])

    def _report(self, error: Exception) -> None:
        """Log a failure, once a minute."""
        if self._outages.is_due():
            log.warning("the event stream is not fed", error=str(error) or type(error).__name__)
