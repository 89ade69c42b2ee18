"""PricingService: the taxes and the shipping by which a company's sales are quoted."""

from collections.abc import Collection, Mapping

from domains.kernel.database import Reader
from domains.pricing.models import ShippingChoice, Terms
from domains.shipping.service import ShippingService
from domains.tax.service import TaxService


class PricingService:
    """Reads the taxes and shipping methods that `domains.pricing.quote` needs."""

    def __init__(self, tax: TaxService, shipping: ShippingService) -> None:
        self._tax = tax
        self._shipping = shipping

    async def terms(self, db: Reader, choice: ShippingChoice) -> Terms:
        """The taxes and the shipping of a sale to a destination by a method; see ShippingChoice."""
        return (await self.terms_of(db, [choice]))[choice]

    async def terms_of(self, db: Reader, choices: Collection[ShippingChoice]) -> Mapping[ShippingChoice, Terms]:
        """The terms of sales. No statement for what was read in the last seconds."""
        offered = await self._shipping.of_sales(db, {choice.destination for choice in choices})
        shipping = {choice: choice.of(offered[choice.destination]) for choice in choices}
        places = {choice: choice.destination for choice in choices}
        taxes = await self._tax.of_sales(db, set(places.values()))
        return {choice: Terms(taxes[place], shipping[choice], place) for choice, place in places.items()}
