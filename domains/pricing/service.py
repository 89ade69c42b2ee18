"""PricingService: the taxes and the shipping by which a company's sales are quoted."""

from collections.abc import Collection, Mapping

from domains.kernel.database import Reader
from domains.pricing.models import Terms
from domains.shipping.service import ShippingService
from domains.tax.models import Destination
from domains.tax.service import TaxService


class PricingService:
    """Reads the taxes and shipping methods that `domains.pricing.quote` needs."""

    def __init__(self, tax: TaxService, shipping: ShippingService) -> None:
        self._tax = tax
        self._shipping = shipping

    async def terms(self, db: Reader, destination: Destination | None) -> Terms:
        """The taxes and the shipping of a sale to a destination, None for one that is not known yet."""
        return (await self.terms_of(db, [destination]))[destination]

    async def terms_of(
        self, db: Reader, destinations: Collection[Destination | None]
    ) -> Mapping[Destination | None, Terms]:
        """The terms of sales by destination. No statement for what was read in the last seconds."""
        shipping = await self._shipping.of_sales(db, destinations)
        taxes = await self._tax.of_sales(db, destinations)
        return {destination: Terms(of_sale, shipping[destination]) for destination, of_sale in taxes.items()}
