"""Quotes: the figures that carts show and orders store. All amounts are at the scale of the quote's currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domains.shipping.models import ShippingRate
from domains.tax.models import TaxRates


@dataclass(frozen=True, slots=True)
class Terms:
    """The tax rates and the shipping rate of a sale; a quote is in the currency of the shipping rate."""

    taxes: TaxRates
    shipping: ShippingRate


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The amount that a promotion takes off a line, or off lines and shipping together, and an explanation of it."""

    promotion_id: UUID
    name: str
    code: str | None
    amount: Decimal
    explanation: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code that does not apply, with the reason; it may apply once the buyer's address is confirmed."""

    promotion_id: UUID
    code: str | None
    reason: str
    needs_confirmed_email: bool = False


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of one rate: `rate` is a fraction (0.19 is 19 %), `taxable` the amount without tax that it is of."""

    rate: Decimal
    taxable: Decimal
    amount: Decimal


def rate_of(taxes: Sequence[TaxLine]) -> Decimal:
    """The rate of the taxes of one amount together."""
    return sum((tax.rate for tax in taxes), Decimal(0))


@dataclass(frozen=True, slots=True)
class LineQuote:
    """The figures of a line. Its total is what is paid for it, tax included, whether prices include tax or not."""

    key: UUID
    quantity: int
    unit_price: Decimal
    subtotal: Decimal
    discount: Decimal
    taxes: tuple[TaxLine, ...]
    tax: Decimal
    total: Decimal
    adjustments: tuple[Adjustment, ...]

    @property
    def tax_rate(self) -> Decimal:
        """The rate of all its taxes together, a fraction of the amount without tax."""
        return rate_of(self.taxes)


@dataclass(frozen=True, slots=True)
class ShippingQuote:
    """The figures of shipping: `subtotal` before `discount`, and what is paid, tax included."""

    subtotal: Decimal
    discount: Decimal
    taxes: tuple[TaxLine, ...]
    tax: Decimal
    total: Decimal

    @property
    def tax_rate(self) -> Decimal:
        """The rate of all its taxes together, a fraction of the amount without tax."""
        return rate_of(self.taxes)


@dataclass(frozen=True, slots=True)
class Quote:
    """The figures of a cart or an order, none negative.

    The totals of the lines and of shipping add up to `total`. `subtotal` is the lines before discounts, `discount`
    what promotions take off the lines. `taxes` are the tax lines of lines and shipping summed up by rate, `tax` their
    sum. `adjustments` are the promotions that apply, `refused` the codes that do not.
    """

    currency: str
    lines: tuple[LineQuote, ...]
    shipping: ShippingQuote
    subtotal: Decimal
    discount: Decimal
    taxes: tuple[TaxLine, ...]
    tax: Decimal
    total: Decimal
    adjustments: tuple[Adjustment, ...]
    refused: tuple[Refusal, ...]
