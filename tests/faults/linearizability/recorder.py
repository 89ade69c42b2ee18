"""The recorder: the histories of one run, by object."""

import time
from collections import defaultdict
from collections.abc import Callable

from tests.faults.linearizability.history import Action, Operation, Outcome


class Recorder:
    """Records operations as their one driver sees them; an operation may touch several objects."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._start = now()
        self.histories: dict[str, list[Operation]] = defaultdict(list)

    def now(self) -> float:
        """Seconds since the run began; read it before the request of an operation is sent."""
        return self._now() - self._start

    def answered(self, name: str, client: str, action: Action, outcome: Outcome, *, invoked: float) -> None:
        """Record an operation on the object of this name that returns now."""
        self.histories[name].append(Operation(client, action, outcome, invoked, self.now()))

    def unanswered(self, name: str, client: str, action: Action, *, invoked: float) -> None:
        """Record an operation that may take effect later, or never."""
        self.histories[name].append(Operation.unanswered(client, action, invoked))
