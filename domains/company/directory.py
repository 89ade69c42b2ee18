"""Companies by their slug, remembered for a few seconds: nearly every request names one."""

from typing import Final

from domains.company import data
from domains.company.models import Company
from domains.kernel.caches.read_cache import ReadCache
from domains.kernel.clock import Clock
from domains.kernel.database import Reader


class CompanyDirectory:
    """Finds companies by their slug without a statement when they were read in the last seconds."""

    def __init__(self, clock: Clock) -> None:
        self._cache: ReadCache[str, Company | None] = ReadCache(clock)
        self.invalidate: Final = self._cache.invalidate
        self.clear: Final = self._cache.clear

    async def find(self, db: Reader, slug: str) -> Company | None:
        """The company with this slug, active or not; None is remembered too."""
        return await self._cache.get(db, slug, lambda: data.company.find_unique(db, slug=slug))
