"""How much network addresses may take of a company in a while: what anonymous callers can store is bounded."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domains.kernel.errors import DomainError, RateLimited
from domains.kernel.ports import Cache
from domains.kernel.values.networks import network_of


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so much of something in a while, for each network address or for all together.

    `what` stands in the message: "new carts".
    """

    what: str
    most: int
    per: timedelta
    is_shared: bool = False

    async def take(self, cache: Cache, company_id: UUID, address: str | None, by: int = 1) -> None:
        """Count what is about to be stored, before it is, so that parallel requests cannot slip by.

        Raises RateLimited beyond the quota, with the seconds after which it certainly begins again; what is refused
        does not count.
        """
        if by and await cache.increment(self._key(company_id, address), self.per, by=by) > self.most:
            await self.give_back(cache, company_id, address, by)
            source = "" if self.is_shared else " from your network address"
            raise RateLimited(
                f"Too many {self.what}{source}. Try again later.", retry_after=int(self.per.total_seconds())
            )

    async def give_back(self, cache: Cache, company_id: UUID, address: str | None, by: int = 1) -> None:
        """Take back what was counted and did not come to be."""
        await uncount(cache, self._key(company_id, address), self.per, by)

    @asynccontextmanager
    async def storing(self, cache: Cache, company_id: UUID, address: str | None, by: int = 1) -> AsyncIterator[None]:
        """Count what is stored inside, as `take` does; what is refused with a DomainError does not count."""
        await self.take(cache, company_id, address, by)
        try:
            yield
        except DomainError:
            await self.give_back(cache, company_id, address, by)
            raise

    @asynccontextmanager
    async def counting(
        self, failure: type[BaseException], cache: Cache, company_id: UUID, address: str | None
    ) -> AsyncIterator[None]:
        """Count what runs inside when it raises this failure; until then it is counted too, as in `take`."""
        await self.take(cache, company_id, address)
        try:
            yield
        except failure:
            raise
        except BaseException:
            await self.give_back(cache, company_id, address)
            raise
        await self.give_back(cache, company_id, address)

    def _key(self, company_id: UUID, address: str | None) -> str:
        """A key that shows nobody's address to whoever reads the cache."""
        source = "all" if self.is_shared else hashlib.sha256(network_of(address).encode()).hexdigest()[:32]
        return f"quota:{self.what}:{company_id}:{source}"


async def uncount(cache: Cache, key: str, ttl: timedelta, by: int = 1) -> None:
    """Take from a counter, though never below nothing: when it has expired meanwhile, no credit may arise."""
    left = await cache.increment(key, ttl, by=-by)
    if left < 0:
        await cache.increment(key, ttl, by=min(by, -left))
