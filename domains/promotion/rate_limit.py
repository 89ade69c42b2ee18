"""Limits on guessing codes and order totals: wrong ones count by network address (OWASP OAT-002)."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final
from uuid import UUID

from domains.kernel.ports import Cache
from domains.kernel.quotas import Quota

WINDOW: Final = timedelta(minutes=10)
WRONG_CODES: Final = Quota("wrong codes", 20, WINDOW)
WRONG_TOTALS: Final = Quota("orders at a wrong total", 60, WINDOW)


class CodeGuesses:
    """Lets a network address try so many wrong codes, or orders at a wrong total, of a company in ten minutes."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def one(self, company_id: UUID, address: str | None) -> AbstractAsyncContextManager[None]:
        """One try of a code: when what runs inside raises, it was wrong and stays counted.

        Counted before it is checked, so that parallel ones cannot slip by. Raises RateLimited.
        """
        return WRONG_CODES.counting(BaseException, self._cache, company_id, address)

    async def begin_total(self, company_id: UUID, address: str | None) -> None:
        """Count one order before it is made, which stays counted unless `end_total` says that it was right.

        Raises RateLimited.
        """
        await WRONG_TOTALS.take(self._cache, company_id, address)

    async def end_total(self, company_id: UUID, address: str | None) -> None:
        """Take one order back that was no wrong guess."""
        await WRONG_TOTALS.give_back(self._cache, company_id, address)
