"""Buy X, get Y: for each X units bought, the cheapest Y of the units to get cost less or nothing; pure."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domains.kernel.values.money import round_half_up
from domains.promotion.promotion_rules.models import ALL_OF_IT, BuyXGetY
from domains.promotion.promotion_rules.phrases import plain
from domains.promotion.promotion_rules.units import (
    Chosen,
    LineUnits,
    cheapest_first,
    dearest_first,
    units_in,
)


@dataclass(frozen=True, slots=True)
class _Supply:
    """The lines that can only be bought, only be got, and both."""

    rule: BuyXGetY
    bought: Sequence[LineUnits]
    got: Sequence[LineUnits]
    both: Sequence[LineUnits]

    def to_buy(self, got: int) -> int:
        """The number of units to buy in order to get so many."""
        return -(-got // self.rule.get.quantity) * self.rule.buy.quantity

    def bought_of_both(self, got: int) -> int:
        """The units that must be bought of the lines that could be got too."""
        return max(0, self.to_buy(got) - units_in(self.bought))

    def suffices(self, got: int) -> bool:
        """Whether so many units can be got beside those that are bought."""
        got_of_both = max(0, got - units_in(self.got))
        return self.bought_of_both(got) + got_of_both <= units_in(self.both)


def apply_buy_x_get_y(rule: BuyXGetY, lines: Sequence[LineUnits], chosen: Chosen) -> None:
    """Reduce the cheapest units to get: `get` for each `buy`, and those above `buy` of the incomplete rest.

    A unit is either bought or got. A line of both selections is bought only where the lines to buy do not suffice.
    """
    to_buy = [chosen(rule.buy, line.line) for line in lines]
    to_get = [chosen(rule.get, line.line) for line in lines]
    supply = _Supply(
        rule,
        bought=[line for line, buy, get in zip(lines, to_buy, to_get, strict=True) if buy and not get],
        got=[line for line, buy, get in zip(lines, to_buy, to_get, strict=True) if get and not buy],
        both=[line for line, buy, get in zip(lines, to_buy, to_get, strict=True) if buy and get],
    )
    most = units_in(supply.got) + units_in(supply.both)
    if rule.times_per_order is not None:
        most = min(most, rule.times_per_order * rule.get.quantity)
    got = bisect_left(range(1, most + 1), x=True, key=lambda units: not supply.suffices(units))
    if got:
        bought_of_both = supply.bought_of_both(got)
        _get(supply, got, units_in(supply.both) - bought_of_both)
        _use(supply.bought, supply.to_buy(got) - bought_of_both)
        _use(supply.both, bought_of_both)


def _get(supply: _Supply, units: int, units_of_both: int) -> None:
    """Reduce the cheapest units, at most `units_of_both` of lines that can be bought too."""
    text = explanation(supply.rule)
    both = {id(line) for line in supply.both}
    for line in cheapest_first([*supply.got, *supply.both]):
        is_of_both = id(line) in both
        taken = min(units, line.units, units_of_both if is_of_both else units)
        units -= taken
        units_of_both -= taken if is_of_both else 0
        if taken:
            line.take_off(_reduction(supply.rule, line, taken), f"{text}: {taken} {_at(supply.rule)}")
            line.use(taken)


def _reduction(rule: BuyXGetY, line: LineUnits, units: int) -> Decimal:
    if rule.percentage == ALL_OF_IT:
        return line.amount_of(units)
    amount = line.amount * units * rule.percentage / (line.line.quantity * ALL_OF_IT)
    return min(round_half_up(amount, line.currency), line.left)


def _use(lines: Sequence[LineUnits], units: int) -> None:
    """Take the bought units, the dearest first, away from the following rules."""
    for line in dearest_first(lines):
        taken = min(units, line.units)
        line.use(taken)
        units -= taken


def explanation(rule: BuyXGetY) -> str:
    """The explanation of the rule for buyers."""
    return f"Buy {rule.buy.quantity}, get {rule.get.quantity} {_at(rule)}"


def _at(rule: BuyXGetY) -> str:
    return "free" if rule.percentage == ALL_OF_IT else f"at {plain(rule.percentage)} % off"
