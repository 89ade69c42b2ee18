"""TaxService: the taxes of a company's sales, its tax classes and rates."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader
from domains.kernel.settings import SettingsCache
from domains.tax.classes import TaxClasses
from domains.tax.exemptions import exemption_of
from domains.tax.models import Destination, SaleTaxes
from domains.tax.places import Place
from domains.tax.rate_files.export import TaxRateExport
from domains.tax.rate_files.imports import TaxRateImports
from domains.tax.rate_lookup import NO_RATES, RateLookup
from domains.tax.rates import TaxRates
from domains.tax.selection import sale_taxes
from domains.tax.settings import TaxSettingsTable
from domains.tax.starter.rates import StarterRates


class TaxService:
    """Reads the taxes of sales. `classes` and `rates` are what they are computed from."""

    def __init__(self, company: CompanyService, cache: SettingsCache, clock: Clock) -> None:
        self._lookup = RateLookup(clock)
        self.settings = TaxSettingsTable(cache)
        self.classes = TaxClasses(self._lookup)
        self.rates = TaxRates(company, self._lookup, clock)
        self.imports = TaxRateImports(self._lookup)
        self.export = TaxRateExport()
        self.starter = StarterRates(self.classes, self._lookup)

    async def of_sale(self, db: Reader, destination: Destination | None) -> SaleTaxes:
        """The taxes of a sale to a destination, None for one that is not known yet."""
        return (await self.of_sales(db, [destination]))[destination]

    async def of_sales(
        self, db: Reader, destinations: Collection[Destination | None]
    ) -> Mapping[Destination | None, SaleTaxes]:
        """The taxes of sales by destination, today. One that is not known is the company's own place.

        One statement, none when the rates of the places were read in the last seconds, or for no known place; one
        more when the settings were not read in the last seconds.
        """
        settings, day = await self.settings.current(db), await self.rates.today(db)
        places = {destination: Place.of(destination, settings) for destination in destinations}
        known = {place for place in places.values() if place is not None}
        table = await self._lookup.find(db, known) if known else NO_RATES
        return {
            destination: replace(
                sale_taxes(table.at(place) if place else (), table.default_class_id, day, settings),
                exemption=exemption_of(
                    destination,
                    seller_country=settings.tax_country,
                    reverse_charge_countries=settings.reverse_charge_countries,
                ),
            )
            for destination, place in places.items()
        }
