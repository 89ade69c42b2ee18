"""Slowing down who guesses codes, or what orders come to: wrong ones count by network address (OWASP OAT-002)."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

from domains.kernel.errors import RateLimited
from domains.kernel.networks import network_of
from domains.kernel.ports import Cache

WRONG_CODES: Final = 20
WRONG_TOTALS: Final = 60
WINDOW: Final = timedelta(minutes=10)


class CodeGuesses:
    """Lets a network address try so many wrong codes, or orders at a wrong total, of a company in ten minutes."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    @asynccontextmanager
    async def one(self, company_id: UUID, address: str | None) -> AsyncIterator[None]:
        """One try of a code: when what runs inside raises, it was wrong and stays counted.

        Counted before it is checked, so that parallel ones cannot slip by. Raises RateLimited.
        """
        key = _key("guesses", company_id, address)
        await self._admit(key, WRONG_CODES, "Too many wrong codes. Try again later.")
        yield
        await self._take_back(key)

    async def begin_total(self, company_id: UUID, address: str | None) -> None:
        """Count one order before it is made, which stays counted unless `end_total` says that it was right.

        Raises RateLimited.
        """
        key = _key("totals", company_id, address)
        await self._admit(key, WRONG_TOTALS, "Too many orders at a wrong total. Look at the cart, and try later.")

    async def end_total(self, company_id: UUID, address: str | None) -> None:
        """Take one order back that was no wrong guess."""
        await self._take_back(_key("totals", company_id, address))

    async def _admit(self, key: str, most: int, message: str) -> None:
        if await self._cache.increment(key, WINDOW) > most:
            raise RateLimited(message, retry_after=int(WINDOW.total_seconds()))

    async def _take_back(self, key: str) -> None:
        if await self._cache.increment(key, WINDOW, by=-1) < 0:
            await self._cache.delete(key)  # the count has expired meanwhile: no credit may arise


def _key(kind: str, company_id: UUID, address: str | None) -> str:
    """A key that shows nobody's address to whoever reads the cache."""
    digest = hashlib.sha256(network_of(address).encode()).hexdigest()[:32]
    return f"promotion:{kind}:{company_id}:{digest}"
