"""Quotes: the figures that carts show and orders store. All amounts are at the scale of the quote's currency."""

from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from domains.promotion.rules import DiscountSource
from domains.shipping.models import Consignment, SaleShipping, ShippingOption
from domains.tax.models import Destination, SaleTaxes, TaxExemption


@dataclass(frozen=True, slots=True)
class ShippingChoice:
    """Where a sale is shipped, and by which method.

    Without a `destination` it is the company's own place, without a `method_id` the cheapest method is taken.
    `carrier_price` is what the carrier of that method quoted, None for no quote that holds.
    """

    destination: Destination | None = None
    method_id: UUID | None = None
    carrier_price: Decimal | None = None

    def of(self, offered: SaleShipping) -> SaleShipping:
        """The shipping of the destination with this choice."""
        if self.method_id is None:
            return offered
        prices = {} if self.carrier_price is None else {self.method_id: self.carrier_price}
        return replace(offered, chosen_id=self.method_id, carrier_prices=prices)


@dataclass(frozen=True, slots=True)
class Terms:
    """The taxes and the shipping methods of a sale; a quote is in the currency of the shipping.

    `place` is where it is taxed: its destination, the place where its goods are collected, or None for the company's
    own place.
    """

    taxes: SaleTaxes
    shipping: SaleShipping
    place: Destination | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The amount that a promotion or coupon takes off a line, or off lines and shipping together, explained."""

    source: DiscountSource
    source_id: UUID
    name: str
    code: str | None
    amount: Decimal
    explanation: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code that does not apply, with the reason; it may apply once the buyer's address is confirmed."""

    source: DiscountSource
    source_id: UUID
    code: str | None
    reason: str
    needs_confirmed_email: bool = False


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A tax: `rate` is a fraction (0.19 is 19 %), `taxable` the amount without tax that it is of."""

    name: str
    rate: Decimal
    taxable: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TaxedAmount:
    """An amount without tax, and its taxes, at least one, each of all of it; `tax` is their sum.

    `total` is what is paid, tax included.
    """

    taxable: Decimal
    taxes: tuple[TaxLine, ...]
    tax: Decimal
    total: Decimal

    @property
    def tax_rate(self) -> Decimal:
        """The rate of its taxes together, a fraction of the amount without tax."""
        return sum((line.rate for line in self.taxes), Decimal(0))


@dataclass(frozen=True, slots=True)
class LineQuote:
    """The figures of a line. Its total is what is paid for it, tax included, whether prices include tax or not."""

    key: UUID
    quantity: int
    unit_price: Decimal
    subtotal: Decimal
    discount: Decimal
    taxed: TaxedAmount
    tax: Decimal
    total: Decimal
    adjustments: tuple[Adjustment, ...]

    @property
    def taxes(self) -> tuple[TaxLine, ...]:
        """Its taxes, each of the whole line after discounts."""
        return self.taxed.taxes

    @property
    def tax_rate(self) -> Decimal:
        """The rate of all its taxes together, a fraction of the amount without tax."""
        return self.taxed.tax_rate


@dataclass(frozen=True, slots=True)
class ShippingQuote:
    """The figures of shipping: `subtotal` before `discount`, and what is paid, tax included.

    It has one part, or one for each combination of taxes of the goods that it is split like. `option` is the method
    whose price it is, with the tax in it even if the sale is exempt; None if no method carries the goods, which then
    have no price of shipping, and if there are none to ship. `consignment` is what is shipped, None for nothing.
    """

    subtotal: Decimal
    discount: Decimal
    parts: tuple[TaxedAmount, ...]
    tax: Decimal
    total: Decimal
    option: ShippingOption | None = None
    consignment: Consignment | None = None

    @property
    def is_shipped(self) -> bool:
        """Whether there are goods to ship."""
        return self.consignment is not None

    @property
    def taxes(self) -> tuple[TaxLine, ...]:
        """The taxes of its parts."""
        return tuple(line for part in self.parts for line in part.taxes)


@dataclass(frozen=True, slots=True)
class Quote:
    """The figures of a cart or an order, none negative.

    The totals of the lines and of shipping add up to `total`. `subtotal` is the lines before discounts, `discount`
    what promotions and coupons take off the lines. `taxes` are the tax lines of lines and shipping summed up by tax
    and rate, `tax` their sum. `adjustments` are the promotions and coupons that apply, `refused` the codes that do
    not. With an `exemption` all amounts are without tax.
    """

    currency: str
    prices_include_tax: bool
    exemption: TaxExemption | None
    lines: tuple[LineQuote, ...]
    shipping: ShippingQuote
    subtotal: Decimal
    discount: Decimal
    taxes: tuple[TaxLine, ...]
    tax: Decimal
    total: Decimal
    adjustments: tuple[Adjustment, ...]
    refused: tuple[Refusal, ...]
