"""The amounts that each type of discount takes off lines; pure. Amounts are at the currency's scale.

Every function takes the amounts left to pay and returns the amounts to take off, never more than is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domains.kernel.values.money import allocate, round_half_up
from domains.promotion.models import DiscountType
from domains.promotion.promotion_rules import application
from domains.promotion.promotion_rules.phrases import plain
from domains.promotion.rules import NOTHING, DiscountRule, PricedLine

PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Share:
    """The amount taken off one line, with an explanation."""

    amount: Decimal
    explanation: str


NO_SHARE = Share(NOTHING, "")


def discount_shares(
    promotion: DiscountRule, lines: Sequence[PricedLine], left: Sequence[Decimal], currency: str
) -> list[Share]:
    """The amount that a promotion takes off each line, of which `left` is left to pay."""
    covered = [index for index, line in enumerate(lines) if left[index] and promotion.covers(line)]
    shares = [NO_SHARE] * len(lines)
    if covered:
        found = _shares(promotion, [lines[index] for index in covered], [left[index] for index in covered], currency)
        covered_shares = _at_most(promotion, found, currency)
        for index, share in zip(covered, covered_shares, strict=True):
            shares[index] = share
    return shares


def capped(promotion: DiscountRule, amount: Decimal, currency: str) -> Decimal:
    """An amount that a discount takes off an order, at most its maximum."""
    maximum = promotion.maximum_discount
    return amount if maximum is None else min(amount, round_half_up(maximum, currency))


def _at_most(promotion: DiscountRule, shares: Sequence[Share], currency: str) -> Sequence[Share]:
    """The shares, reduced in proportion if they exceed the maximum together."""
    amounts = [share.amount for share in shares]
    total = sum(amounts, NOTHING)
    maximum = capped(promotion, total, currency)
    if maximum == total:
        return shares
    text = _maximum(promotion, currency)
    reduced = zip(allocate(maximum, amounts, currency), shares, strict=True)
    return [Share(amount, f"{share.explanation}{text}") if amount else NO_SHARE for amount, share in reduced]


def explanation(promotion: DiscountRule, currency: str) -> str:
    """The explanation of a discount for buyers, with its maximum."""
    return _kind(promotion, currency) + _maximum(promotion, currency)


def _maximum(promotion: DiscountRule, currency: str) -> str:
    maximum = promotion.maximum_discount
    return "" if maximum is None else f", at most {round_half_up(maximum, currency):f} {currency} in all"


def _kind(promotion: DiscountRule, currency: str) -> str:
    """The explanation of what a discount takes off before its maximum."""
    match promotion.discount_type:
        case DiscountType.PERCENTAGE:
            return percentage_off(promotion.discount_value)
        case DiscountType.FIXED_AMOUNT:
            return amount_off(promotion.discount_value, currency)
        case DiscountType.FREE_SHIPPING:
            return "Free shipping"
        case DiscountType.BUY_X_GET_Y | DiscountType.BUNDLE | DiscountType.VOLUME_DISCOUNT:
            return application.explanation(promotion.rules, currency)


def _shares(
    promotion: DiscountRule, lines: Sequence[PricedLine], left: Sequence[Decimal], currency: str
) -> list[Share]:
    text = _kind(promotion, currency)
    match promotion.discount_type:
        case DiscountType.PERCENTAGE if promotion.is_limited:
            rate = promotion.discount_value * PERCENT
            return [Share(round_half_up(amount * rate, currency), text) for amount in left]
        case DiscountType.PERCENTAGE:
            return percentage_shares(promotion.discount_value, left, currency)
        case DiscountType.FIXED_AMOUNT:
            value = min(round_half_up(promotion.discount_value, currency), sum(left, NOTHING))
            return amount_shares(value, left, currency, text)
        case DiscountType.FREE_SHIPPING:
            return [NO_SHARE] * len(lines)
        case DiscountType.BUY_X_GET_Y | DiscountType.BUNDLE | DiscountType.VOLUME_DISCOUNT:
            return [Share(*each) for each in application.reductions(promotion, lines, left, currency)]


def percentage_shares(percentage: Decimal, left: Sequence[Decimal], currency: str) -> list[Share]:
    """A percentage of what is left of lines together, rounded once and allocated to the lines."""
    total = round_half_up(sum(left, NOTHING) * percentage * PERCENT, currency)
    return [Share(amount, percentage_off(percentage)) for amount in allocate(total, left, currency)]


def amount_shares(value: Decimal, left: Sequence[Decimal], currency: str, text: str) -> list[Share]:
    """An amount, which is at most what is left of lines together, allocated to the lines by what is left of them."""
    shared = f"{text}, shared among {len(left)} lines" if len(left) > 1 else text
    return [Share(amount, shared) for amount in allocate(value, left, currency)]


def percentage_off(percentage: Decimal) -> str:
    """The explanation of a percentage."""
    return f"{plain(percentage)} % off"


def amount_off(value: Decimal, currency: str) -> str:
    """The explanation of an amount."""
    return f"{round_half_up(value, currency):f} {currency} off"
