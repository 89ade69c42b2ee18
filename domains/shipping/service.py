"""ShippingService: the shipping of a company's sales."""

from collections.abc import Collection, Mapping

from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader
from domains.kernel.settings import SettingsCache
from domains.shipping.carriers.carriers import Carriers
from domains.shipping.carriers.rates import CarrierRates
from domains.shipping.carriers.registry import CarrierAdapters
from domains.shipping.models import OfferedMethod, SaleShipping
from domains.shipping.settings import settings_table
from domains.tax.models import Destination


class ShippingService:
    """Reads the shipping methods of sales, and the carriers behind them."""

    def __init__(
        self, company: CompanyService, cache: SettingsCache, adapters: CarrierAdapters, clock: Clock
    ) -> None:
        self._company = company
        self.settings = settings_table(cache)
        self.carriers = Carriers(adapters, clock)
        self.carrier_rates = CarrierRates(self.carriers)

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
