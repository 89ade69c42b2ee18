"""Computes quotes from lines, discounts, taxes and shipping: the only place where amounts are summed.

Pure: the figures do not depend on the order of the discounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Self

from domains.kernel.values.money import round_half_up
from domains.pricing.models import Adjustment, LineQuote, Quote, Refusal, ShippingQuote, TaxedAmount
from domains.pricing.taxes import by_rate, split_like, taxed, without_taxes
from domains.promotion.discounts import capped, discount_shares, explanation
from domains.promotion.eligibility import NEEDS_CONFIRMED_EMAIL, buyer_refusal, purchase_refusal
from domains.promotion.models import DiscountType
from domains.promotion.rules import NOTHING, Buyer, DiscountRule, PricedLine
from domains.shipping.models import Consignment, SaleShipping, ShippingOption
from domains.tax.models import NO_TAXES, SaleTaxes, Taxes

UNIT: Final = Decimal("0.0001")  # unit prices have at most four decimals
NOTHING_LEFT: Final = "There is no amount left that it could reduce."


def quote(
    lines: Sequence[PricedLine],
    discounts: Sequence[DiscountRule],
    taxes: SaleTaxes,
    shipping: SaleShipping,
    buyer: Buyer,
    now: datetime,
) -> Quote:
    """The figures of lines for this buyer at this time, in the currency of `shipping`.

    Discounts apply by priority, the highest first, each to the amount that is left. An exclusive one is not
    combined with others: of each exclusive one, and all others together, the option with the lowest total is taken.
    The tax of a line is computed after discounts and rounded half up. The threshold of free shipping, like the
    minimum purchase of a discount, is compared with the lines before discounts. Codes that take nothing off are
    refused with a reason; automatic promotions that do not apply are not mentioned. Gift cards are sold without tax
    and discounts, count for no threshold, and are not shipped. The price of shipping is that of the chosen method, or
    of the cheapest one, for the goods that are shipped; there is none if no method carries them. Where the sale is
    exempt from tax, all of this is computed from prices without the tax that they contain.
    """
    currency = shipping.currency
    sale = _Sale.of(lines, taxes, shipping)
    refused: list[Refusal] = []
    eligible: list[DiscountRule] = []
    for discount in sorted(discounts, key=lambda discount: (-discount.priority, discount.id)):
        reason = buyer_refusal(discount, buyer, now) or purchase_refusal(
            discount, sale.goods, sale.subtotal, currency
        )
        if reason is None:
            eligible.append(discount)
        else:
            refused += _refusal(discount, reason)
    together = [discount for discount in eligible if not discount.is_exclusive]
    options = [together, *([discount] for discount in eligible if discount.is_exclusive)]
    quotes = [_quote(sale, option) for option in options]
    best = min(quotes, key=lambda option: option.total)
    return replace(best, refused=(*refused, *_unused(eligible, best)))


def subtotals(lines: Sequence[PricedLine], currency: str) -> list[Decimal]:
    """The amount of each line before discounts."""
    return [round_half_up(line.unit_price * line.quantity, currency) for line in lines]


@dataclass(frozen=True, slots=True)
class _Sale:
    """What is sold, before discounts: amounts of lines, and the shipping. `subtotal` has no gift cards.

    `shipping` is the price of `option`, which carries `consignment`.
    """

    lines: Sequence[PricedLine]
    amounts: Sequence[Decimal]
    goods: Sequence[PricedLine]
    subtotal: Decimal
    shipping: Decimal
    taxes: SaleTaxes
    currency: str
    is_included: bool
    consignment: Consignment | None
    option: ShippingOption | None

    @classmethod
    def of(cls, lines: Sequence[PricedLine], taxes: SaleTaxes, offered: SaleShipping) -> Self:
        """The sale, at prices without tax if it is exempt."""
        currency, is_exempt = offered.currency, taxes.exemption is not None
        is_net = is_exempt and taxes.prices_include_tax
        priced = [_net_line(line, taxes) for line in lines] if is_net else lines
        amounts = subtotals(priced, currency)
        goods = [(line, amount) for line, amount in zip(priced, amounts, strict=True) if not line.is_gift_card]
        subtotal = sum((amount for _, amount in goods), NOTHING)
        consignment = _consignment(goods)
        option = None if consignment is None else offered.option(consignment)
        shipping = NOTHING if option is None else option.price or NOTHING
        if is_net:
            weights = [(taxes.of_class(line.tax_class_id), amount) for line, amount in goods if line.is_shipped]
            shipping = _net_shipping(shipping, weights, taxes, currency)
        included = taxes.prices_include_tax and not is_exempt
        sold = [line for line, _ in goods]
        return cls(priced, amounts, sold, subtotal, shipping, taxes, currency, included, consignment, option)

    def taxes_of(self, line: PricedLine) -> Taxes:
        """The taxes of a line."""
        is_untaxed = line.is_gift_card or self.taxes.exemption is not None
        return NO_TAXES if is_untaxed else self.taxes.of_class(line.tax_class_id)


def _consignment(goods: Sequence[tuple[PricedLine, Decimal]]) -> Consignment | None:
    """What is shipped of goods and their amounts."""
    shipped = [(line, amount) for line, amount in goods if line.is_shipped]
    if not shipped:
        return None
    return Consignment(
        sum((line.weight * line.quantity for line, _ in shipped), NOTHING),
        sum(line.quantity for line, _ in shipped),
        sum((amount for _, amount in shipped), NOTHING),
        frozenset([line.shipping_profile_id for line, _ in shipped]),
    )


def _net_line(line: PricedLine, taxes: SaleTaxes) -> PricedLine:
    """A line at its price without tax, which is not rounded; gift cards have none."""
    if line.is_gift_card:
        return line
    return replace(line, unit_price=without_taxes(line.unit_price, taxes.of_class(line.tax_class_id)))


def _net_shipping(price: Decimal, goods: Sequence[tuple[Taxes, Decimal]], taxes: SaleTaxes, currency: str) -> Decimal:
    """A price of shipping without the taxes in it: its own, or those of goods by their amounts."""
    if taxes.shipping is not None:
        return taxed(price, taxes.shipping, currency, is_included=True).taxable
    parts = split_like(price, goods, taxes.standard, currency, is_included=True)
    return sum((part.taxable for part in parts), NOTHING)


@dataclass(slots=True)
class _DiscountedLine:
    """A line while it is discounted."""

    line: PricedLine
    subtotal: Decimal
    left: Decimal
    adjustments: list[Adjustment]


def _quote(sale: _Sale, discounts: Sequence[DiscountRule]) -> Quote:
    """The figures with exactly these discounts, in their order."""
    currency = sale.currency
    discounted = [
        _DiscountedLine(line, amount, amount, []) for line, amount in zip(sale.lines, sale.amounts, strict=True)
    ]
    goods = [line for line in discounted if not line.line.is_gift_card]
    shipping_left = sale.shipping
    adjustments: list[Adjustment] = []
    for discount in discounts:
        if discount.discount_type is DiscountType.FREE_SHIPPING:
            amount = capped(discount, shipping_left, currency)
            shipping_left -= amount
        else:
            amount = _apply(discount, goods, currency)
        if amount:
            adjustments.append(_adjustment(discount, amount, explanation(discount, currency)))
    lines = tuple(_line_quote(line, sale) for line in discounted)
    shipping = _shipping_quote(sale, shipping_left, goods)
    return Quote(
        currency=currency,
        prices_include_tax=sale.is_included,
        exemption=sale.taxes.exemption,
        lines=lines,
        shipping=shipping,
        subtotal=sum(sale.amounts, NOTHING),
        discount=sum((line.discount for line in lines), NOTHING),
        taxes=by_rate([*(tax for line in lines for tax in line.taxes), *shipping.taxes]),
        tax=sum((line.tax for line in lines), shipping.tax),
        total=sum((line.total for line in lines), shipping.total),
        adjustments=tuple(adjustments),
        refused=(),
    )


def _apply(discount: DiscountRule, lines: Sequence[_DiscountedLine], currency: str) -> Decimal:
    """Apply a discount to each line; returns the sum of its shares."""
    shares = discount_shares(discount, [line.line for line in lines], [line.left for line in lines], currency)
    for line, share in zip(lines, shares, strict=True):
        if share.amount:
            line.left -= share.amount
            line.adjustments.append(_adjustment(discount, share.amount, share.explanation))
    return sum((share.amount for share in shares), NOTHING)


def _line_quote(discounted: _DiscountedLine, sale: _Sale) -> LineQuote:
    line = discounted.line
    amount = taxed(discounted.left, sale.taxes_of(line), sale.currency, is_included=sale.is_included)
    has_more_decimals = sale.taxes.exemption is not None
    return LineQuote(
        key=line.key,
        quantity=line.quantity,
        unit_price=line.unit_price.quantize(UNIT, ROUND_HALF_UP) if has_more_decimals else line.unit_price,
        subtotal=discounted.subtotal,
        discount=discounted.subtotal - discounted.left,
        taxed=amount,
        tax=amount.tax,
        total=amount.total,
        adjustments=tuple(discounted.adjustments),
    )


def _shipping_quote(sale: _Sale, left: Decimal, goods: Sequence[_DiscountedLine]) -> ShippingQuote:
    """Shipping, split like what is paid for the goods that are shipped, or like their prices if nothing is."""
    own = NO_TAXES if sale.taxes.exemption is not None else sale.taxes.shipping
    if own is not None:
        parts: tuple[TaxedAmount, ...] = (taxed(left, own, sale.currency, is_included=sale.is_included),)
    else:
        shipped = [line for line in goods if line.line.is_shipped]
        is_paid = any(line.left for line in shipped)
        weights = [(sale.taxes_of(line.line), line.left if is_paid else line.subtotal) for line in shipped]
        parts = split_like(left, weights, sale.taxes.standard, sale.currency, is_included=sale.is_included)
    tax = sum((part.tax for part in parts), NOTHING)
    total = sum((part.total for part in parts), NOTHING)
    return ShippingQuote(sale.shipping, sale.shipping - left, parts, tax, total, sale.option, sale.consignment)


def _adjustment(discount: DiscountRule, amount: Decimal, explanation: str) -> Adjustment:
    return Adjustment(discount.source, discount.id, discount.name, discount.code, amount, explanation)


def _unused(eligible: Sequence[DiscountRule], best: Quote) -> list[Refusal]:
    """The eligible codes that were not used: a better discount excludes them, or no amount is left."""
    used = {adjustment.source_id for adjustment in best.adjustments}
    exclusive = next((each for each in eligible if each.id in used and each.is_exclusive), None)
    refusals: list[Refusal] = []
    for discount in eligible:
        if discount.id in used:
            continue
        if exclusive is not None:
            reason = f"It cannot be combined with {exclusive.name!r}, which gives the lower total."
        elif discount.is_exclusive and used:
            reason = "It cannot be combined with the other discounts, which give the lower total."
        else:
            reason = NOTHING_LEFT
        refusals += _refusal(discount, reason)
    return refusals


def _refusal(discount: DiscountRule, reason: str) -> list[Refusal]:
    if discount.is_automatic:
        return []
    return [Refusal(discount.source, discount.id, discount.code, reason, reason == NEEDS_CONFIRMED_EMAIL)]
