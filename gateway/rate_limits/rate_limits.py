"""Rate limits of requests, by network address and by account, for three classes of operations."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from domains.kernel.ports import Cache
from domains.kernel.rate_limits import Admission, Demand, RateLimit, admit
from domains.kernel.values.networks import network_of
from gateway import request_log
from gateway.graphql.core.errors import RequestRefused

PERIOD: Final = timedelta(minutes=1)
MAX_CLIENTS: Final = 50_000
MAX_LOGGED: Final = 10_000
LOG_INTERVAL: Final = 60.0  # seconds
NETWORKS: Final = 4_096  # of IPv6, whose text takes longest to parse


@dataclass(frozen=True, slots=True)
class RateLimitSettings:
    """The units of each limit in a minute, which may also be taken at once; 0 is no limit."""

    reads_per_address: int = 6_000
    reads_per_account: int = 3_000
    writes_per_address: int = 1_200
    writes_per_account: int = 600
    sensitive_per_address: int = 300
    sensitive_per_account: int = 60


class ProcessLimit:
    """A rate limit that this process counts, without an await. Keys that were unused longest are forgotten first."""

    def __init__(self, limit: RateLimit, monotonic: Callable[[], float], maximum: int = MAX_CLIENTS) -> None:
        self._limit = limit
        self._monotonic = monotonic
        self._maximum = maximum
        self._arrivals: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._arrivals)

    def admit(self, key: str) -> Admission:
        """Take one unit for a key. A refused request takes nothing."""
        now, arrivals = int(self._monotonic() * 1_000_000), self._arrivals
        arrival = arrivals.get(key)
        if arrival is None:
            self._forget_one(now)
        else:
            arrivals.move_to_end(key)
        arrivals[key], admission = admit(self._limit, arrival or 0, now)
        return admission

    def _forget_one(self, now: int) -> None:
        """Forget the key that was unused longest if its units are restored, or if there are too many keys."""
        oldest = next(iter(self._arrivals), None)
        if oldest is not None and (self._arrivals[oldest] <= now or len(self._arrivals) >= self._maximum):
            del self._arrivals[oldest]


class Refusals:
    """The refusals by limit and client of the last minute, so that one log line a minute states their number."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._logged: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def count(self, name: str, client: str) -> int:
        """Count a refusal; the number since the last line when another one is due, else 0."""
        now, key = self._monotonic(), (name, client)
        logged_at, number = self._logged.pop(key, (now - LOG_INTERVAL, 0))
        is_due = now - logged_at >= LOG_INTERVAL
        if len(self._logged) >= MAX_LOGGED:
            self._logged.popitem(last=False)
        self._logged[key] = (now, 0) if is_due else (logged_at, number + 1)
        return number + 1 if is_due else 0


class RateLimits:
    """Counts requests, and refuses those above a limit.

    Each request is a read, counted by this process: it needs no await, so that a remembered answer may be counted.
    Writes (mutations, uploads) are counted in the cache, by all processes together. A sensitive one (it checks a
    credential or sends mail) counts as a write and as a sensitive one. Refused writes take nothing of these limits.
    """

    def __init__(
        self, settings: RateLimitSettings, cache: Cache, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._cache = cache
        self._reads = _process_limit("RATE_LIMIT_READS_PER_ADDRESS", settings.reads_per_address, monotonic)
        self._account_reads = _process_limit("RATE_LIMIT_READS_PER_ACCOUNT", settings.reads_per_account, monotonic)
        self._writes = _limit("RATE_LIMIT_WRITES_PER_ADDRESS", settings.writes_per_address)
        self._account_writes = _limit("RATE_LIMIT_WRITES_PER_ACCOUNT", settings.writes_per_account)
        self._sensitive = _limit("RATE_LIMIT_SENSITIVE_PER_ADDRESS", settings.sensitive_per_address)
        self._account_sensitive = _limit("RATE_LIMIT_SENSITIVE_PER_ACCOUNT", settings.sensitive_per_account)
        self._refusals = Refusals(monotonic)

    def admit_read(self, address: str) -> Admission | None:
        """Count a request of a network address, as `client_ip` returns it; None when reads are not limited."""
        return None if self._reads is None else self._reads.admit(_network(address))

    def check_read(self, address: str) -> None:
        """Count a request of a network address. Raises RequestRefused (429)."""
        self._require(self.admit_read(address), _network(address))

    def check_account_read(self, user_id: UUID | None) -> None:
        """Count a request of an account; guests have none. Raises RequestRefused (429)."""
        if self._account_reads is not None and user_id is not None:
            self._require(self._account_reads.admit(str(user_id)), str(user_id))

    async def check_writes(
        self, *, address: str | None = None, user_id: UUID | None = None, writes: int = 1, sensitive: int = 0
    ) -> None:
        """Count writes of a network address, an account or both, before they run. Raises RequestRefused (429)."""
        network, account = address and _network(address), user_id and str(user_id)
        wanted = (
            (self._writes, network, writes),
            (self._account_writes, account, writes),
            (self._sensitive, network, sensitive),
            (self._account_sensitive, account, sensitive),
        )
        taken = {
            limit: (client, Demand(_key(limit, client), limit, units))
            for limit, client, units in wanted
            if limit is not None and client and units
        }
        if taken:
            admission = await self._cache.admit([demand for _, demand in taken.values()])
            self._require(admission, taken[admission.limit][0])

    def _require(self, admission: Admission | None, client: str) -> None:
        """Record an admission for the headers of the response, or raise RequestRefused."""
        if admission is None:
            return
        request_log.record_admission(admission)
        if not admission.is_admitted:
            name = admission.limit.name
            request_log.record_throttling(name, self._refusals.count(name, client))
            raise _refusal(admission)


def _refusal(admission: Admission) -> RequestRefused:
    name, seconds = admission.limit.name, admission.retry_after
    source = "account" if name.endswith("ACCOUNT") else "network address"
    message = f"Too many requests from your {source}. Try again in {seconds} second{'s' if seconds > 1 else ''}."
    return RequestRefused(request_log.RATE_LIMITED, message, status=429, limit=name, retryAfter=seconds)


def _limit(name: str, units: int) -> RateLimit | None:
    return RateLimit.of(name, units, PERIOD) if units else None


def _process_limit(name: str, units: int, monotonic: Callable[[], float]) -> ProcessLimit | None:
    limit = _limit(name, units)
    return None if limit is None else ProcessLimit(limit, monotonic)


def _network(address: str) -> str:
    """The network that counts as one client; an IPv4 address in canonical form is its own."""
    return _network_of_ipv6(address) if ":" in address else address


_network_of_ipv6: Final = lru_cache(maxsize=NETWORKS)(network_of)


def _key(limit: RateLimit, client: str) -> str:
    """A key that does not reveal the client to readers of the cache."""
    return f"{limit.name.lower()}:{hashlib.sha256(client.encode()).hexdigest()[:32]}"
