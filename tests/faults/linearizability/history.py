"""Histories: the operations that clients invoked on one object, with their times and outcomes."""

from collections.abc import Hashable
from dataclasses import dataclass
from math import inf
from typing import Final, final


@final
class Unknown:
    """The outcome of an operation whose client got no answer."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()
# What an operation asks for, and what it is answered; a model says which belong together.
Action = Hashable
Outcome = Hashable


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on one object; times are seconds on one monotonic clock.

    An operation with an UNKNOWN outcome may take effect at any time after its invocation, or never; it has no time
    of return.
    """

    client: str
    action: Action
    outcome: Outcome
    invoked: float
    returned: float

    @classmethod
    def unanswered(cls, client: str, action: Action, invoked: float) -> "Operation":
        """An operation whose client got no answer."""
        return cls(client, action, UNKNOWN, invoked, inf)

    @property
    def is_known(self) -> bool:
        """Whether the client got an answer."""
        return self.outcome is not UNKNOWN

    def __str__(self) -> str:
        returned = f"{self.returned:9.3f}" if self.is_known else "        -"
        return f"{self.invoked:9.3f} {returned}  {self.client:<10} {self.action} -> {self.outcome}"
