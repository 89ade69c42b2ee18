"""The checker on histories of held units, with the faults that a shop could have, and against all orders tried."""

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.linearizability.checker import NotLinearizable, linearize
from tests.faults.linearizability.held_units import (
    DONE,
    REFUSED,
    TAKEN,
    Alter,
    Change,
    HeldUnits,
    Level,
    Phase,
    Read,
    ReadOrder,
    Restock,
    Short,
    Take,
    Units,
)
from tests.faults.linearizability.history import Action, Operation, Outcome
from tests.faults.linearizability.random_histories import UNITS, Run, changed, runs


def at(second: float, action: Action, outcome: Outcome, until: float | None = None) -> Operation:
    """An operation that is invoked at this second and returns half a second later, or at `until`."""
    return Operation("a", action, outcome, second, second + 0.5 if until is None else until)


def lost(second: float, action: Action) -> Operation:
    return Operation.unanswered("a", action, second)


def alter(second: float, change: Change, outcome: Outcome, until: float | None = None) -> Operation:
    return at(second, Alter(change, "x"), outcome, until)


TAKE, SECOND = Take("x", 2), Take("y", 2)
TAKES = at(0, TAKE, TAKEN)
PAYS = [alter(1, Change.BEGIN_PAYMENT, Phase.PAYING), alter(2, Change.END_PAYMENT, Phase.PAID)]
# Of three units.
ACCEPTED: dict[str, Sequence[Operation]] = {
    "a cancelled order gives its units back": [TAKES, alter(1, Change.CANCEL, Phase.CANCELLED), at(2, SECOND, TAKEN)],
    "an expired order gives its units back": [TAKES, alter(1, Change.EXPIRE, Phase.EXPIRED), at(2, SECOND, TAKEN)],
    "a cancelled order that was paid gives its units back": [
        TAKES,
        *PAYS,
        alter(3, Change.CANCEL, Phase.CANCELLED),
        at(4, Read(), Level(3, 0)),
    ],
    "a cancellation during a payment is refused": [
        TAKES,
        alter(1, Change.BEGIN_PAYMENT, Phase.PAYING, 5),
        alter(1, Change.END_PAYMENT, Phase.PAID, 5),
        alter(2, Change.CANCEL, REFUSED),
        alter(6, Change.CANCEL, Phase.CANCELLED),
    ],
    "a declined payment leaves the order open": [
        TAKES,
        PAYS[0],
        alter(2, Change.END_PAYMENT, Phase.OPEN),
        alter(3, Change.EXPIRE, Phase.EXPIRED),
    ],
    "an unanswered order took its units": [lost(0, TAKE), at(1, SECOND, Short(1))],
    "an unanswered order took nothing": [lost(0, TAKE), at(1, SECOND, TAKEN)],
    "an unanswered cancellation gave the units back": [
        TAKES,
        lost(1, Alter(Change.CANCEL, "x")),
        at(2, SECOND, TAKEN),
    ],
    "a removal of more than is available is refused": [TAKES, at(1, Restock(-2), REFUSED), at(2, Restock(-1), DONE)],
}
REJECTED: dict[str, Sequence[Operation]] = {
    "units sold twice": [at(0, TAKE, TAKEN, 9), at(0, SECOND, TAKEN, 9)],
    "units sold twice by an unanswered order that is seen later": [
        lost(0, TAKE),
        at(0, SECOND, TAKEN),
        at(1, ReadOrder("x"), Phase.OPEN),
    ],
    "out of stock with units left": [TAKES, at(1, Take("y", 1), Short(0))],
    "a shortage that names other units than are left": [TAKES, at(1, SECOND, Short(0))],
    "an acknowledged order that is gone": [TAKES, at(1, Read(), Level(3, 0))],
    "an order without stock": [TAKES, at(1, Read(), Level(3, 2))],
    "stock without an order": [TAKES, alter(1, Change.CANCEL, Phase.CANCELLED), at(2, Read(), Level(1, 0))],
    "units given back twice": [
        TAKES,
        alter(1, Change.CANCEL, Phase.CANCELLED, 9),
        alter(1, Change.EXPIRE, Phase.EXPIRED, 9),
    ],
    "a paid order that expires": [TAKES, *PAYS, alter(3, Change.EXPIRE, Phase.EXPIRED)],
    "a payment of a cancelled order": [TAKES, alter(0.6, Change.CANCEL, Phase.CANCELLED, 0.7), *PAYS],
    "a cancellation in the middle of a payment": [
        TAKES,
        PAYS[0],
        alter(2, Change.CANCEL, Phase.CANCELLED),
        alter(3, Change.END_PAYMENT, Phase.PAID),
    ],
    "an order that was created twice": [TAKES, at(1, Take("x", 1), TAKEN)],
    "a restock that is lost": [at(0, Restock(2), DONE), at(1, Read(), Level(3, 0))],
    "a restock that is counted twice": [lost(0, Restock(2)), at(1, Read(), Level(5, 0)), at(2, Read(), Level(7, 0))],
    "a cancelled order that is open again": [
        TAKES,
        alter(1, Change.CANCEL, Phase.CANCELLED),
        at(2, ReadOrder("x"), Phase.OPEN),
    ],
    "an order that expires before its time limit": [
        TAKES,
        at(1, ReadOrder("x"), Phase.EXPIRED),
        alter(2, Change.EXPIRE, Phase.EXPIRED),
    ],
}


