"""ShippingService: the shipping rates of a company."""

from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.kernel.settings import SettingsCache
from domains.kernel.values.money import Money
from domains.shipping.models import ShippingRate
from domains.shipping.settings import settings_table


class ShippingService:
    """Reads the shipping rate of a company: one flat rate."""

    def __init__(self, company: CompanyService, cache: SettingsCache) -> None:
        self._company = company
        self.settings = settings_table(cache)

    async def rate(self, db: Reader) -> ShippingRate:
        """The shipping rate of a sale, in the company's currency.

        No statement when the settings were read in the last seconds. Raises CompanyNotFound.
        """
        settings = await self.settings.current(db)
        currency = (await self._company.current(db)).currency
        return ShippingRate(Money(settings.flat_shipping, currency), settings.free_shipping_threshold)
