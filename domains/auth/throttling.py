"""Slowing guesses down: a lock-out that grows per account and per address and opens by itself (ASVS 6.3.1)."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary

from domains.auth.errors import AccountLocked
from domains.kernel.errors import RateLimited
from domains.kernel.networks import network_of
from domains.kernel.ports import Cache

FREE_GUESSES = 3
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
ACCOUNT_MEMORY = timedelta(hours=24)
ADDRESS_MEMORY = timedelta(hours=1)
PASS_LIFETIME = timedelta(minutes=15)
PASS_GUESSES = 3


@dataclass(frozen=True, slots=True)
class Guess:
    """One admitted guess, to be taken back when it turns out right."""

    key: str
    took_gate: bool


class Lockout:
    """Lets a key guess three times, then once per lock: of one minute, two, four, … up to an hour.

    However the counters' times to live fall, fifteen minutes never hold more than ten guesses: at most five free ones
    where two counts meet, and five gates (0, 1 | 0, 1, 3, 7 minutes) where the levels were forgotten half-way.
    """

    def __init__(self, cache: Cache, *, memory: timedelta) -> None:
        self._cache = cache
        self._memory = memory

    async def admit(self, key: str) -> Guess | timedelta:
        """Count a guess before it is checked, so that parallel ones cannot slip by; or how long it has to wait."""
        if await self._cache.get(f"{key}:gate") is None:
            if await self._cache.increment(f"{key}:guesses", self._memory) <= FREE_GUESSES:
                return Guess(key, took_gate=False)
            lock = self._lock(await self._level(key))
            if await self._cache.increment(f"{key}:gate", lock) == 1:
                await self._cache.increment(f"{key}:level", self._memory)
                return Guess(key, took_gate=True)
        return self._lock(await self._level(key) - 1)

    async def take_back(self, guess: Guess) -> None:
        """The guess was right, or never checked: it does not count."""
        if guess.took_gate:
            await self._cache.delete(f"{guess.key}:gate")
        count = f"{guess.key}:level" if guess.took_gate else f"{guess.key}:guesses"
        if await self._cache.increment(count, self._memory, by=-1) < 0:
            # The count has expired meanwhile: nothing is left to take back, and no credit may arise.
            await self._cache.increment(count, self._memory)

    async def forget(self, key: str) -> None:
        """Start again from nothing."""
        await self._cache.delete(f"{key}:guesses", f"{key}:gate", f"{key}:level")

    async def _level(self, key: str) -> int:
        return int(await self._cache.get(f"{key}:level") or 0)

    @staticmethod
    def _lock(level: int) -> timedelta:
        return min(FIRST_LOCK * (1 << min(max(level, 0), 10)), LONGEST_LOCK)


class Throttle:
    """Guesses at accounts, and how often a mail may be asked for. Accounts that do not exist count the same."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._accounts = Lockout(cache, memory=ACCOUNT_MEMORY)
        self._addresses = Lockout(cache, memory=ADDRESS_MEMORY)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def guess(self, account: str, address: str | None, *, purpose: str = "password") -> AsyncIterator[None]:
        """One guess: when what runs inside raises, it was wrong and stays counted, else it is held against nobody.

        Guesses at one account or from one address take turns, so that many right ones at once are all let through.
        Raises RateLimited (the address) or AccountLocked, each with the seconds to wait. Whoever has just reset the
        account's password is let through from the address they did it from (ASVS 6.1.1).
        """
        account_key, address_key = _key(purpose, account), _key(purpose, network_of(address))
        async with self._turn(address_key), self._turn(account_key):
            guesses = await self._admit(account, address, account_key, address_key)
            yield
            for lockout, guess in guesses:
                await lockout.take_back(guess)

    def _turn(self, key: str) -> asyncio.Lock:
        """The lock of a key, which lives as long as somebody holds it or waits for it."""
        return self._turns.setdefault(key, asyncio.Lock())

    async def _admit(
        self, account: str, address: str | None, account_key: str, address_key: str
    ) -> list[tuple[Lockout, Guess]]:
        by_address = await self._addresses.admit(address_key)
        if isinstance(by_address, timedelta):
            if await self._use_pass(account, address):
                return []
            raise RateLimited(
                "Too many wrong tries from your network address. Try again later.", retry_after=by_address.seconds
            )
        by_account = await self._accounts.admit(account_key)
        if isinstance(by_account, timedelta):
            await self._addresses.take_back(by_address)
            if await self._use_pass(account, address):
                return []
            raise AccountLocked(
                "Too many wrong tries. Try again later, or reset the password.", retry_after=by_account.seconds
            )
        return [(self._addresses, by_address), (self._accounts, by_account)]

    async def reopen(self, account: str, address: str | None) -> None:
        """The mailbox's owner has set a new password: guesses at the old one are forgotten, and they may come in."""
        await self._accounts.forget(_key("password", account))
        key = _pass_key(account, address)
        await self._cache.delete(f"{key}:used")
        await self._cache.set(key, b"1", PASS_LIFETIME)

    async def ask(self, what: str, key: str, *, most: int, per: timedelta) -> bool:
        """Whether this may be asked for once more; counted either way."""
        return await self._cache.increment(_key(f"ask:{what}", key), per) <= most

    async def _use_pass(self, account: str, address: str | None) -> bool:
        key = _pass_key(account, address)
        if await self._cache.get(key) is None:
            return False
        return await self._cache.increment(f"{key}:used", PASS_LIFETIME) <= PASS_GUESSES


def _pass_key(account: str, address: str | None) -> str:
    return _key("pass", f"{account} {network_of(address)}")


def _key(purpose: str, who: str) -> str:
    """A key of bounded length that shows nobody's address to whoever reads the cache."""
    return f"auth:{purpose}:{hashlib.sha256(who.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
