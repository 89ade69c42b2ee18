"""TaxService: the tax rates of a company."""

from domains.kernel.database import Reader
from domains.kernel.settings import SettingsCache
from domains.tax.models import TaxRates
from domains.tax.settings import settings_table


class TaxService:
    """Reads the tax rates of a company: one rate for all products, and none for shipping."""

    def __init__(self, cache: SettingsCache) -> None:
        self.settings = settings_table(cache)

    async def rates(self, db: Reader) -> TaxRates:
        """The tax rates of a sale. No statement when the settings were read in the last seconds."""
        settings = await self.settings.current(db)
        return TaxRates(settings.tax_rate, settings.prices_include_tax)
