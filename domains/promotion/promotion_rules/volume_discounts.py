"""Volume discounts: the more units, the less each of them costs; pure."""

from collections.abc import Sequence
from decimal import Decimal

from domains.kernel.values.money import round_half_up
from domains.promotion.promotion_rules.models import ALL_OF_IT, OF_TARGETS, Tier, VolumeDiscount, VolumeScope
from domains.promotion.promotion_rules.phrases import plain
from domains.promotion.promotion_rules.units import Chosen, LineUnits, units_in


def apply_volume_discount(rule: VolumeDiscount, lines: Sequence[LineUnits], chosen: Chosen) -> None:
    """Reduce all units of each line, or of all lines together, by the highest tier that their number reaches."""
    covered = [line for line in lines if line.units and chosen(OF_TARGETS, line.line)]
    together = units_in(covered)
    for line in covered:
        tier = _tier(rule, line.units if rule.scope is VolumeScope.LINE else together)
        if tier is not None:
            reduction = _reduction(tier, line)
            line.take_off(reduction, _explanation(tier, line.currency))
            line.use(line.units if reduction else 0)


def _tier(rule: VolumeDiscount, units: int) -> Tier | None:
    """The highest tier that a number of units reaches."""
    return next((tier for tier in reversed(rule.tiers) if units >= tier.from_quantity), None)


def _reduction(tier: Tier, line: LineUnits) -> Decimal:
    """What is taken off the units of a line that are not used yet, at most what they cost."""
    amount = line.amount_of(line.units)
    if tier.percentage is not None:
        return round_half_up(amount * tier.percentage / ALL_OF_IT, line.currency)
    if tier.amount_off_per_unit is not None:
        return min(amount, round_half_up(tier.amount_off_per_unit * line.units, line.currency))
    return max(Decimal(0), amount - round_half_up((tier.unit_price or Decimal(0)) * line.units, line.currency))


def explanation(rule: VolumeDiscount, currency: str) -> str:
    """The explanation of the rule for buyers: its tiers."""
    return ", ".join(_explanation(tier, currency) for tier in rule.tiers)


def _explanation(tier: Tier, currency: str) -> str:
    start = f"from {tier.from_quantity}:"
    if tier.percentage is not None:
        return f"{start} {plain(tier.percentage)} % off"
    if tier.amount_off_per_unit is not None:
        return f"{start} {_price(tier.amount_off_per_unit, currency)} {currency} off each"
    return f"{start} {_price(tier.unit_price or Decimal(0), currency)} {currency} each"


def _price(price: Decimal, currency: str) -> str:
    """A unit price at the currency's scale, or exactly where it has more decimals."""
    rounded = round_half_up(price, currency)
    return f"{rounded:f}" if rounded == price else plain(price)
