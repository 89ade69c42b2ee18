"""The parts of a process that give committed events to subscriptions."""

from collections.abc import Mapping, Sequence

import asyncpg

from domains.kernel.events import Event
from gateway.live.channels import Channels
from gateway.live.feed import Feed
from gateway.live.hub import Hub
from gateway.live.presence import Presence
from gateway.live.presence_store import PresenceStore
from gateway.live.stream import EventStream
from gateway.messaging.background import Work
from gateway.messaging.wake import Wake


class Live:
    """The event stream of some channels, the hub and presence. With `is_shared`, other processes use them too."""

    def __init__(self, stream: EventStream, presence: PresenceStore, channels: Channels, *, is_shared: bool) -> None:
        self.hub = Hub(stream, channels)
        self.presence = Presence(presence)
        self._stream = stream
        self._channels = channels
        self._is_shared = is_shared
        self._committed = Wake()

    def on_commit(self, events: Sequence[Event]) -> None:
        """Feed the stream soon, if one of the events of a commit belongs to a channel that may have subscriptions.

        A stream of this process alone is fed each second while there are none: what is kept then serves those that
        resume.
        """
        if (self._is_shared or self.hub.is_subscribed) and self._channels.has_topic(events):
            self._committed.set()

    def work(
        self, pool: "asyncpg.Pool[asyncpg.Record]", declared: Mapping[str, type[Event]], *, is_server: bool
    ) -> dict[str, Work]:
        """The background work of a process. A worker feeds a shared stream only: it has no subscriptions itself."""
        topics = self._channels.topics
        if not topics or not (is_server or self._is_shared):
            return {}
        feed = Feed(pool, self._stream, declared, topics, self._committed)
        return {"feed": feed.run, **({"hub": self.hub.run, "presence": self.presence.run} if is_server else {})}
