"""The checker: whether a history of one object has a sequential order that explains every answer.

The search is that of Wing and Gong (1993) with the memoisation of Lowe (2017): operations are put in order one by
one, and a set of ordered operations is tried once with each state of the object.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Final, Protocol, TypeVar

from tests.faults.linearizability.history import Action, Operation, Outcome

State = TypeVar("State", bound=Hashable)
MOST_STEPS: Final = 2_000_000


class Model(Protocol[State]):
    """The sequential behaviour of an object."""

    def initial(self) -> State:
        """The state before the first operation."""
        ...

    def apply(self, state: State, action: Action) -> Iterable[tuple[Outcome, State]]:
        """The possible outcomes of an action in a state, each with the state after it."""
        ...


class NotLinearizable(AssertionError):
    """No sequential order explains the history; the message shows the history and the longest order found."""

    def __init__(self, history: Sequence[Operation], longest: Sequence[Operation]) -> None:
        lines = ["No sequential order of these operations explains their outcomes:"]
        lines += [str(each) for each in sorted(history, key=lambda each: each.invoked)]
        lines += ["The longest order that explains its own outcomes:", *map(str, longest)]
        super().__init__("\n".join(lines))


class HistoryTooLarge(Exception):
    """The search took too many steps to decide; record smaller histories."""


def linearize(model: Model[State], history: Sequence[Operation]) -> list[Operation]:
    """The operations that took effect, in an order that explains every outcome and respects the times.

    An operation that returned before another was invoked comes before it. Operations with an unknown outcome may be
    left out. Raises NotLinearizable, HistoryTooLarge.
    """
    return _Search(model, history).run()


class _Search:
    def __init__(self, model: Model[State], history: Sequence[Operation]) -> None:
        self._model: Model[Hashable] = model  # type: ignore[assignment]
        # Answered operations first: one without an answer is only tried when the answers do not fit without it.
        self._operations = sorted(history, key=lambda each: each.returned)
        self._known = sum(1 << place for place, each in enumerate(self._operations) if each.is_known)
        self._seen: set[tuple[int, Hashable]] = set()
        self._longest: list[int] = []

    def run(self) -> list[Operation]:
        """Depth first; `path` are the operations in order, `branches` what is left to try after each of them."""
        path: list[int] = []
        branches = [iter(self._next(0, self._model.initial()))]
        done = 0
        while done & self._known != self._known:
            step = next(branches[-1], None)
            if step is None:
                branches.pop()
                if not path:
                    raise NotLinearizable(self._operations, self._named(self._longest))
                done ^= 1 << path.pop()
                continue
            place, state = step
            if (done | 1 << place, state) in self._seen:
                continue
            self._remember(done | 1 << place, state)
            path.append(place)
            done |= 1 << place
            branches.append(iter(self._next(done, state)))
            if len(path) > len(self._longest):
                self._longest = list(path)
        return self._named(path)

    def _next(self, done: int, state: Hashable) -> Iterable[tuple[int, Hashable]]:
        """The operations that can come next, each with the state after it."""
        left = [(place, each) for place, each in enumerate(self._operations) if not done >> place & 1]
        first_return = min(each.returned for _, each in left)
        for place, each in left:
            if each.invoked > first_return:
                continue
            for outcome, after in self._model.apply(state, each.action):
                if outcome == each.outcome or (not each.is_known and after != state):
                    yield place, after

    def _remember(self, done: int, state: Hashable) -> None:
        self._seen.add((done, state))
        if len(self._seen) > MOST_STEPS:
            raise HistoryTooLarge(f"{len(self._operations)} operations took more than {MOST_STEPS} steps.")

    def _named(self, places: Sequence[int]) -> list[Operation]:
        return [self._operations[place] for place in places]
