"""PricingService: the tax and shipping rates by which a company's sales are quoted."""

from domains.kernel.database import Reader
from domains.pricing.models import Terms
from domains.shipping.service import ShippingService
from domains.tax.service import TaxService


class PricingService:
    """Reads the tax and shipping rates that `domains.pricing.quote` needs."""

    def __init__(self, tax: TaxService, shipping: ShippingService) -> None:
        self._tax = tax
        self._shipping = shipping

    async def terms(self, db: Reader) -> Terms:
        """The taxes and the shipping of a sale. No statement when the settings were read in the last seconds."""
        return Terms(await self._tax.rates(db), await self._shipping.rate(db))
