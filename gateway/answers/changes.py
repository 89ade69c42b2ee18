"""The changes that this process knows of: which tags they touch, so that no answer from before them is stored."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

KEPT_SECONDS: Final = 120.0  # longer than any answer is loaded or stored in Redis
MAX_TAGS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Mark:
    """The moment at which the loading of an answer begins.

    All transactions with an id below `horizon` had ended, and their changes are visible to what is read from now on.
    """

    sequence: int
    horizon: int


@dataclass(slots=True)
class _Generation:
    """The latest change of each tag within some time: its sequence in this process, and its transaction.

    It has all changes of transactions with an id of `ceiling` or above, until the next generation.
    """

    began: float
    sequence: int
    ceiling: int
    sequences: dict[str, int] = field(default_factory=dict)
    transactions: dict[str, int] = field(default_factory=dict)


class Changes:
    """The tags that were changed lately.

    A commit of this process is known at once (`committed`), and its transaction, like those of other processes, when
    the outbox is read (`read`). Changes are forgotten after two to four minutes; what is older than them is not
    fresh.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._sequence = 0
        self._horizon = 0
        self._unread: dict[str, int] = {}
        self._earlier = self._later = _Generation(monotonic(), 0, 0)

    def mark(self) -> Mark:
        """The present moment."""
        return Mark(self._sequence, self._horizon)

    def started(self, horizon: int, ceiling: int) -> None:
        """Begin at a snapshot of the database: its lowest running transaction, and the first one that has no id yet.

        What is older may have changed without notice.
        """
        self._sequence += 1
        self._horizon = horizon
        self._earlier = self._later = self._generation(ceiling)

    def committed(self, tags: Iterable[str]) -> None:
        """Record a commit of this process, whose transaction is not known yet."""
        self._sequence += 1
        for tag in tags:
            self._later.sequences[tag] = self._unread[tag] = self._sequence

    def read(self, transactions: Mapping[int, Collection[str]], horizon: int, ceiling: int, *, began: Mark) -> None:
        """Record the transactions that have ended since the last snapshot; the reading began at a mark."""
        self._sequence += bool(transactions)
        for transaction, tags in transactions.items():
            for tag in tags:
                self._later.sequences[tag] = self._sequence
                self._later.transactions[tag] = max(transaction, self._later.transactions.get(tag, 0))
        self._unread = {tag: at for tag, at in self._unread.items() if at > began.sequence}
        self._horizon = horizon
        if self._monotonic() - self._later.began > KEPT_SECONDS or len(self._later.sequences) > MAX_TAGS:
            self._earlier, self._later = self._later, self._generation(ceiling)

    def are_unchanged(self, tags: Collection[str], since: Mark) -> bool:
        """Whether none of these tags has changed since an answer was begun to be loaded by this process."""
        if since.sequence < self._earlier.sequence:
            return False
        generations = (self._earlier, self._later)
        return all(each.sequences.get(tag, 0) <= since.sequence for each in generations for tag in tags)

    def are_shown(self, tags: Collection[str], horizon: int) -> bool:
        """Whether an answer that another process has loaded at this horizon shows all changes of these tags."""
        if horizon < self._earlier.ceiling or not self._unread.keys().isdisjoint(tags):
            return False
        generations = (self._earlier, self._later)
        return all(each.transactions.get(tag, 0) < horizon for each in generations for tag in tags)

    def _generation(self, ceiling: int) -> _Generation:
        return _Generation(self._monotonic(), self._sequence, ceiling)
