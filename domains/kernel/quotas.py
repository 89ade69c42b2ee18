"""Quotas per company and client: bounds on what callers can store in a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final
from uuid import UUID

import asyncpg

from domains.kernel.errors import Busy, DomainError, RateLimited
from domains.kernel.ports import Cache
from domains.kernel.values.networks import network_digest

# Errors that refuse no guess: an outage of the database must not lock anyone out. Whatever else ends an attempt
# counts, a cancelled request too, because a client can cause it.
NOT_REFUSED: Final = (RateLimited, Busy, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


class CountedFor(Enum):
    """Whose use a quota counts: the value is what its message says."""

    ADDRESS = " from your network address"
    ACCOUNT = " from your account"
    ALL = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """The highest number of something in a time, for each network address, for each account, or for all together.

    `subject` names it in the message: "new carts". Its methods take the network address, or the id of the account.
    """

    subject: str
    limit: int
    period: timedelta
    counted_for: CountedFor = CountedFor.ADDRESS

    async def consume(self, cache: Cache, company_id: UUID, client: str | None, by: int = 1) -> None:
        """Count one before it is stored, so that parallel requests cannot exceed the quota.

        Raises RateLimited above the quota, with the seconds after which it is certain to restart; a refused request
        does not count.
        """
        if by and await cache.increment(self._key(company_id, client), self.period, by=by) > self.limit:
            await self.release(cache, company_id, client, by)
            source = self.counted_for.value
            raise RateLimited(
                f"Too many {self.subject}{source}. Try again later.", retry_after=int(self.period.total_seconds())
            )

    async def release(self, cache: Cache, company_id: UUID, client: str | None, by: int = 1) -> None:
        """Uncount one that was counted and then not stored."""
        await decrement(cache, self._key(company_id, client), self.period, by)

    @asynccontextmanager
    async def reserve(self, cache: Cache, company_id: UUID, client: str | None, by: int = 1) -> AsyncIterator[None]:
        """Count one as `consume` does, and uncount it when the body raises a DomainError."""
        await self.consume(cache, company_id, client, by)
        try:
            yield
        except DomainError:
            await self.release(cache, company_id, client, by)
            raise

    @asynccontextmanager
    async def count_failures(
        self, failure: type[BaseException], cache: Cache, company_id: UUID, client: str | None
    ) -> AsyncIterator[None]:
        """Count one as `consume` does, and uncount it unless the body raises this failure.

        An error of NOT_REFUSED is uncounted in any case.
        """
        await self.consume(cache, company_id, client)
        try:
            yield
        except NOT_REFUSED:
            await self.release(cache, company_id, client)
            raise
        except failure:
            raise
        except BaseException:
            await self.release(cache, company_id, client)
            raise
        await self.release(cache, company_id, client)

    def _key(self, company_id: UUID, client: str | None) -> str:
        """A key that does not reveal the network address to readers of the cache."""
        source = "all"
        if self.counted_for is not CountedFor.ALL:
            source = network_digest(client) if self.counted_for is CountedFor.ADDRESS else f"account:{client}"
        return f"quota:{self.subject}:{company_id}:{source}"


async def decrement(cache: Cache, key: str, ttl: timedelta, by: int = 1) -> None:
    """Subtract one from a counter, but never below zero: an expired counter must not become a credit."""
    remaining = await cache.increment(key, ttl, by=-by)
    if remaining < 0:
        await cache.increment(key, ttl, by=min(by, -remaining))
