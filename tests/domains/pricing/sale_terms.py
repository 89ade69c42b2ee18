"""The terms of a sale in flat form, as tests vary them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.kernel.values.money import Money
from domains.pricing.models import Quote
from domains.pricing.quote import quote
from domains.promotion.rules import Buyer, PricedLine, PromotionRule
from domains.shipping.models import ShippingRate
from domains.tax.models import TaxRates


@dataclass(frozen=True, slots=True)
class SaleTerms:
    """Rates are fractions, amounts are in `currency`."""

    currency: str = "EUR"
    tax_rate: Decimal = Decimal(0)
    prices_include_tax: bool = True
    flat_shipping: Decimal = Decimal(0)
    free_shipping_threshold: Decimal | None = None
    product_rates: Mapping[UUID, Decimal] = field(default_factory=dict)
    shipping_rate: Decimal = Decimal(0)

    def quote(
        self, lines: Sequence[PricedLine], promotions: Sequence[PromotionRule], buyer: Buyer, now: datetime
    ) -> Quote:
        """The figures of lines on these terms."""
        taxes = TaxRates(self.tax_rate, self.prices_include_tax, self.product_rates, self.shipping_rate)
        shipping = ShippingRate(Money(self.flat_shipping, self.currency), self.free_shipping_threshold)
        return quote(lines, promotions, taxes, shipping, buyer, now)
