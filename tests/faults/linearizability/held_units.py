"""The model of units that orders hold: the stock of a SKU, or the uses of a promotion with a limit.

An order takes its units when it is created, and gives them back when it is cancelled or expires. While a payment is
in progress it can do neither; when it is paid it can only be cancelled.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from tests.faults.linearizability.history import Action, Outcome


class Phase(StrEnum):
    """How far an order is. An order that is cancelled or expired holds no units."""

    OPEN = "open"
    PAYING = "paying"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Change(StrEnum):
    """A change of an order; a payment is two of them."""

    CANCEL = "cancel"
    EXPIRE = "expire"
    BEGIN_PAYMENT = "begin payment of"
    END_PAYMENT = "end payment of"


HOLDING: Final = {Phase.OPEN, Phase.PAYING, Phase.PAID}
# The phases that a change can lead to; any other change is refused.
CHANGES: Final[Mapping[tuple[Change, Phase], tuple[Phase, ...]]] = {
    (Change.CANCEL, Phase.OPEN): (Phase.CANCELLED,),
    (Change.CANCEL, Phase.PAID): (Phase.CANCELLED,),
    (Change.EXPIRE, Phase.OPEN): (Phase.EXPIRED,),
    (Change.BEGIN_PAYMENT, Phase.OPEN): (Phase.PAYING,),
    # Captured, declined, or not charged until the order's time limit had passed.
    (Change.END_PAYMENT, Phase.PAYING): (Phase.PAID, Phase.OPEN, Phase.EXPIRED),
}


@dataclass(frozen=True, slots=True)
class Take:
    """Create an order, which takes units. Outcomes: TAKEN, Short."""

    order: str
    units: int

    def __str__(self) -> str:
        return f"{self.order} takes {self.units}"


@dataclass(frozen=True, slots=True)
class Alter:
    """Change an order. Outcomes: the phase that it reached, REFUSED."""

    change: Change
    order: str

    def __str__(self) -> str:
        return f"{self.change} {self.order}"


@dataclass(frozen=True, slots=True)
class Restock:
    """Add available units, or remove them (below zero). Outcomes: DONE, REFUSED."""

    units: int

    def __str__(self) -> str:
        return f"restock {self.units:+}"


@dataclass(frozen=True, slots=True)
class Read:
    """Read how many units are available and held. Outcome: Level."""

    def __str__(self) -> str:
        return "read"


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """Read the phase of an order. Outcome: Phase."""

    order: str

    def __str__(self) -> str:
        return f"read {self.order}"


@dataclass(frozen=True, slots=True)
class Short:
    """Fewer units are available than an order wants."""

    available: int


@dataclass(frozen=True, slots=True)
class Level:
    """How many units are available, and how many open and paid orders hold."""

    available: int
    held: int


TAKEN: Final = "taken"
DONE: Final = "done"
REFUSED: Final = "refused"


class Held(NamedTuple):
    """The units of an order, also of one that gave them back."""

    order: str
    units: int
    phase: Phase


class Units(NamedTuple):
    """The available units, and every order that took some."""

    available: int
    orders: frozenset[Held] = frozenset()


Possible: TypeAlias = Iterable[tuple[Outcome, Units]]


class HeldUnits:
    """So many units, which orders take and give back."""

    def __init__(self, units: int) -> None:
        self._units = units

    def initial(self) -> Units:
        """All units are available."""
        return Units(self._units)

    def apply(self, state: Units, action: Action) -> Possible:
        """The possible outcomes of an action, each with the units after it."""
        match action:
            case Take():
                return _take(state, action)
            case Alter():
                return _alter(state, action)
            case Restock(units):
                is_possible = state.available + units >= 0
                return [
                    (DONE, state._replace(available=state.available + units)) if is_possible else (REFUSED, state)
                ]
            case Read():
                held = sum(each.units for each in state.orders if each.phase in HOLDING)
                return [(Level(state.available, held), state)]
            case ReadOrder(order):
                return [(each.phase, state) for each in state.orders if each.order == order]
        raise TypeError(f"{action!r} is no action on units.")


def _take(state: Units, action: Take) -> Possible:
    if any(each.order == action.order for each in state.orders):
        return []  # an order is created once
    if state.available < action.units:
        return [(Short(state.available), state)]
    held = Held(action.order, action.units, Phase.OPEN)
    return [(TAKEN, Units(state.available - action.units, state.orders | {held}))]


def _alter(state: Units, action: Alter) -> Possible:
    held = next((each for each in state.orders if each.order == action.order), None)
    if held is None:
        return []
    reached = CHANGES.get((action.change, held.phase), ())
    return [(phase, _moved(state, held, phase)) for phase in reached] or [(REFUSED, state)]


def _moved(state: Units, held: Held, phase: Phase) -> Units:
    given_back = 0 if phase in HOLDING else held.units
    return Units(state.available + given_back, state.orders - {held} | {held._replace(phase=phase)})