def is_linearizable(history: Sequence[Operation]) -> bool:
    try:
        linearize(HeldUnits(UNITS), history)
    except NotLinearizable:
        return False
    return True


@pytest.mark.parametrize("history", ACCEPTED.values(), ids=ACCEPTED)
def test_what_a_correct_shop_answers_is_accepted(history: Sequence[Operation]) -> None:
    assert is_linearizable(history)


@pytest.mark.parametrize("history", REJECTED.values(), ids=REJECTED)
def test_what_a_faulty_shop_answers_is_rejected(history: Sequence[Operation]) -> None:
    assert not is_linearizable(history)


@given(run=runs())
def test_every_run_of_the_model_is_accepted_however_it_overlaps(run: Run) -> None:
    order = linearize(HeldUnits(UNITS), run.history)
    assert {id(each) for each in run.history if each.is_known} <= {id(each) for each in order}
    assert explains(order)


@given(run=runs(unanswered=False), wrong=st.builds(Level, st.integers(0, 5), st.integers(0, 5)))
def test_a_wrong_count_after_the_end_is_always_rejected(run: Run, wrong: Level) -> None:
    end = max(each.returned for each in run.history)
    history = [*run.history, at(end + 1, Read(), wrong)]
    assert is_linearizable(history) == (wrong == run.level)


@given(data=st.data())
def test_the_checker_agrees_with_trying_every_order(data: st.DataObject) -> None:
    history = data.draw(runs(most=5).flatmap(lambda run: changed(run.history)))
    assert is_linearizable(history) == any(explains(order) for order in all_orders(history))


def all_orders(history: Sequence[Operation]) -> Iterator[Sequence[Operation]]:
    """Every order of the answered operations and any of the others."""
    known = [each for each in history if each.is_known]
    unknown = [each for each in history if not each.is_known]
    for count in range(len(unknown) + 1):
        for chosen in combinations(unknown, count):
            yield from permutations([*known, *chosen])


def explains(order: Sequence[Operation]) -> bool:
    """Whether an order respects the times, and the model gives these outcomes in it."""
    in_time = all(each.invoked <= min((after.returned for after in rest), default=inf) for each, rest in tails(order))
    model = HeldUnits(UNITS)
    states: set[Units] = {model.initial()}
    for each in order:
        possible = [pair for state in states for pair in model.apply(state, each.action)]
        states = {after for outcome, after in possible if not each.is_known or outcome == each.outcome}
    return in_time and bool(states)


def tails(order: Sequence[Operation]) -> Iterator[tuple[Operation, Sequence[Operation]]]:
    """Each operation with those after it."""
    for place, each in enumerate(order):
        yield each, order[place + 1 :]
