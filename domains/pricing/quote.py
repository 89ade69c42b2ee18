"""Computes quotes from lines, promotions, taxes and shipping: the only place where amounts are summed.

Pure: the figures do not depend on the order of the promotions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from domains.kernel.values.money import round_half_up
from domains.pricing.models import Adjustment, LineQuote, Quote, Refusal, ShippingQuote, TaxLine
from domains.promotion.discounts import discount_shares, explanation
from domains.promotion.eligibility import NEEDS_CONFIRMED_EMAIL, buyer_refusal, purchase_refusal
from domains.promotion.models import DiscountType
from domains.promotion.rules import NOTHING, Buyer, PricedLine, PromotionRule
from domains.shipping.models import ShippingRate
from domains.tax.models import TaxRates

NOTHING_LEFT: Final = "There is no amount left that it could reduce."


def quote(
    lines: Sequence[PricedLine],
    promotions: Sequence[PromotionRule],
    taxes: TaxRates,
    shipping: ShippingRate,
    buyer: Buyer,
    now: datetime,
) -> Quote:
    """The figures of lines for this buyer at this time, in the currency of `shipping`.

    Promotions apply by priority, the highest first, each to the amount that is left. An exclusive promotion is not
    combined with others: of each exclusive one, and all others together, the option with the lowest total is taken.
    The tax of a line is computed after discounts and rounded half up. The threshold of free shipping, like the
    minimum purchase of a promotion, is compared with the lines before discounts. Codes that take nothing off are
    refused with a reason; automatic promotions that do not apply are not mentioned. Gift cards are sold without tax
    and discounts, count for no threshold, and are not shipped.
    """
    currency = shipping.price.currency
    amounts = subtotals(lines, currency)
    goods, subtotal = _goods(lines, amounts)
    refused: list[Refusal] = []
    eligible: list[PromotionRule] = []
    for promotion in sorted(promotions, key=lambda promotion: (-promotion.priority, promotion.id)):
        reason = buyer_refusal(promotion, buyer, now) or purchase_refusal(promotion, goods, subtotal, currency)
        if reason is None:
            eligible.append(promotion)
        else:
            refused += _refusal(promotion, reason)
    together = [promotion for promotion in eligible if not promotion.is_exclusive]
    options = [together, *([promotion] for promotion in eligible if promotion.is_exclusive)]
    quotes = [_quote(lines, amounts, option, taxes, shipping) for option in options]
    best = min(quotes, key=lambda option: option.total)
    return replace(best, refused=(*refused, *_unused(eligible, best)))


def _goods(lines: Sequence[PricedLine], amounts: Sequence[Decimal]) -> tuple[list[PricedLine], Decimal]:
    """The lines that are no gift cards, and their amount before discounts."""
    goods = [(line, amount) for line, amount in zip(lines, amounts, strict=True) if not line.is_gift_card]
    return [line for line, _ in goods], sum((amount for _, amount in goods), NOTHING)


def subtotals(lines: Sequence[PricedLine], currency: str) -> list[Decimal]:
    """The amount of each line before discounts."""
    return [round_half_up(line.unit_price * line.quantity, currency) for line in lines]


@dataclass(slots=True)
class _DiscountedLine:
    """A line while it is discounted."""

    line: PricedLine
    subtotal: Decimal
    left: Decimal
    adjustments: list[Adjustment]


def _quote(
    lines: Sequence[PricedLine],
    amounts: Sequence[Decimal],
    promotions: Sequence[PromotionRule],
    taxes: TaxRates,
    shipping: ShippingRate,
) -> Quote:
    """The figures with exactly these promotions, in their order."""
    currency = shipping.price.currency
    discounted = [_DiscountedLine(line, amount, amount, []) for line, amount in zip(lines, amounts, strict=True)]
    goods, goods_subtotal = _goods(lines, amounts)
    shipping_left = shipping_price = shipping.cost(goods_subtotal) if goods else NOTHING
    adjustments: list[Adjustment] = []
    for promotion in promotions:
        if promotion.discount_type is DiscountType.FREE_SHIPPING:
            amount, shipping_left = shipping_left, NOTHING
        else:
            amount = _apply(promotion, [line for line in discounted if not line.line.is_gift_card], currency)
        if amount:
            adjustments.append(_adjustment(promotion, amount, explanation(promotion, currency)))
    line_quotes = tuple(_line_quote(line, taxes, currency) for line in discounted)
    shipping_quote = _shipping_quote(shipping_price, shipping_left, taxes, currency)
    tax_lines = _by_rate([*(tax for line in line_quotes for tax in line.taxes), *shipping_quote.taxes])
    return Quote(
        currency=currency,
        lines=line_quotes,
        shipping=shipping_quote,
        subtotal=sum(amounts, NOTHING),
        discount=sum((line.discount for line in line_quotes), NOTHING),
        taxes=tax_lines,
        tax=sum((line.amount for line in tax_lines), NOTHING),
        total=sum((line.total for line in line_quotes), shipping_quote.total),
        adjustments=tuple(adjustments),
        refused=(),
    )


def _apply(promotion: PromotionRule, lines: Sequence[_DiscountedLine], currency: str) -> Decimal:
    """Apply a promotion to each line; returns the sum of the discounts."""
    shares = discount_shares(promotion, [line.line for line in lines], [line.left for line in lines], currency)
    for line, share in zip(lines, shares, strict=True):
        if share.amount:
            line.left -= share.amount
            line.adjustments.append(_adjustment(promotion, share.amount, share.explanation))
    return sum((share.amount for share in shares), NOTHING)


def _line_quote(discounted: _DiscountedLine, taxes: TaxRates, currency: str) -> LineQuote:
    line = discounted.line
    rate = NOTHING if line.is_gift_card else taxes.of_product(line.product_id)
    tax = _tax(discounted.left, rate, taxes, currency)
    return LineQuote(
        key=line.key,
        quantity=line.quantity,
        unit_price=line.unit_price,
        subtotal=discounted.subtotal,
        discount=discounted.subtotal - discounted.left,
        taxes=(tax,),
        tax=tax.amount,
        total=tax.taxable + tax.amount,
        adjustments=tuple(discounted.adjustments),
    )


def _shipping_quote(price: Decimal, left: Decimal, taxes: TaxRates, currency: str) -> ShippingQuote:
    tax = _tax(left, taxes.shipping, taxes, currency)
    return ShippingQuote(price, price - left, (tax,), tax.amount, tax.taxable + tax.amount)


def _tax(amount: Decimal, rate: Decimal, taxes: TaxRates, currency: str) -> TaxLine:
    """The tax within an amount, or on top of it where prices do not include tax."""
    if not rate:
        return TaxLine(rate, amount, NOTHING)
    if taxes.prices_include_tax:
        tax = round_half_up(amount * rate / (1 + rate), currency)
        return TaxLine(rate, amount - tax, tax)
    return TaxLine(rate, amount, round_half_up(amount * rate, currency))


def _by_rate(lines: Iterable[TaxLine]) -> tuple[TaxLine, ...]:
    """Tax lines summed up by rate, the highest rate first; a rate with nothing taxable is left out."""
    by_rate: dict[Decimal, TaxLine] = {}
    for line in lines:
        current = by_rate.get(line.rate, TaxLine(line.rate, NOTHING, NOTHING))
        by_rate[line.rate] = TaxLine(line.rate, current.taxable + line.taxable, current.amount + line.amount)
    return tuple(line for _, line in sorted(by_rate.items(), reverse=True) if line.taxable or line.amount)


def _adjustment(promotion: PromotionRule, amount: Decimal, explanation: str) -> Adjustment:
    return Adjustment(promotion.id, promotion.name, promotion.code, amount, explanation)


def _unused(eligible: Sequence[PromotionRule], best: Quote) -> list[Refusal]:
    """The eligible codes that were not used: a better promotion excludes them, or no amount is left."""
    used = {adjustment.promotion_id for adjustment in best.adjustments}
    exclusive = next((each for each in eligible if each.id in used and each.is_exclusive), None)
    refusals: list[Refusal] = []
    for promotion in eligible:
        if promotion.id in used:
            continue
        if exclusive is not None:
            reason = f"It cannot be combined with {exclusive.name!r}, which gives the lower total."
        elif promotion.is_exclusive and used:
            reason = "It cannot be combined with the other promotions, which give the lower total."
        else:
            reason = NOTHING_LEFT
        refusals += _refusal(promotion, reason)
    return refusals


def _refusal(promotion: PromotionRule, reason: str) -> list[Refusal]:
    if promotion.is_automatic:
        return []
    return [Refusal(promotion.id, promotion.code, reason, reason == NEEDS_CONFIRMED_EMAIL)]
