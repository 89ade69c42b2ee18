"""The starter rates: standard rates by country and state, which a company installs and then checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from domains.kernel.database import Tx
from domains.kernel.errors import TooMany
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors
from domains.kernel.values.countries import country_code
from domains.tax import data, sql
from domains.tax.classes import TaxClasses
from domains.tax.models import TaxClass
from domains.tax.rate_files.comparison import Changes, Stored, overlapping
from domains.tax.rate_files.errors import TaxRatesUninstallable
from domains.tax.rate_files.imports import stored_rates, write
from domains.tax.rate_files.parser import rows_of
from domains.tax.rate_files.rows import COLUMNS as RATE_COLUMNS
from domains.tax.rate_files.rows import RateRow, days
from domains.tax.rate_lookup import RateLookup

FILE: Final = Path(__file__).parent / "standard_rates.csv"
COLUMNS: Final = (*RATE_COLUMNS, "source")
STANDARD: Final = "standard"
"""The code of the class that is created where a company has no default class."""
MOST_COUNTRIES: Final = 250


@cache
def starter_rates() -> Mapping[str, Sequence[RateRow]]:
    """The starter rates by country, read once from the file."""
    by_country: dict[str, list[RateRow]] = {}
    with FILE.open("rb") as file:
        for row in rows_of(file):
            by_country.setdefault(row.country, []).append(row)
    return by_country


@dataclass(frozen=True, slots=True)
class InstalledRates:
    """What an installation did: the class of the rates, and how many are new, and how many it had already."""

    tax_class: TaxClass
    created: int
    unchanged: int


class StarterRates:
    """Installs the starter rates of countries into the default class."""

    def __init__(self, classes: TaxClasses, lookup: RateLookup) -> None:
        self._classes = classes
        self._lookup = lookup

    async def install(self, tx: Tx, countries: Sequence[str]) -> InstalledRates:
        """Create the starter rates of these countries (ISO 3166-1) in the default class.

        Without a default class, `standard` becomes it, and is created if there is none. A rate that the company has
        already stays, so that a second run changes nothing. Raises, for all countries at once, Required, TooMany,
        InvalidInput, and TaxRatesUninstallable where there are no starter rates or the company has another rate on
        one of their days. Emits TaxRatesImported if a rate is new, and TaxClassCreated or TaxClassUpdated.
        """
        indexes = _indexes(countries)
        tax_class = await self._default_class(tx)
        rows = [row for country in indexes for row in starter_rates()[country]]
        of_class = [replace(row, tax_class=tax_class.code) for row in rows]
        classes = {tax_class.code: tax_class}
        changes = _missing(of_class, await stored_rates(tx, of_class, classes), indexes)
        await write(tx, changes, classes, self._lookup)
        return InstalledRates(tax_class, len(changes.created), changes.unchanged)

    async def _default_class(self, tx: Tx) -> TaxClass:
        """The default class, locked."""
        await sql.lock_default(tx)
        found = await data.tax_class.find_first(tx, where={"is_default": True}, lock=True)
        if found is None:
            found = await data.tax_class.find_unique(tx, code=STANDARD, lock=True)
            if found is not None:
                return await self._classes.update(tx, found.id, {"is_default": True})
        return found or await self._classes.create(tx, {"code": STANDARD, "name": "Standard", "is_default": True})


def _indexes(countries: Sequence[str]) -> dict[str, int]:
    """The codes of the countries, each with its first index."""
    if not countries:
        raise Required("Name at least one country.", field=("countries",))
    if len(countries) > MOST_COUNTRIES:
        raise TooMany(f"Name at most {MOST_COUNTRIES} countries.", field=("countries",))
    indexes: dict[str, int] = {}
    with collect_errors() as each:
        for index, country in enumerate(countries):
            field = ("countries", str(index))
            with each:
                code = country_code(country, field=field)
                if code not in starter_rates():
                    raise TaxRatesUninstallable(
                        f"There are no starter rates of {code}. Create its rates by hand.", field=field
                    )
                indexes.setdefault(code, index)
    return indexes


def _missing(rows: Sequence[RateRow], stored: Stored, indexes: Mapping[str, int]) -> Changes:
    """The rates that the company lacks. Raises TaxRatesUninstallable for those that differ from its own."""
    changes = Changes()
    with collect_errors() as each:
        for row in rows:
            known = overlapping(row, stored.get(row.key, ()))
            other = next((rate for rate in known if rate.rate != row.rate), None)
            with each:
                if other is not None:
                    place = f"{row.country}-{row.province}" if row.province else row.country
                    raise TaxRatesUninstallable(
                        f"The company has the rate {other.rate.normalize():f} of {row.name!r} in {place}, valid "
                        f"{days(other.valid_from, other.valid_until)}; the starter rate is "
                        f"{row.rate.normalize():f}. Change or delete it, or leave the country out.",
                        field=("countries", str(indexes[row.country])),
                    )
            if known:
                changes.unchanged += 1
            else:
                changes.created.append(row)
    return changes
