"""Rate limits on wrong codes and wrong order totals, by network address (OWASP OAT-002)."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final
from uuid import UUID

from domains.kernel.ports import Cache
from domains.kernel.quotas import Quota

WINDOW: Final = timedelta(minutes=10)
WRONG_CODES: Final = Quota("wrong codes", 20, WINDOW)
WRONG_TOTALS: Final = Quota("orders at a wrong total", 60, WINDOW)


class CodeAttempts:
    """Limits the wrong codes, and the orders with a wrong total, of a network address in a company."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def attempt(self, company_id: UUID, address: str | None) -> AbstractAsyncContextManager[None]:
        """Count one attempt of a code. If the body raises, the code was wrong and the attempt stays counted.

        An attempt is counted before the check, so that concurrent attempts cannot exceed the limit. Raises
        RateLimited.
        """
        return WRONG_CODES.count_failures(BaseException, self._cache, company_id, address)

    async def count_order(self, company_id: UUID, address: str | None) -> None:
        """Count one order before it is created. It stays counted unless `release_order` is called.

        Raises RateLimited.
        """
        await WRONG_TOTALS.consume(self._cache, company_id, address)

    async def release_order(self, company_id: UUID, address: str | None) -> None:
        """Stop counting an order whose total was right."""
        await WRONG_TOTALS.release(self._cache, company_id, address)
