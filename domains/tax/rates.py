"""Tax rates: create, change, delete and list them. Existing orders keep their taxes."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.values.calendar import local_day
from domains.tax import data
from domains.tax.errors import TaxClassNotFound, TaxRateNotFound
from domains.tax.events import TaxRateCreated, TaxRateDeleted, TaxRateUpdated
from domains.tax.models import NewTaxRate, TaxRate, TaxRateChanges, TaxRateFilter
from domains.tax.places import normal_province
from domains.tax.rate_lookup import RateLookup
from domains.tax.validation import RATE_FIELDS, checked_rate, require_no_overlap

ALL_RATES: Final = TaxRateFilter()
NEWEST_FIRST: Final = Sort("created_at", datetime, "desc")
# Only the first has an index: few staff sort the rates, which are at most some ten thousand.
SORTS: Final[Mapping[str, Sort]] = {
    "created_at": NEWEST_FIRST,
    "name": Sort("name", str),
    "country": Sort("country", str),
    "rate": Sort("rate", Decimal),
    "valid_from": Sort("valid_from", date),
}


class TaxRates:
    """The tax rates of a company.

    Two rates of one tax, class and place are never valid on the same day: who writes a rate locks its class first.
    """

    def __init__(self, company: CompanyService, lookup: RateLookup, clock: Clock) -> None:
        self._company = company
        self._lookup = lookup
        self._clock = clock

    async def find_page(
        self, db: Reader, args: PageArgs, filters: TaxRateFilter = ALL_RATES, *, sort: Sort = NEWEST_FIRST
    ) -> Page[TaxRate]:
        """A page of the rates. Raises TooLong and InvalidInput for the search, and as `fetch_page`."""
        return await fetch_page(data.tax_rate, db, args, sort=sort, where=_conditions(filters))

    async def find(self, db: Reader, tax_rate_id: UUID) -> TaxRate:
        """A tax rate. Raises TaxRateNotFound."""
        rate = await data.tax_rate.find_unique(db, id=tax_rate_id)
        if rate is None:
            raise TaxRateNotFound
        return rate

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[TaxRate]:
        """The tax rates of these ids, in no order. One statement."""
        return await data.tax_rate.find_many(db, where={"id": {"in": list(ids)}})

    async def today(self, db: Reader) -> date:
        """The company's local day. No statement when the company was read in the last seconds."""
        return local_day(self._clock.now(), (await self._company.current(db)).time_zone)

    async def create(self, tx: Tx, new: NewTaxRate) -> TaxRate:
        """Create a tax rate.

        Raises, for all fields at once, what `validation.checked_rate` raises; then TaxClassNotFound, TaxRatesOverlap.
        Emits TaxRateCreated.
        """
        values: Any = checked_rate(new, await self.today(tx))
        tax_class_id = new["tax_class_id"]
        if await data.tax_class.find_unique(tx, id=tax_class_id, lock=True) is None:
            raise TaxClassNotFound(field=("tax_class_id",))
        await _require_no_overlap(tx, tax_class_id, values)
        rate = await data.tax_rate.create(tx, values | {"tax_class_id": tax_class_id})
        self._lookup.invalidate(tx)
        tx.emit(TaxRateCreated(tax_rate_id=rate.id, tax_class_id=tax_class_id))
        return rate

    async def update(self, tx: Tx, tax_rate_id: UUID, changes: TaxRateChanges) -> TaxRate:
        """Change a tax rate; its class stays.

        Raises TaxRateNotFound, and as `create`. Emits TaxRateUpdated when anything changes.
        """
        current = await self._lock(tx, tax_rate_id)
        values: Any = checked_rate(changes, current.valid_from, current)
        changed = sorted(name for name in RATE_FIELDS if getattr(current, name) != values[name])
        if not changed:
            return current
        await _require_no_overlap(tx, current.tax_class_id, values, but=tax_rate_id)
        rate = await data.tax_rate.update(tx, id=tax_rate_id, data=values)
        self._lookup.invalidate(tx)
        tx.emit(TaxRateUpdated(tax_rate_id=rate.id, tax_class_id=rate.tax_class_id, changed=changed))
        return rate

    async def delete(self, tx: Tx, tax_rate_id: UUID) -> None:
        """Delete a tax rate. Raises TaxRateNotFound. Emits TaxRateDeleted."""
        rate = await self._lock(tx, tax_rate_id)
        await data.tax_rate.delete(tx, id=tax_rate_id)
        self._lookup.invalidate(tx)
        tx.emit(TaxRateDeleted(tax_rate_id=rate.id, tax_class_id=rate.tax_class_id))

    async def _lock(self, tx: Tx, tax_rate_id: UUID) -> TaxRate:
        """A rate as it is once its class is locked."""
        rate = await self.find(tx, tax_rate_id)
        await data.tax_class.find_unique(tx, id=rate.tax_class_id, lock=True)
        return await self.find(tx, tax_rate_id)


async def _require_no_overlap(
    tx: Tx, tax_class_id: UUID, values: Mapping[str, Any], *, but: UUID | None = None
) -> None:
    """Raise TaxRatesOverlap if another rate of the locked class is of the same tax, place and days."""
    place: data.TaxRateWhere = {
        "tax_class_id": tax_class_id,
        "country": values["country"],
        "province": values["province"],
        "postal_prefix": values["postal_prefix"],
    }
    others = await data.tax_rate.find_many(tx, where=place)
    require_no_overlap(values, [other for other in others if other.id != but])


def _conditions(filters: TaxRateFilter) -> data.TaxRateWhere:
    where: data.TaxRateWhere = {}
    if filters.tax_class_id is not None:
        where["tax_class_id"] = filters.tax_class_id
    if filters.country is not None:
        where["country"] = filters.country.upper()
    if filters.province is not None:
        where["province"] = normal_province(filters.province, (filters.country or "").upper())
    if filters.valid_on is not None:
        where["valid_from"] = {"lte": filters.valid_on}
        where["OR"] = [{"valid_until": None}, {"valid_until": {"gte": filters.valid_on}}]
    if (condition := containing(filters.search)) is not None:
        where["name"] = condition
    return where
