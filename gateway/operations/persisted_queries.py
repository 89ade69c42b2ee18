"""Automatic persisted queries that all processes share: texts by their SHA-256 in Redis."""

import re
from collections import OrderedDict
from datetime import timedelta
from typing import Final, NamedTuple

import structlog

from domains.kernel.clock import Clock
from domains.kernel.ports import Cache, CacheUnavailable, KeyCollision
from domains.kernel.values.networks import network_digest
from gateway.operations.document_ids import digest_of

log = structlog.get_logger("gateway.operations")
LIFE: Final = timedelta(days=3)
REFRESH: Final = timedelta(days=1)  # a text in use is written again at this age
MAX_OCTETS: Final = 32 * 1024  # of a text
HOUR: Final = timedelta(hours=1)
# Octets that are written in an hour, renewals included: Redis never holds more than LIFE allows, about 146 MiB.
MAX_WRITTEN: Final = 2 * 1024 * 1024
MAX_WRITTEN_BY_NETWORK: Final = 512 * 1024
OVERHEAD: Final = 256  # octets of an entry beside its text
MAX_REMEMBERED: Final = 10_000
_STORED: Final = re.compile(rb"(\d{1,12})\n(.+)", re.DOTALL)


class StoredQuery(NamedTuple):
    """A text, and when it was written."""

    text: str
    written_at: float


class PersistedQueries:
    """Texts of valid queries that were sent with their SHA-256, for three days after their last use.

    When Redis does not answer, texts are missing, which is no error: the client sends them again.
    """

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._written: OrderedDict[str, float] = OrderedDict()
        """When the text of a digest was last written, as far as this process knows: it need not ask again."""

    async def find(self, digest: str) -> str | None:
        """The text of a digest, or None. A stored value that is not the text of the digest counts as missing."""
        try:
            value = await self._cache.get(_key(digest))
        except CacheUnavailable:
            return None
        stored = None if value is None else _stored(digest, value)
        if stored is None:
            if value is not None:
                log.warning("foreign value under the key of a persisted query", digest=digest)
            self._written.pop(digest, None)  # Redis has lost it: it is stored again
            return None
        self._remember(digest, stored.written_at)
        return stored.text

    async def keep(self, digest: str, text: str, address: str | None) -> None:
        """Store the text of a digest, or prolong its life, for a request from a network address.

        A text is written once a day, and texts up to an amount in an hour: in total, and for a network.
        """
        if len(text) > MAX_OCTETS or len(encoded := text.encode()) > MAX_OCTETS:
            return
        if await self.find(digest) is not None and self.is_fresh(digest):
            return
        now = self._now()
        self._remember(digest, now - (REFRESH - HOUR).total_seconds())  # what fails is tried again in an hour
        try:
            if await self._is_within_limits(len(encoded) + OVERHEAD, address):
                await self._cache.set(_key(digest), b"%d\n%b" % (now, encoded), LIFE)
                self._remember(digest, now)
        except (CacheUnavailable, KeyCollision) as error:
            log.warning("persisted query not stored", error=str(error))

    async def _is_within_limits(self, octets: int, address: str | None) -> bool:
        """Count octets to be written, for the network first: what it is refused does not count for the others."""
        network = await self._cache.increment(f"persisted-queries:{network_digest(address)}", HOUR, by=octets)
        if network > MAX_WRITTEN_BY_NETWORK:
            return False
        return await self._cache.increment("persisted-queries", HOUR, by=octets) <= MAX_WRITTEN

    def is_fresh(self, digest: str) -> bool:
        """Whether this process knows that the text of a digest need not be written now."""
        written_at = self._written.get(digest)
        return written_at is not None and self._now() - written_at < REFRESH.total_seconds()

    def _remember(self, digest: str, written_at: float) -> None:
        self._written[digest] = written_at
        self._written.move_to_end(digest)
        if len(self._written) > MAX_REMEMBERED:
            self._written.popitem(last=False)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _key(digest: str) -> str:
    return f"persisted-query:{digest}"


def _stored(digest: str, value: bytes) -> StoredQuery | None:
    """The stored text with its time, unless it is not that of the digest."""
    match = _STORED.fullmatch(value)
    if match is None:
        return None
    try:
        text = match[2].decode()
    except UnicodeDecodeError:
        return None
    return StoredQuery(text, int(match[1])) if digest_of(text) == digest else None
