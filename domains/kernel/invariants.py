"""Invariants over whole tables that no constraint can express; `commerce doctor` checks them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule, the query that lists its violations in all companies as the tables' owner, and the remedy."""

    rule: str
    broken: str
    advice: str

    async def breaches(self, connection: Any) -> list[Mapping[str, Any]]:
        """The violations of the rule."""
        return [dict(row) for row in await connection.fetch(self.broken)]


@dataclass(frozen=True, slots=True)
class Inspection:
    """A rule that SQL cannot express: the query of the rows, the check of one row, and the remedy."""

    rule: str
    rows: str
    breach: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
    advice: str

    async def breaches(self, connection: Any) -> list[Mapping[str, Any]]:
        """The first 20 violations of the rule; rows are read in batches."""
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
        "Every event was handled",
        "select topic, id, last_error from outbox_events where dead_at is not null order by dead_at limit 20",
        "Fix the cause that last_error names, then run `commerce dead-letters --replay`.",
    ),
    Invariant(
        "No event is pending for more than 15 minutes",
        "select topic, id, created_at from outbox_events where published_at is null and dead_at is null "
        "and created_at < now() - interval '15 minutes' order by sequence limit 20",
        "Start a server or a worker (`commerce serve`, `commerce worker`). If one is running, its log has the cause.",
    ),
)
