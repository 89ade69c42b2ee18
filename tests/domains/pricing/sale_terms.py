"""The terms of a sale in flat form, as tests vary them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.pricing.models import Quote
from domains.pricing.quote import quote
from domains.promotion.rules import Buyer, DiscountRule, PricedLine
from domains.shipping.models import OfferedMethod, SaleShipping
from domains.tax.models import NO_TAXES, SaleTaxes, Tax, Taxes, TaxExemption


@dataclass(frozen=True, slots=True)
class SaleTerms:
    """Rates are fractions, amounts are in `currency`."""

    currency: str = "EUR"
    tax_rate: Decimal = Decimal(0)
    prices_include_tax: bool = True
    flat_shipping: Decimal = Decimal(0)
    free_shipping_threshold: Decimal | None = None
    class_taxes: Mapping[UUID, Taxes] = field(default_factory=dict)
    shipping_taxes: Taxes | None = NO_TAXES
    exemption: TaxExemption | None = None

    @property
    def taxes(self) -> SaleTaxes:
        """The taxes of the sale."""
        standard = (Tax("VAT", self.tax_rate),)
        return SaleTaxes(standard, self.prices_include_tax, self.class_taxes, self.shipping_taxes, self.exemption)

    def quote(
        self, lines: Sequence[PricedLine], promotions: Sequence[DiscountRule], buyer: Buyer, now: datetime
    ) -> Quote:
        """The figures of lines on these terms."""
        method = OfferedMethod(
            id=None, name="Shipping", base_price=self.flat_shipping, free_from=self.free_shipping_threshold
        )
        shipping = SaleShipping(self.currency, (method,))
        return quote(lines, promotions, self.taxes, shipping, buyer, now)
