"""The only place where money is added up: lines, promotions, taxes and shipping give the figures of a quote.

Pure: the same arguments give the same figures, whatever the order of the promotions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from domains.kernel.values.money import round_half_up
from domains.pricing.models import Adjustment, LineQuote, Quote, Refusal, ShippingQuote, TaxLine
from domains.promotion.basket import NOTHING, Buyer, PricedLine, PromotionTerms
from domains.promotion.discounts import explanation_of, shares_of
from domains.promotion.eligibility import NEEDS_CONFIRMED_EMAIL, reason_against, reason_against_purchase
from domains.promotion.models import DiscountType
from domains.shipping.models import ShippingRate
from domains.tax.models import TaxRates

NO_USE: Final = "There is nothing left that it could take off."


def quote(
    lines: Sequence[PricedLine],
    promotions: Sequence[PromotionTerms],
    taxes: TaxRates,
    shipping: ShippingRate,
    buyer: Buyer,
    now: datetime,
) -> Quote:
    """The figures of lines for this buyer at this time, in the currency of `shipping`.

    Promotions apply by priority, the highest first, each to what those before it have left to pay. An exclusive one
    stands alone: of all exclusive ones and of the others together, the option with the lowest total is taken. The tax
    of a line is computed after discounts and rounded half up. The threshold of free shipping, like the least purchase
    of a promotion, is compared with the lines before discounts. Codes that take nothing off are refused with a
    reason; automatic promotions that do not apply are not mentioned.
    """
    currency = shipping.price.currency
    amounts = subtotals(lines, currency)
    subtotal = sum(amounts, NOTHING)
    refused: list[Refusal] = []
    eligible: list[PromotionTerms] = []
    for promotion in sorted(promotions, key=lambda one: (-one.priority, one.id)):
        reason = reason_against(promotion, buyer, now) or reason_against_purchase(
            promotion, lines, subtotal, currency
        )
        if reason is None:
            eligible.append(promotion)
        else:
            refused += _refusal(promotion, reason)
    together = [promotion for promotion in eligible if not promotion.is_exclusive]
    options = [together, *([promotion] for promotion in eligible if promotion.is_exclusive)]
    quotes = [_quote(lines, amounts, option, taxes, shipping) for option in options]
    best = min(quotes, key=lambda each: each.total)
    return replace(best, refused=(*refused, *_lost(eligible, best)))


def subtotals(lines: Sequence[PricedLine], currency: str) -> list[Decimal]:
    """The amount of each line before discounts."""
    return [round_half_up(line.unit_price * line.quantity, currency) for line in lines]


@dataclass(slots=True)
class _Line:
    """A line while it is discounted."""

    line: PricedLine
    subtotal: Decimal
    left: Decimal
    adjustments: list[Adjustment]


def _quote(
    lines: Sequence[PricedLine],
    amounts: Sequence[Decimal],
    promotions: Sequence[PromotionTerms],
    taxes: TaxRates,
    shipping: ShippingRate,
) -> Quote:
    """The figures with exactly these promotions, in their order."""
    currency = shipping.price.currency
    open_lines = [_Line(line, amount, amount, []) for line, amount in zip(lines, amounts, strict=True)]
    subtotal = sum(amounts, NOTHING)
    shipping_left = shipping_price = shipping.cost(subtotal) if lines else NOTHING
    adjustments: list[Adjustment] = []
    for promotion in promotions:
        if promotion.discount_type is DiscountType.FREE_SHIPPING:
            amount, shipping_left = shipping_left, NOTHING
        else:
            amount = _take_off(promotion, open_lines, currency)
        if amount:
            adjustments.append(_adjustment(promotion, amount, explanation_of(promotion, currency)))
    done = tuple(_line_quote(line, taxes, currency) for line in open_lines)
    shipped = _shipping_quote(shipping_price, shipping_left, taxes, currency)
    tax_lines = _by_rate([*(tax for line in done for tax in line.taxes), *shipped.taxes])
    return Quote(
        currency=currency,
        lines=done,
        shipping=shipped,
        subtotal=subtotal,
        discount=sum((line.discount for line in done), NOTHING),
        taxes=tax_lines,
        tax=sum((line.amount for line in tax_lines), NOTHING),
        total=sum((line.total for line in done), shipped.total),
        adjustments=tuple(adjustments),
        refused=(),
    )


def _take_off(promotion: PromotionTerms, lines: Sequence[_Line], currency: str) -> Decimal:
    """Note on each line what a promotion takes off it; the sum."""
    shares = shares_of(promotion, [each.line for each in lines], [each.left for each in lines], currency)
    for each, share in zip(lines, shares, strict=True):
        if share.amount:
            each.left -= share.amount
            each.adjustments.append(_adjustment(promotion, share.amount, share.explanation))
    return sum((share.amount for share in shares), NOTHING)


def _line_quote(each: _Line, taxes: TaxRates, currency: str) -> LineQuote:
    tax = _tax(each.left, taxes.of_product(each.line.product_id), taxes, currency)
    return LineQuote(
        key=each.line.key,
        quantity=each.line.quantity,
        unit_price=each.line.unit_price,
        subtotal=each.subtotal,
        discount=each.subtotal - each.left,
        taxes=(tax,),
        tax=tax.amount,
        total=tax.taxable + tax.amount,
        adjustments=tuple(each.adjustments),
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
    summed: dict[Decimal, TaxLine] = {}
    for line in lines:
        known = summed.get(line.rate, TaxLine(line.rate, NOTHING, NOTHING))
        summed[line.rate] = TaxLine(line.rate, known.taxable + line.taxable, known.amount + line.amount)
    return tuple(line for _, line in sorted(summed.items(), reverse=True) if line.taxable or line.amount)


def _adjustment(promotion: PromotionTerms, amount: Decimal, explanation: str) -> Adjustment:
    return Adjustment(promotion.id, promotion.name, promotion.code, amount, explanation)


def _lost(eligible: Sequence[PromotionTerms], best: Quote) -> list[Refusal]:
    """The codes that could be used and were not: what is better does not go with them, or nothing is left."""
    used = {adjustment.promotion_id for adjustment in best.adjustments}
    alone = next((one for one in eligible if one.id in used and one.is_exclusive), None)
    refusals: list[Refusal] = []
    for promotion in eligible:
        if promotion.id in used:
            continue
        if alone is not None:
            reason = f"It does not go together with {alone.name!r}, which is the better price."
        elif promotion.is_exclusive and used:
            reason = "It does not go together with others, which are the better price."
        else:
            reason = NO_USE
        refusals += _refusal(promotion, reason)
    return refusals


def _refusal(promotion: PromotionTerms, reason: str) -> list[Refusal]:
    if promotion.is_automatic:
        return []
    return [Refusal(promotion.id, promotion.code, reason, reason == NEEDS_CONFIRMED_EMAIL)]
