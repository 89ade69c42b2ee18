"""Companies by slug and id, remembered for a few seconds: every request needs one, and they hardly ever change."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from domains.company import data
from domains.company.models import Company
from domains.kernel.clock import Clock
from domains.kernel.database import Reader

KEPT_FOR: Final = timedelta(seconds=5)
MOST: Final = 1_000


class CompanyDirectory:
    """Finds companies without a statement when they were found a moment ago, those that do not exist included.

    A change is seen at once in this process and within five seconds in every other.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str | UUID, tuple[datetime, Company | None]] = {}
        self._unsettled_until = datetime.min.replace(tzinfo=UTC)

    async def find(self, db: Reader, key: str | UUID) -> Company | None:
        """The company with this slug or id, active or not; no statement when it is remembered."""
        now = self._clock.now()
        until, company = self._kept.get(key, (now, None))
        if until > now:
            return company
        company = await (
            data.company.find_unique(db, id=key) if isinstance(key, UUID) else data.company.find_unique(db, slug=key)
        )
        if self._unsettled_until <= now:
            self._keep(key, company, now + KEPT_FOR)
        return company

    def forget(self) -> None:
        """Forget all; a transaction that has yet to commit is changing a company, so nothing is kept for a while."""
        self._kept.clear()
        self._unsettled_until = self._clock.now() + KEPT_FOR

    def _keep(self, key: str | UUID, company: Company | None, until: datetime) -> None:
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = (until, company)
