"""Finds the rates of places and remembers them for some seconds: all rates of a company, unless it has many."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from domains.kernel.caches.read_cache import ReadCache
from domains.kernel.clock import Clock
from domains.kernel.database import Reader
from domains.kernel.prisma.errors import MisuseError
from domains.tax import data, sql
from domains.tax.models import TaxRate
from domains.tax.places import Place, PlaceKey

MOST_RATES: Final = 250
"""The number of rates up to which all rates of a company are read at once."""
MOST_PLACES: Final = 20_000  # remembered of a company with more
_START: Final = 2  # index of the rate's first column


@dataclass(frozen=True, slots=True)
class RateTable:
    """The rates of a company by place: all of them if `is_whole`, otherwise those of the places that were read."""

    default_class_id: UUID | None
    is_whole: bool
    by_place: dict[PlaceKey, list[TaxRate]]

    def at(self, place: Place) -> list[TaxRate]:
        """The rates of a place, on any day."""
        return [rate for key in place.rate_places() for rate in self.by_place.get(key, ())]


NO_RATES: Final = RateTable(None, is_whole=True, by_place={})


class RateLookup:
    """Finds the rates of places. A change is visible at once in this process, and within five seconds in others."""

    def __init__(self, clock: Clock) -> None:
        self._cache: ReadCache[UUID, RateTable] = ReadCache(clock)
        self.invalidate: Final = self._cache.invalidate
        self.clear: Final = self._cache.clear

    async def find(self, db: Reader, places: Collection[Place]) -> RateTable:
        """The rates of these places. One statement, or none when they were read in the last seconds."""
        if db.company_id is None:
            raise MisuseError("tax rates belong to a company, and the handle is in none")
        keys = list({key: None for place in places for key in place.rate_places()})
        table = await self._cache.get(db, db.company_id, lambda: _read(db, keys))
        return table if table.is_whole else await _with_places(db, table, keys)


async def _with_places(db: Reader, table: RateTable, keys: Sequence[PlaceKey]) -> RateTable:
    """The rates of these places; those that were not remembered are read, and remembered as long as the others."""
    known = {key: table.by_place[key] for key in keys if key in table.by_place}
    missing = [key for key in keys if key not in known]
    if not missing:
        return table
    read = (await _read(db, missing)).by_place
    if len(table.by_place) > MOST_PLACES:
        table.by_place.clear()
    table.by_place.update(read)
    return replace(table, by_place=known | read)


async def _read(db: Reader, keys: Sequence[PlaceKey]) -> RateTable:
    records = await sql.find_rates(db, keys, MOST_RATES)
    is_large, default_class_id = records[0][:_START]
    by_place: dict[PlaceKey, list[TaxRate]] = {key: [] for key in keys}
    for record in records:
        if record[_START] is not None:
            rate = data.tax_rate.from_record(record, _START)
            by_place.setdefault(PlaceKey.of(rate), []).append(rate)
    return RateTable(default_class_id, not is_large, by_place)
