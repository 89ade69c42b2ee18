"""The only place where money is added up: lines, promotions, tax and shipping give the figures of carts and orders.

Pure: the same arguments give the same figures, whatever the order of the promotions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from domains.kernel.values.money import round_half_up
from domains.promotion.basket import (
    NOTHING,
    Buyer,
    Discount,
    LineTotal,
    PricedLine,
    PromotionTerms,
    Refusal,
    Terms,
    Totals,
)
from domains.promotion.discounts import explanation_of, shares_of
from domains.promotion.eligibility import NEEDS_CONFIRMED_EMAIL, reason_against, reason_against_purchase
from domains.promotion.models import DiscountType

__all__ = [
    "Buyer",
    "Discount",
    "LineTotal",
    "PricedLine",
    "PromotionTerms",
    "Refusal",
    "Terms",
    "Totals",
    "calculate",
    "subtotals",
]
NO_USE = "There is nothing left that it could take off."


def calculate(
    lines: Sequence[PricedLine],
    promotions: Sequence[PromotionTerms],
    terms: Terms,
    buyer: Buyer,
    now: datetime,
) -> Totals:
    """What lines come to for this buyer at this time.

    Promotions apply by priority, the highest first, each to what those before it have left to pay. An exclusive one
    stands alone: of all exclusive ones and of the others together, whatever leaves the least to pay is taken.
    Tax is taken of each line after discounts, half up; shipping is a final price, free from the threshold on, which
    like a promotion's least purchase is compared with the lines before discounts. Codes that take nothing off are
    refused with a reason; promotions that apply by themselves and do not are not mentioned.
    """
    amounts = subtotals(lines, terms.currency)
    subtotal = sum(amounts, NOTHING)
    refused: list[Refusal] = []
    eligible: list[PromotionTerms] = []
    for promotion in sorted(promotions, key=lambda one: (-one.priority, one.id)):
        reason = reason_against(promotion, buyer, now) or reason_against_purchase(
            promotion, lines, subtotal, terms.currency
        )
        if reason is None:
            eligible.append(promotion)
        else:
            refused += _refusal(promotion, reason)
    together = [promotion for promotion in eligible if not promotion.is_exclusive]
    options = [together, *([promotion] for promotion in eligible if promotion.is_exclusive)]
    outcomes = [_outcome(lines, amounts, option, terms) for option in options]
    best = min(outcomes, key=lambda outcome: outcome.total)
    return replace(best, refused=(*refused, *_lost(eligible, best)))


def subtotals(lines: Sequence[PricedLine], currency: str) -> list[Decimal]:
    """What each line costs before discounts."""
    return [round_half_up(line.unit_price * line.quantity, currency) for line in lines]


@dataclass(slots=True)
class _Line:
    """A line while it is discounted."""

    line: PricedLine
    subtotal: Decimal
    left: Decimal
    discounts: list[Discount]


def _outcome(
    lines: Sequence[PricedLine], amounts: Sequence[Decimal], promotions: Sequence[PromotionTerms], terms: Terms
) -> Totals:
    """What lines come to with exactly these promotions, in their order."""
    open_lines = [_Line(line, amount, amount, []) for line, amount in zip(lines, amounts, strict=True)]
    subtotal = sum(amounts, NOTHING)
    full_shipping = shipping = _shipping(lines, subtotal, terms)
    applied: list[Discount] = []
    for promotion in promotions:
        if promotion.discount_type is DiscountType.FREE_SHIPPING:
            amount, shipping = shipping, NOTHING
        else:
            amount = _take_off(promotion, open_lines, terms.currency)
        if amount:
            applied.append(_discount(promotion, amount, explanation_of(promotion, terms.currency)))
    done = tuple(_line_total(line, terms) for line in open_lines)
    return Totals(
        currency=terms.currency,
        lines=done,
        subtotal=subtotal,
        discount=sum((line.discount for line in done), NOTHING),
        shipping=shipping,
        shipping_discount=full_shipping - shipping,
        tax=sum((line.tax for line in done), NOTHING),
        total=sum((line.total for line in done), shipping),
        applied=tuple(applied),
        refused=(),
    )


def _take_off(promotion: PromotionTerms, lines: Sequence[_Line], currency: str) -> Decimal:
    """Note on each line what a promotion takes off it; the sum."""
    shares = shares_of(promotion, [each.line for each in lines], [each.left for each in lines], currency)
    for each, share in zip(lines, shares, strict=True):
        if share.amount:
            each.left -= share.amount
            each.discounts.append(_discount(promotion, share.amount, share.explanation))
    return sum((share.amount for share in shares), NOTHING)


def _shipping(lines: Sequence[PricedLine], subtotal: Decimal, terms: Terms) -> Decimal:
    threshold = terms.free_shipping_threshold
    if not lines or (threshold is not None and subtotal >= threshold):
        return NOTHING
    return round_half_up(terms.flat_shipping, terms.currency)


def _line_total(each: _Line, terms: Terms) -> LineTotal:
    divisor = 1 + terms.tax_rate if terms.prices_include_tax else Decimal(1)
    tax = round_half_up(each.left * terms.tax_rate / divisor, terms.currency)
    return LineTotal(
        key=each.line.key,
        quantity=each.line.quantity,
        unit_price=each.line.unit_price,
        subtotal=each.subtotal,
        discount=each.subtotal - each.left,
        tax=tax,
        total=each.left if terms.prices_include_tax else each.left + tax,
        discounts=tuple(each.discounts),
    )


def _discount(promotion: PromotionTerms, amount: Decimal, explanation: str) -> Discount:
    return Discount(promotion.id, promotion.name, promotion.code, amount, explanation)


def _lost(eligible: Sequence[PromotionTerms], best: Totals) -> list[Refusal]:
    """The codes that could be used and were not: what is better does not go with them, or nothing is left."""
    used = {discount.promotion_id for discount in best.applied}
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
