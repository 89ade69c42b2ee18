"""Bundles: whole sets of units have a price, or cost a percentage or an amount less; pure.

A unit may fit several items of a set. How many sets there are, and which units they can contain, follows from Hall's
theorem: items can be filled exactly if for each subset of them enough units fit one of it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from domains.kernel.text.plurals import counted
from domains.kernel.values.money import allocate, round_half_up
from domains.promotion.promotion_rules.models import ALL_OF_IT, Bundle
from domains.promotion.promotion_rules.phrases import plain
from domains.promotion.promotion_rules.units import Chosen, LineUnits, dearest_first


class _Sets:
    """The sets that can be made of lines. A subset of the items is a number with a bit for each of them."""

    def __init__(self, bundle: Bundle, lines: Sequence[LineUnits], chosen: Chosen) -> None:
        self.subsets = range(1, 1 << len(bundle.items))
        self.needed = [
            sum(item.quantity for bit, item in enumerate(bundle.items) if subset >> bit & 1)
            for subset in (0, *self.subsets)
        ]
        fitting = {
            id(line): sum(chosen(item, line.line) << bit for bit, item in enumerate(bundle.items)) for line in lines
        }
        self.lines = dearest_first(line for line in lines if line.units and fitting[id(line)])
        self.fitting = [fitting[id(line)] for line in self.lines]
        self.units: Counter[int] = Counter()
        for line, items in zip(self.lines, self.fitting, strict=True):
            self.units[items] += line.units
        self.supersets = {
            items: [subset for subset in self.subsets if subset & items == items] for items in self.units
        }

    def most(self) -> int:
        """The highest number of sets: for each subset of the items, the units that fit it suffice."""
        return min(self._units_for(subset) // self.needed[subset] for subset in self.subsets)

    def dearest(self, sets: int) -> list[int]:
        """The units of each line that so many sets contain: the dearest that fill them together.

        A unit is left out only if those that were chosen before need all the places that it fits.
        """
        places = [sets * needed for needed in self.needed]
        taken = [0] * len(self.lines)
        filled: set[int] = set()
        for index, (line, fitting) in enumerate(zip(self.lines, self.fitting, strict=True)):
            if fitting in filled:
                continue
            supersets = self.supersets[fitting]
            left = min([places[subset] for subset in supersets])
            taken[index] = units = min(line.units, left)
            for subset in supersets:
                places[subset] -= units
            if units == left:
                filled.add(fitting)
        return taken

    def amount(self, sets: int) -> Fraction:
        """What the dearest units of so many sets cost without the bundle, not rounded."""
        units = zip(self.lines, self.dearest(sets), strict=True)
        return sum((line.unit_amount * taken for line, taken in units if taken), Fraction(0))

    def _units_for(self, subset: int) -> int:
        return sum(units for items, units in self.units.items() if items & subset)


def apply_bundle(bundle: Bundle, lines: Sequence[LineUnits], chosen: Chosen, currency: str) -> None:
    """Reduce the units of as many whole sets as there are; of those with a price, as many as cost less with it.

    Sets contain the dearest units. The discount is allocated to their lines by what the units cost.
    """
    sets = _Sets(bundle, lines, chosen)
    number = _number_of_sets(bundle, sets)
    if not number:
        return
    taken = sets.dearest(number)
    amounts = [line.amount_of(units) for line, units in zip(sets.lines, taken, strict=True)]
    discount = _discount(bundle, number, sum(amounts, Decimal(0)), currency)
    if not discount:
        return
    text = f"{explanation(bundle, currency)}: {counted(number, 'set')}"
    for line, units, share in zip(sets.lines, taken, allocate(discount, amounts, currency), strict=True):
        line.take_off(share, text)
        line.use(units)


def _number_of_sets(bundle: Bundle, sets: _Sets) -> int:
    """The number of sets. Each further set contains cheaper units, so the price is compared with the last one."""
    most = sets.most()
    if bundle.times_per_order is not None:
        most = min(most, bundle.times_per_order)
    if bundle.price is None:
        return most
    price = bundle.price

    def is_dearer(number: int) -> bool:
        return sets.amount(number) - sets.amount(number - 1) <= price

    return bisect_left(range(1, most + 1), x=True, key=is_dearer)


def _discount(bundle: Bundle, number: int, amount: Decimal, currency: str) -> Decimal:
    """What is taken off sets that cost this amount, at most all of it."""
    if bundle.percentage is not None:
        return round_half_up(amount * bundle.percentage / ALL_OF_IT, currency)
    if bundle.amount_off is not None:
        return min(amount, round_half_up(bundle.amount_off * number, currency))
    return max(Decimal(0), amount - round_half_up((bundle.price or Decimal(0)) * number, currency))


def explanation(bundle: Bundle, currency: str) -> str:
    """The explanation of the rule for buyers."""
    units = f"{bundle.quantity}" if len(bundle.items) == 1 else f"Bundle of {bundle.quantity}"
    if bundle.percentage is not None:
        return f"{units}: {plain(bundle.percentage)} % off"
    if bundle.amount_off is not None:
        return f"{units}: {round_half_up(bundle.amount_off, currency):f} {currency} off"
    return f"{units} for {round_half_up(bundle.price or Decimal(0), currency):f} {currency}"
