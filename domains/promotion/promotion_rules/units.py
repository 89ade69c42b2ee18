"""The units of lines while the rules of a promotion use them; pure. A unit is used by one rule at most."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from domains.kernel.values.money import round_half_up
from domains.promotion.promotion_rules.models import UnitSelection
from domains.promotion.rules import PricedLine


@dataclass(slots=True)
class LineUnits:
    """A line that the promotion finds with `amount` to pay, of which `left` is left. `units` are not used yet."""

    line: PricedLine
    amount: Decimal
    currency: str
    units: int = field(init=False)
    left: Decimal = field(init=False)
    unit_amount: Fraction = field(init=False)
    explanations: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.units, self.left = self.line.quantity, self.amount
        self.unit_amount = Fraction(self.amount) / self.line.quantity

    def amount_of(self, units: int) -> Decimal:
        """What so many units cost, never more than is left; all of them cost the whole amount."""
        return min(round_half_up(self.amount * units / self.line.quantity, self.currency), self.left)

    def use(self, units: int) -> None:
        """Take units away from the following rules."""
        self.units -= units

    def take_off(self, amount: Decimal, explanation: str) -> None:
        """Reduce the line by an amount, if there is any, with its explanation."""
        if amount:
            self.left -= amount
            self.explanations.append(explanation)


Chosen: TypeAlias = Callable[[UnitSelection, PricedLine], bool]
"""Whether a selection of a rule contains a line: by its own products, else by the targets of the promotion."""


def units_in(lines: Iterable[LineUnits]) -> int:
    """The number of units that are not used yet."""
    return sum(line.units for line in lines)


def cheapest_first(lines: Iterable[LineUnits]) -> list[LineUnits]:
    """Lines by what a unit costs; equal ones in the order of the cart."""
    return sorted(lines, key=lambda line: line.unit_amount)


def dearest_first(lines: Iterable[LineUnits]) -> list[LineUnits]:
    """Lines by what a unit costs, the highest first; equal ones in the order of the cart."""
    return sorted(lines, key=lambda line: -line.unit_amount)
