"""What must hold over whole tables and no constraint can say: queries for what is wrong, for `commerce doctor`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule, the query that lists what breaks it (over all companies, as the tables' owner), and what to do then."""

    rule: str
    broken: str
    advice: str

    async def breaches(self, connection: Any) -> list[Mapping[str, Any]]:
        """What breaks the rule."""
        return [dict(row) for row in await connection.fetch(self.broken)]


@dataclass(frozen=True, slots=True)
class Inspection:
    """A rule that SQL cannot say: the query of all it is about, what of a row breaks it (or None), and what to do."""

    rule: str
    rows: str
    breach: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
    advice: str

    async def breaches(self, connection: Any) -> list[Mapping[str, Any]]:
        """What breaks the rule, 20 of it at most; rows are read a few at a time."""
        found: list[Mapping[str, Any]] = []
        async with connection.transaction(readonly=True):
            async for row in connection.cursor(self.rows, prefetch=500):
                breach = self.breach(row)
                if breach is not None:
                    found.append(breach)
                if len(found) == MOST_TOLD:
                    break
        return found


Rule: TypeAlias = Invariant | Inspection
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
