"""The checker on histories of a register, whose behaviour needs no explanation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest

from tests.faults.linearizability import checker
from tests.faults.linearizability.checker import HistoryTooLarge, NotLinearizable, linearize
from tests.faults.linearizability.history import Action, Operation, Outcome


@dataclass(frozen=True, slots=True)
class Write:
    value: int


READ = "read"


class Register:
    """One number, at first 0."""

    def initial(self) -> int:
        return 0

    def apply(self, state: int, action: Action) -> Iterable[tuple[Outcome, int]]:
        return [("ok", action.value)] if isinstance(action, Write) else [(state, state)]


def write(value: int, invoked: float, returned: float) -> Operation:
    return Operation("a", Write(value), "ok", invoked, returned)


def read(value: int, invoked: float, returned: float) -> Operation:
    return Operation("b", READ, value, invoked, returned)


def lost(value: int, invoked: float) -> Operation:
    return Operation.unanswered("c", Write(value), invoked)


ACCEPTED: dict[str, Sequence[Operation]] = {
    "nothing happened": [],
    "one after the other": [write(1, 0, 1), read(1, 2, 3)],
    "a read during a write sees the value before": [write(1, 0, 3), read(0, 1, 2)],
    "a read during a write sees the value after": [write(1, 0, 3), read(1, 1, 2)],
    "two reads during a write see both": [write(1, 0, 9), read(0, 1, 2), read(1, 3, 4)],
    "overlapping writes in either order": [write(1, 0, 3), write(2, 0, 3), read(1, 4, 5)],
    "an operation that returns as another is invoked overlaps it": [write(1, 0, 1), read(0, 1, 2)],
    "an unanswered write took effect": [lost(1, 0), read(1, 1, 2)],
    "an unanswered write never took effect": [lost(1, 0), read(0, 1, 2)],
    "an unanswered write took effect late": [lost(1, 0), read(0, 1, 2), read(1, 3, 4)],
    "two unanswered writes took effect in turn": [lost(1, 0), lost(2, 0), read(2, 1, 2), read(1, 3, 4)],
    "only unanswered writes": [lost(1, 0), lost(2, 1)],
}
REJECTED: dict[str, Sequence[Operation]] = {
    "a stale read": [write(1, 0, 1), read(0, 2, 3)],
    "a value that was never written": [write(1, 0, 1), read(2, 2, 3)],
    "a value from the future": [read(1, 0, 1), write(1, 2, 3)],
    "reads during a write go back in time": [write(1, 0, 9), read(1, 1, 2), read(0, 3, 4)],
    "an unanswered write before its invocation": [read(1, 0, 1), lost(1, 2)],
    "an unanswered write takes effect once": [
        lost(1, 0),
        read(1, 1, 2),
        write(2, 3, 4),
        read(2, 5, 6),
        read(1, 7, 8),
    ],
    "overlapping writes that two readers see in opposite order": [
        write(1, 0, 9),
        write(2, 0, 9),
        read(1, 1, 2),
        read(2, 3, 4),
        read(1, 5, 6),
    ],
}


@pytest.mark.parametrize("history", ACCEPTED.values(), ids=ACCEPTED)
def test_linearizable_histories_are_accepted(history: Sequence[Operation]) -> None:
    order = linearize(Register(), history)
    assert [each for each in history if each.is_known and each not in order] == []


@pytest.mark.parametrize("history", REJECTED.values(), ids=REJECTED)
def test_other_histories_are_rejected(history: Sequence[Operation]) -> None:
    with pytest.raises(NotLinearizable):
        linearize(Register(), history)


def test_the_order_explains_the_outcomes() -> None:
    first, second, seen = write(1, 0, 9), write(2, 0, 9), read(1, 10, 11)
    assert linearize(Register(), [first, second, seen]) == [second, first, seen]


def test_a_rejection_shows_the_history_and_the_longest_order() -> None:
    with pytest.raises(NotLinearizable) as rejected:
        linearize(Register(), [write(1, 0, 1), read(0, 2, 3)])
    shown = str(rejected.value).splitlines()
    assert shown[1:] == [
        "    0.000     1.000  a          Write(value=1) -> ok",
        "    2.000     3.000  b          read -> 0",
        "The longest order that explains its own outcomes:",
        "    0.000     1.000  a          Write(value=1) -> ok",
    ]


def test_a_search_that_is_too_large_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "MOST_STEPS", 100)
    history = [write(number, 0, 50) for number in range(10)]
    with pytest.raises(HistoryTooLarge):
        linearize(Register(), [*history, read(99, 60, 61)])
