"""How the lines of an order are taxed: its currency, place, exemption and mode of prices. Pure."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Protocol, Self

from domains.catalog.products.offers import Offer
from domains.kernel.values.money import round_half_up
from domains.order.models import Order
from domains.pricing.models import TaxedAmount, Terms
from domains.pricing.taxes import taxed
from domains.shipping.models import SaleShipping
from domains.tax.models import NO_TAXES, Destination, SaleTaxes, Taxes, rate_of

UNIT: Final = Decimal("0.0001")  # unit prices have at most four decimals


class PostalPlace(Protocol):
    """What taxes depend on of an address; `country` is an ISO 3166-1 code, an empty postal code is none."""

    @property
    def country(self) -> str:
        """The country."""

    @property
    def province(self) -> str | None:
        """The province or state."""

    @property
    def postal_code(self) -> str:
        """The postal code."""


def destination_of(place: PostalPlace, vat_number: str | None) -> Destination:
    """The destination at an address, with the buyer's VAT number there."""
    return Destination(place.country, place.province, place.postal_code or None, vat_number)


@dataclass(frozen=True, slots=True)
class LineTerms:
    """How the lines of an order are taxed, and the methods that ship to its place.

    `is_included` says whether the order's prices contain tax. `taxes` are those of its place today; their own mode is
    that of the company's present prices.
    """

    currency: str
    is_included: bool
    taxes: SaleTaxes
    shipping: SaleShipping
    place: Destination | None

    @classmethod
    def of(cls, order: Order, terms: Terms) -> Self:
        """The terms of a sale for the lines of an order, which keeps its currency and its mode of prices."""
        return cls(order.currency, order.prices_include_tax, terms.taxes, terms.shipping, terms.place)

    @property
    def standard(self) -> Decimal:
        """The rate of goods without a tax class, a fraction."""
        return rate_of(self.taxes.standard)

    def price(self, offer: Offer) -> Decimal:
        """The present price of a unit in the order's mode of prices, with at most four decimals."""
        price, is_included = offer.price.amount, self.taxes.prices_include_tax
        if offer.product.is_gift_card or is_included is self.is_included:
            return price
        factor = 1 + rate_of(self.taxes.of_class(offer.product.tax_class_id))
        return (price / factor if is_included else price * factor).quantize(UNIT, ROUND_HALF_UP)

    def taxes_of(self, offer: Offer) -> Taxes:
        """The taxes of a line; a gift card has none, and neither has an order that is exempt."""
        is_untaxed = offer.product.is_gift_card or self.taxes.exemption is not None
        return NO_TAXES if is_untaxed else self.taxes.of_class(offer.product.tax_class_id)

    def amount(self, offer: Offer, left: Decimal) -> TaxedAmount:
        """What is left of a line after discounts, in the order's mode of prices, with its taxes."""
        return taxed(left, self.taxes_of(offer), self.currency, is_included=self.is_included)

    def subtotal(self, unit_price: Decimal, quantity: int) -> Decimal:
        """The amount of a line before discounts."""
        return round_half_up(unit_price * quantity, self.currency)
