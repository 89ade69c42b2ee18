"""Quotas per company and network address: bounds on what anonymous callers can store in a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from domains.kernel.errors import Busy, DomainError, RateLimited
from domains.kernel.ports import Cache
from domains.kernel.values.networks import network_digest

# Errors that refuse no guess: an outage of the database must not lock anyone out. Whatever else ends an attempt
# counts, a cancelled request too, because a client can cause it.
NOT_REFUSED: Final = (RateLimited, Busy, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True, slots=True)
class Quota:
    """The highest number of something in a time, for each network address or for all together.

    `subject` names it in the message: "new carts".
    """

    subject: str
    limit: int
    period: timedelta
    is_shared: bool = False

    async def consume(self, cache: Cache, company_id: UUID, address: str | None, by: int = 1) -> None:
        """Count one before it is stored, so that parallel requests cannot exceed the quota.

        Raises RateLimited above the quota, with the seconds after which it is certain to restart; a refused request
        does not count.
        """
        if by and await cache.increment(self._key(company_id, address), self.period, by=by) > self.limit:
            await self.release(cache, company_id, address, by)
            source = "" if self.is_shared else " from your network address"
            raise RateLimited(
                f"Too many {self.subject}{source}. Try again later.", retry_after=int(self.period.total_seconds())
            )

    async def release(self, cache: Cache, company_id: UUID, address: str | None, by: int = 1) -> None:
        """Uncount one that was counted and then not stored."""
        await decrement(cache, self._key(company_id, address), self.period, by)

    @asynccontextmanager
    async def reserve(self, cache: Cache, company_id: UUID, address: str | None, by: int = 1) -> AsyncIterator[None]:
        """Count one as `consume` does, and uncount it when the body raises a DomainError."""
        await self.consume(cache, company_id, address, by)
        try:
            yield
        except DomainError:
            await self.release(cache, company_id, address, by)
            raise

    @asynccontextmanager
    async def count_failures(
        self, failure: type[BaseException], cache: Cache, company_id: UUID, address: str | None
    ) -> AsyncIterator[None]:
        """Count one as `consume` does, and uncount it unless the body raises this failure.

        An error of NOT_REFUSED is uncounted in any case.
        """
        await self.consume(cache, company_id, address)
        try:
            yield
        except NOT_REFUSED:
            await self.release(cache, company_id, address)
            raise
        except failure:
            raise
        except BaseException:
            await self.release(cache, company_id, address)
            raise
        await self.release(cache, company_id, address)

    def _key(self, company_id: UUID, address: str | None) -> str:
        """A key that does not reveal the network address to readers of the cache."""
        source = "all" if self.is_shared else network_digest(address)
        return f"quota:{self.subject}:{company_id}:{source}"


async def decrement(cache: Cache, key: str, ttl: timedelta, by: int = 1) -> None:
    """Subtract one from a counter, but never below zero: an expired counter must not become a credit."""
    remaining = await cache.increment(key, ttl, by=-by)
    if remaining < 0:
        await cache.increment(key, ttl, by=min(by, -remaining))
