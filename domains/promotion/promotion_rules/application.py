"""Applies the rules of a promotion to lines, the highest priority first; pure."""

from collections.abc import Sequence
from decimal import Decimal

from domains.promotion.promotion_rules import bundles, buy_x_get_y, volume_discounts
from domains.promotion.promotion_rules.models import Bundle, BuyXGetY, Rule, UnitSelection, VolumeDiscount
from domains.promotion.promotion_rules.units import LineUnits
from domains.promotion.rules import DiscountRule, PricedLine


def reductions(
    discount: DiscountRule, lines: Sequence[PricedLine], left: Sequence[Decimal], currency: str
) -> list[tuple[Decimal, str]]:
    """What the rules of a discount take off each line, of which `left` is left to pay, with an explanation.

    A rule uses the units that the rules before it have left, so that a unit is reduced once.
    """
    units = [LineUnits(line, amount, currency) for line, amount in zip(lines, left, strict=True)]

    def is_chosen(selection: UnitSelection, line: PricedLine) -> bool:
        return selection.names(line) if selection.is_own else discount.is_target(line)

    for rule in discount.rules:
        match rule:
            case BuyXGetY():
                buy_x_get_y.apply_buy_x_get_y(rule, units, is_chosen)
            case Bundle():
                bundles.apply_bundle(rule, units, is_chosen, currency)
            case VolumeDiscount():
                volume_discounts.apply_volume_discount(rule, units, is_chosen)
    return [(line.amount - line.left, "; ".join(line.explanations)) for line in units]


def explanation(rules: Sequence[Rule], currency: str) -> str:
    """The explanation of rules for buyers."""
    return "; ".join(_explanation(rule, currency) for rule in rules)


def _explanation(rule: Rule, currency: str) -> str:
    match rule:
        case BuyXGetY():
            return buy_x_get_y.explanation(rule)
        case Bundle():
            return bundles.explanation(rule, currency)
        case VolumeDiscount():
            return volume_discounts.explanation(rule, currency)
