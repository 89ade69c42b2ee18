"""TaxService: the taxes of a company's sales."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from domains.kernel.database import Reader
from domains.kernel.settings import SettingsCache
from domains.tax.exemptions import exemption_of
from domains.tax.models import Destination, SaleTaxes, Tax
from domains.tax.settings import settings_table

STANDARD_NAME = "Tax"


class TaxService:
    """Reads the taxes of sales."""

    def __init__(self, cache: SettingsCache) -> None:
        self.settings = settings_table(cache)

    async def of_sale(self, db: Reader, destination: Destination | None) -> SaleTaxes:
        """The taxes of a sale to a destination, None for one that is not known yet."""
        return (await self.of_sales(db, [destination]))[destination]

    async def of_sales(
        self, db: Reader, destinations: Collection[Destination | None]
    ) -> Mapping[Destination | None, SaleTaxes]:
        """The taxes of sales by destination. No statement when the settings were read in the last seconds."""
        settings = await self.settings.current(db)
        taxes = SaleTaxes((Tax(STANDARD_NAME, settings.tax_rate),), settings.prices_include_tax)
        return {
            destination: replace(
                taxes,
                exemption=exemption_of(
                    destination,
                    seller_country=settings.tax_country,
                    reverse_charge_countries=settings.reverse_charge_countries,
                ),
            )
            for destination in destinations
        }
