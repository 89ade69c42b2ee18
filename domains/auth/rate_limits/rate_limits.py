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
from domains.auth.rate_limits.lockouts import Guess, Lockout, Window
from domains.kernel.clock import Clock
from domains.kernel.errors import RateLimited
from domains.kernel.ports import Cache
from domains.kernel.values.networks import network_of

PAIR_MEMORY: Final = timedelta(hours=24)
NETWORK_GUESSES: Final = 300
NETWORK_MEMORY: Final = timedelta(hours=1)
PASS_LIFETIME: Final = timedelta(minutes=15)
PASS_GUESSES: Final = 3
LOCKED: Final = "Too many wrong attempts. Try again later, or reset the password."
CROWDED: Final = "Too many wrong attempts from your network. Try again later."


@dataclass(frozen=True, slots=True)
class _Tried:
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
    def pass_key(self) -> str:
        return _key("pass", f"{self.account} {self.network}")


@dataclass(frozen=True, slots=True)
class _Counted:
    """The counters of an allowed attempt; none for one that a password reset allowed."""

    own: Guess | None = None
    network: Guess | None = None
    account: tuple[str, str] | None = None


class Throttle:
    """Limits attempts to guess credentials, and counts requests. Accounts that do not exist are counted the same way.

    An attempt counts three times: for the account and network together, for the account, and for the network over all
    accounts. A device that has signed in to the account before has a count of its own, so that attempts from
    elsewhere do not lock it out.
    """

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._pairs = Lockout(cache, memory=PAIR_MEMORY)
        self._networks = Lockout(cache, memory=NETWORK_MEMORY, free=NETWORK_GUESSES)
        self._accounts = Window(cache, clock)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def guess(
        self,
        account: str,
        address: str | None,
        *,
        purpose: str = "password",
        device: str | None = None,
        is_known: Callable[[], Awaitable[bool]] | None = None,
    ) -> AsyncIterator[None]:
        """One attempt: it stays counted if the block raises, and is uncounted if the block succeeds.

        RateLimited in the block means that the attempt was not checked; it is uncounted. `device` is a verified
        device of the account. `is_known` is called when attempts from elsewhere block this one: whether the account
        was signed in to from this network. Attempts at one account run one after another, so that concurrent right
        ones all succeed. After a password reset, the same network may try again at once (ASVS 6.1.1). Raises
        RateLimited (by network) or AccountLocked, with the seconds to wait.
        """
        tried = _Tried(account, network_of(address), purpose, device)
        async with self._turn(tried.account_key if device is None else tried.own_key):
            counted = await self._admit(tried, is_known)
            try:
                yield
            except RateLimited:
                await self._take_back(counted)
                raise
            await self._take_back(counted)

    def _turn(self, key: str) -> asyncio.Lock:
        """The lock of a key, which exists while it is held or awaited."""
        return self._turns.setdefault(key, asyncio.Lock())

    async def _admit(self, tried: _Tried, is_known: Callable[[], Awaitable[bool]] | None) -> _Counted:
        own = await self._pairs.admit(tried.own_key)
        if isinstance(own, timedelta):
            return await self._refuse(tried, AccountLocked(LOCKED, retry_after=own.seconds))
        if tried.device is not None:
            return _Counted(own=own)
        network = await self._networks.admit(tried.network_key)
        slot = await self._accounts.admit(tried.account_key)
        if isinstance(network, Guess) and isinstance(slot, str):
            return _Counted(own=own, network=network, account=(tried.account_key, slot))
        await self._take_back(
            _Counted(
                network=network if isinstance(network, Guess) else None,
                account=(tried.account_key, slot) if isinstance(slot, str) else None,
            )
        )
        if is_known is not None and await is_known():
            return _Counted(own=own)
        await self._take_back(_Counted(own=own))
        if isinstance(network, timedelta):
            return await self._refuse(tried, RateLimited(CROWDED, retry_after=network.seconds))
        wait = slot.seconds if isinstance(slot, timedelta) else 0
        return await self._refuse(tried, AccountLocked(LOCKED, retry_after=wait))

    async def _refuse(self, tried: _Tried, refusal: RateLimited) -> _Counted:
        """Raise the refusal unless the password was just reset from this network."""
        if await self._use_pass(tried):
            return _Counted()
        raise refusal

    async def _take_back(self, counted: _Counted) -> None:
        if counted.own is not None:
            await self._pairs.take_back(counted.own)
        if counted.network is not None:
            await self._networks.take_back(counted.network)
        if counted.account is not None:
            await self._accounts.take_back(*counted.account)

    async def allow_after_reset(self, account: str, address: str | None) -> None:
        """After a password reset: reset the account's counters, and allow a few attempts from the same network."""
        tried = _Tried(account, network_of(address), "password", None)
        await self._accounts.forget(tried.account_key)
        await self._cache.delete(f"{tried.pass_key}:used")
        await self._cache.set(tried.pass_key, b"1", PASS_LIFETIME)

    async def count(self, what: str, key: str, *, per: timedelta) -> int:
        """How many requests a key has made in a period, this one included."""
        return await self._cache.increment(_key(f"ask:{what}", key), per)

    async def _use_pass(self, tried: _Tried) -> bool:
        if await self._cache.get(tried.pass_key) is None:
            return False
        return await self._cache.increment(f"{tried.pass_key}:used", PASS_LIFETIME) <= PASS_GUESSES


def _key(purpose: str, who: str) -> str:
    """A key of bounded length that does not contain the address."""
    return f"auth:{purpose}:{hashlib.sha256(who.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
