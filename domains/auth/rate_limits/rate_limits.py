"""Limits on wrong attempts: by account and network, by account, and by network (ASVS 6.3.1)."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from weakref import WeakValueDictionary

from domains.auth.errors import AccountLocked
from domains.auth.rate_limits.lockouts import CountedAttempt, Lockout, Window
from domains.kernel.clock import Clock
from domains.kernel.errors import RateLimited
from domains.kernel.ports import Cache
from domains.kernel.quotas import NOT_REFUSED
from domains.kernel.values.networks import network_of

PAIR_RETENTION: Final = timedelta(hours=24)
NETWORK_FREE_ATTEMPTS: Final = 300
NETWORK_RETENTION: Final = timedelta(hours=1)
RESET_ALLOWANCE_LIFETIME: Final = timedelta(minutes=15)
RESET_ALLOWANCE: Final = 3
ACCOUNT_LOCKED: Final = "Too many wrong attempts. Try again later, or reset the password."
NETWORK_LOCKED: Final = "Too many wrong attempts from your network. Try again later."


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt: the account, the network, the purpose, and the device if it is known."""

    account: str
    network: str
    purpose: str
    device: str | None

    @property
    def account_key(self) -> str:
        return _key(f"{self.purpose}:account", self.account)

    @property
    def network_key(self) -> str:
        return _key(f"{self.purpose}:network", self.network)

    @property
    def own_key(self) -> str:
        """The key of the narrowest count: the account with the known device, or with the network."""
        if self.device is not None:
            return _key(f"{self.purpose}:device", f"{self.account} {self.device}")
        return _key(f"{self.purpose}:pair", f"{self.account} {self.network}")

    @property
    def allowance_key(self) -> str:
        return _key("pass", f"{self.account} {self.network}")


@dataclass(frozen=True, slots=True)
class _CountedAttempts:
    """The counters of an allowed attempt; none for one that a password reset allowed."""

    own: CountedAttempt | None = None
    network: CountedAttempt | None = None
    account: tuple[str, str] | None = None


class Throttle:
    """Limits wrong attempts at credentials, and counts requests. Accounts that do not exist are counted the same way.

    An attempt counts three times: for the account and network together, for the account, and for the network over all
    accounts. A device that has logged in to the account before has a count of its own, so that attempts from
    elsewhere do not lock it out.
    """

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._pairs = Lockout(cache, retention=PAIR_RETENTION)
        self._networks = Lockout(cache, retention=NETWORK_RETENTION, free_attempts=NETWORK_FREE_ATTEMPTS)
        self._accounts = Window(cache, clock)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def attempt(
        self,
        account: str,
        address: str | None,
        *,
        purpose: str = "password",
        device: str | None = None,
        is_known: Callable[[], Awaitable[bool]] | None = None,
    ) -> AsyncIterator[None]:
        """One attempt: it stays counted if the block raises, and is uncounted if the block succeeds.

        RateLimited, Busy or a failure of the database in the block means that no credential was refused; the attempt
        is uncounted, so that an outage locks nobody out. `device` is a verified
        device of the account. `is_known` is called when attempts from elsewhere block this one: whether the account
        was logged in to from this network. Attempts at one account run one after another, so that concurrent valid
        ones all succeed. After a password reset, the same network may try again at once (ASVS 6.1.1). Raises
        RateLimited (by network) or AccountLocked, with the seconds to wait.
        """
        attempt = _Attempt(account, network_of(address), purpose, device)
        async with self._lock_of(attempt.account_key if device is None else attempt.own_key):
            counted = await self._admit(attempt, is_known)
            try:
                yield
            except NOT_REFUSED:
                await self._release(counted)
                raise
            await self._release(counted)

    def _lock_of(self, key: str) -> asyncio.Lock:
        """The lock of a key; it is removed when no task holds or awaits it."""
        return self._locks.setdefault(key, asyncio.Lock())

    async def _admit(self, attempt: _Attempt, is_known: Callable[[], Awaitable[bool]] | None) -> _CountedAttempts:
        own = await self._pairs.admit(attempt.own_key)
        if isinstance(own, timedelta):
            return await self._refuse(attempt, AccountLocked(ACCOUNT_LOCKED, retry_after=own.seconds))
        if attempt.device is not None:
            return _CountedAttempts(own=own)
        network = await self._networks.admit(attempt.network_key)
        slot = await self._accounts.admit(attempt.account_key)
        if isinstance(network, CountedAttempt) and isinstance(slot, str):
            return _CountedAttempts(own=own, network=network, account=(attempt.account_key, slot))
        await self._release(
            _CountedAttempts(
                network=network if isinstance(network, CountedAttempt) else None,
                account=(attempt.account_key, slot) if isinstance(slot, str) else None,
            )
        )
        if is_known is not None and await is_known():
            return _CountedAttempts(own=own)
        await self._release(_CountedAttempts(own=own))
        if isinstance(network, timedelta):
            return await self._refuse(attempt, RateLimited(NETWORK_LOCKED, retry_after=network.seconds))
        wait = slot.seconds if isinstance(slot, timedelta) else 0
        return await self._refuse(attempt, AccountLocked(ACCOUNT_LOCKED, retry_after=wait))

    async def _refuse(self, attempt: _Attempt, refusal: RateLimited) -> _CountedAttempts:
        """Raise the refusal unless the password was just reset from this network."""
        if await self._use_allowance(attempt):
            return _CountedAttempts()
        raise refusal

    async def _release(self, counted: _CountedAttempts) -> None:
        if counted.own is not None:
            await self._pairs.release(counted.own)
        if counted.network is not None:
            await self._networks.release(counted.network)
        if counted.account is not None:
            await self._accounts.release(*counted.account)

    async def allow_after_reset(self, account: str, address: str | None) -> None:
        """After a password reset: reset the account's counters, and allow a few attempts from the same network."""
        attempt = _Attempt(account, network_of(address), "password", None)
        await self._accounts.reset(attempt.account_key)
        await self._cache.delete(f"{attempt.allowance_key}:used")
        await self._cache.set(attempt.allowance_key, b"1", RESET_ALLOWANCE_LIFETIME)

    async def count(self, purpose: str, key: str, *, period: timedelta) -> int:
        """How many requests a key has made in a period, this one included."""
        return await self._cache.increment(_key(f"ask:{purpose}", key), period)

    async def _use_allowance(self, attempt: _Attempt) -> bool:
        if await self._cache.get(attempt.allowance_key) is None:
            return False
        return (
            await self._cache.increment(f"{attempt.allowance_key}:used", RESET_ALLOWANCE_LIFETIME) <= RESET_ALLOWANCE
        )


def _key(purpose: str, identity: str) -> str:
    """A key of bounded length that does not contain the address."""
    return f"auth:{purpose}:{hashlib.sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
