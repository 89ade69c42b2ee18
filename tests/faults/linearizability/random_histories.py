"""Random histories of held units: sequential runs whose operations are stretched until they overlap."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hypothesis import strategies as st

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
)
from tests.faults.linearizability.history import Action, Operation, Outcome

UNITS: Final = 3
CLIENTS: Final = ("a", "b", "c")
STRETCH = st.sampled_from([0.0, 0.4, 1.4, 3.4])


@dataclass(frozen=True, slots=True)
class Run:
    """A sequential run of the model as a history that overlaps, and how it ended."""

    history: list[Operation]
    level: Level


@st.composite
def runs(draw: Callable[[Any], Any], most: int = 12, *, unanswered: bool = True) -> Run:
    """A run in which each operation takes effect at a whole second within its times, or, unanswered, never."""
    model = HeldUnits(UNITS)
    state = model.initial()
    history: list[Operation] = []
    for second in range(draw(st.integers(1, most))):
        action = draw(_actions([each.order for each in state.orders], second))
        client, invoked = draw(st.sampled_from(CLIENTS)), second - draw(STRETCH)
        is_answered = not unanswered or draw(st.integers(0, 4)) > 0
        if not is_answered and draw(st.booleans()):
            history.append(Operation.unanswered(client, action, invoked))
            continue
        outcome, state = draw(st.sampled_from(list(model.apply(state, action))))
        operation = Operation(client, action, outcome, invoked, second + draw(STRETCH))
        history.append(operation if is_answered else Operation.unanswered(client, action, invoked))
    ((outcome, _),) = model.apply(state, Read())
    assert isinstance(outcome, Level)
    return Run(draw(st.permutations(history)), outcome)


@st.composite
def changed(draw: Callable[[Any], Any], history: Sequence[Operation]) -> list[Operation]:
    """The history with the outcome of one operation, or its times, changed; it may still be linearizable."""
    place = draw(st.integers(0, len(history) - 1))
    each, others = history[place], [*history[:place], *history[place + 1 :]]
    if each.is_known and draw(st.booleans()):
        return [*others, replace(each, outcome=draw(_outcomes(each.action)))]
    later = draw(st.sampled_from([-5.0, -2.0, -1.0, 1.0, 2.0, 5.0]))
    return [*others, replace(each, invoked=each.invoked + later, returned=each.returned + later)]


def _actions(orders: Sequence[str], second: int) -> st.SearchStrategy[Action]:
    """An action; orders are named by the second in which they were created."""
    new: list[st.SearchStrategy[Action]] = [
        st.builds(Take, st.just(f"order {second}"), st.integers(1, 2)),
        st.just(Read()),
        st.builds(Restock, st.sampled_from([-2, -1, 1, 2])),
    ]
    if not orders:
        return st.one_of(new)
    order = st.sampled_from(sorted(orders))
    return st.one_of(*new, st.builds(Alter, st.sampled_from(Change), order), st.builds(ReadOrder, order))


def _outcomes(action: Action) -> st.SearchStrategy[Outcome]:
    match action:
        case Take():
            return st.one_of(st.just(TAKEN), st.builds(Short, st.integers(0, UNITS)))
        case Restock():
            return st.sampled_from([DONE, REFUSED])
        case Read():
            return st.builds(Level, st.integers(0, UNITS), st.integers(0, UNITS))
    return st.sampled_from([*Phase, REFUSED])
