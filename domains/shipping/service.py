"""ShippingService: the shipping of a company's sales, its zones, methods and profiles."""

from collections.abc import Collection, Mapping

from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader
from domains.kernel.settings import SettingsCache
from domains.shipping.carriers.carriers import Carriers
from domains.shipping.carriers.labels import Labels
from domains.shipping.carriers.origins import Origins
from domains.shipping.carriers.rates import CarrierRates
from domains.shipping.carriers.registry import CarrierAdapters
from domains.shipping.carriers.trackers import Tracking
from domains.shipping.configuration import ConfigurationCache
from domains.shipping.delivery_dates import DeliveryCalendar
from domains.shipping.methods import ShippingMethods
from domains.shipping.models import SaleShipping
from domains.shipping.profiles import ShippingProfiles
from domains.shipping.settings import settings_table
from domains.shipping.shipments.shipments import Shipments
from domains.shipping.tracking.receipts import Receipts
from domains.shipping.tracking.records import TrackingRecords
from domains.shipping.zones import ShippingZones
from domains.tax.models import Destination
from domains.tax.places import Place
from domains.tax.service import TaxService


class ShippingService:
    """Reads the shipping of sales. It consists of `zones`, `methods`, `profiles` and `shipments`."""

    def __init__(
        self,
        company: CompanyService,
        tax: TaxService,
        cache: SettingsCache,
        adapters: CarrierAdapters,
        clock: Clock,
    ) -> None:
        self._company = company
        self._tax = tax
        self._configuration = ConfigurationCache(clock)
        self.settings = settings_table(cache)
        self.carriers = Carriers(adapters, clock)
        self.carrier_rates = CarrierRates(self.carriers)
        self.zones = ShippingZones(self._configuration, cache)
        self.methods = ShippingMethods(company, self._configuration)
        self.profiles = ShippingProfiles(self._configuration)
        self.labels = Labels(self.carriers, company, clock)
        self.tracking_records = TrackingRecords(clock)
        self.receipts = Receipts(clock)
        self.tracking = Tracking(self.carriers, self.tracking_records, clock)
        self.origins = Origins(company, tax)
        self.shipments = Shipments(self.carriers, clock)

    async def calendar(self, db: Reader) -> DeliveryCalendar:
        """The working days of the company. No statement when its settings were read in the last seconds."""
        company, settings = await self._company.current(db), await self.settings.current(db)
        return DeliveryCalendar.of(settings, company.time_zone)

    async def of_sales(
        self, db: Reader, destinations: Collection[Destination | None]
    ) -> Mapping[Destination | None, SaleShipping]:
        """The shipping of sales by destination. One that is not known is the company's own place.

        Each has the methods of the most specific zone that contains the destination; a company without zones ships
        everywhere free of charge. One statement, none without zones, or when they were read in the last seconds; one
        more when the settings were not. Raises CompanyNotFound.
        """
        currency, settings = (await self._company.current(db)).currency, await self._tax.settings.current(db)
        if not (await self.settings.current(db)).has_zones:
            return dict.fromkeys(destinations, SaleShipping.free(currency))
        configuration = await self._configuration.current(db)
        return {
            destination: configuration.shipping_to(Place.of(destination, settings), currency)
            for destination in destinations
        }
