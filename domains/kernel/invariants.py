"""What must hold over whole tables and no constraint can say: queries for what is wrong, for `commerce doctor`."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule, the query that lists what breaks it (over all companies, as the tables' owner), and what to do then."""

    rule: str
    broken: str
    advice: str


INVARIANTS: Final = (
    Invariant(
        "Every event was taken in",
        "select topic, id, last_error from outbox_events where dead_at is not null order by dead_at limit 20",
        "Mend what last_error says, then run `commerce dead-letters --replay`.",
    ),
    Invariant(
        "No event waits for long",
        "select topic, id, created_at from outbox_events where published_at is null and dead_at is null "
        "and created_at < now() - interval '15 minutes' order by sequence limit 20",
        "Is a server or a worker running (`commerce serve`, `commerce worker`)? Its log says what holds events up.",
    ),
)
