"""Slowing down who guesses promotion codes: wrong ones are counted by network address (OWASP OAT-002)."""

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
WINDOW: Final = timedelta(minutes=10)


class CodeGuesses:
    """Lets a network address try twenty wrong codes of a company in ten minutes, and no more."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    @asynccontextmanager
    async def one(self, company_id: UUID, address: str | None) -> AsyncIterator[None]:
        """One try of a code: when what runs inside raises, it was wrong and stays counted.

        Counted before it is checked, so that parallel ones cannot slip by. Raises RateLimited.
        """
        key = _key(company_id, address)
        if await self._cache.increment(key, WINDOW) > WRONG_CODES:
            raise RateLimited("Too many wrong codes. Try again later.", retry_after=int(WINDOW.total_seconds()))
        yield
        if await self._cache.increment(key, WINDOW, by=-1) < 0:
            await self._cache.delete(key)  # the count has expired meanwhile: no credit may arise


def _key(company_id: UUID, address: str | None) -> str:
    """A key that shows nobody's address to whoever reads the cache."""
    digest = hashlib.sha256(network_of(address).encode()).hexdigest()[:32]
    return f"promotion:guesses:{company_id}:{digest}"
