"""ShippingService: the shipping of a company's sales."""

from collections.abc import Collection, Mapping

from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.kernel.settings import SettingsCache
from domains.shipping.models import OfferedMethod, SaleShipping
from domains.shipping.settings import settings_table
from domains.tax.models import Destination


class ShippingService:
    """Reads the shipping methods of sales."""

    def __init__(self, company: CompanyService, cache: SettingsCache) -> None:
        self._company = company
        self.settings = settings_table(cache)

    async def of_sales(
        self, db: Reader, destinations: Collection[Destination | None]
    ) -> Mapping[Destination | None, SaleShipping]:
        """The shipping of sales by destination, None for one that is not known yet.

        No statement when the settings were read in the last seconds. Raises CompanyNotFound.
        """
        settings = await self.settings.current(db)
        currency = (await self._company.current(db)).currency
        method = OfferedMethod(
            id=None, name="Shipping", base_price=settings.flat_shipping, free_from=settings.free_shipping_threshold
        )
        return dict.fromkeys(destinations, SaleShipping(currency, (method,)))
