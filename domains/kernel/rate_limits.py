"""Rate limits as a leaky bucket (GCRA): a number of units at once, which are restored evenly over a period."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

SECOND: Final = 1_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `units` at once, restored evenly over `period`: 600 a minute are ten a second, and 600 after a pause.

    `interval` is the time in which one unit is restored, `capacity` that in which all are, in microseconds.
    """

    name: str
    units: int
    interval: int
    capacity: int

    @classmethod
    def of(cls, name: str, units: int, period: timedelta) -> "RateLimit":
        """The limit of one or more units in a period of at least a microsecond for each of them."""
        interval = round(period / timedelta(microseconds=1) / units)
        if interval < 1:
            raise ValueError(f"{name} restores more than a unit in a microsecond.")
        return cls(name, units, interval, interval * units)

    def cost_of(self, units: int) -> int:
        """The microseconds in which units are restored. More units than there are count as all of them."""
        return min(units, self.units) * self.interval


class Admission(NamedTuple):
    """Whether a request is admitted, and what is left of the limit.

    `reset` is the number of seconds until all units are restored; `retry_after` is 0 for an admitted request, else
    the number of seconds until it can be admitted. Both are rounded up.
    """

    limit: RateLimit
    remaining: int
    reset: int
    retry_after: int

    @property
    def is_admitted(self) -> bool:
        """Whether the request may proceed."""
        return not self.retry_after

    @classmethod
    def of(cls, limit: RateLimit, used: int, wait: int) -> "Admission":
        """The admission of a request, by the microseconds until all is restored and until it can be admitted."""
        remaining = (limit.capacity - used) // limit.interval
        return cls(limit, remaining, -(-used // SECOND), -(-wait // SECOND) if wait > 0 else 0)


def admit(limit: RateLimit, arrival: int, now: int, units: int = 1) -> tuple[int, Admission]:
    """The admission of a request for some units, and the new theoretical arrival time; all times in microseconds.

    The theoretical arrival time is when all units are restored. A refused request takes nothing. A time that is
    further away than the limit allows (a clock was set back, or the limit was lowered) counts as the nearest one.
    """
    used, cost = min(max(arrival - now, 0), limit.capacity), limit.cost_of(units)
    wait = used + cost - limit.capacity
    if wait > 0:
        return now + used, Admission.of(limit, used, wait)
    return now + used + cost, Admission.of(limit, used + cost, 0)


@dataclass(frozen=True, slots=True)
class Demand:
    """Units of a limit that a request takes, for the client that the key names."""

    key: str
    limit: RateLimit
    units: int = 1


def strictest(admissions: Iterable[Admission]) -> Admission:
    """The refusal with the longest wait, or else the admission with the fewest remaining units."""
    return min(admissions, key=lambda admission: (-admission.retry_after, admission.remaining))
