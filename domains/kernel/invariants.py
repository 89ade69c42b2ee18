"""Invariants over whole tables that no constraint can express; `commerce doctor` checks them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

VIOLATION_LIMIT: Final = 20


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule, the query that lists its violations in all companies as the tables' owner, and the remedy."""

    rule: str
    query: str
    remedy: str

    async def violations(self, connection: Any) -> list[Mapping[str, Any]]:
        """The violations of the rule."""
        return [dict(row) for row in await connection.fetch(self.query)]


@dataclass(frozen=True, slots=True)
class RowInvariant:
    """A rule that SQL cannot express: the query of the rows, the check of one row, and the remedy."""

    rule: str
    query: str
    find_violation: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
    remedy: str

    async def violations(self, connection: Any) -> list[Mapping[str, Any]]:
        """The first 20 violations of the rule; rows are read in batches."""
        violations: list[Mapping[str, Any]] = []
        async with connection.transaction(readonly=True):
            async for row in connection.cursor(self.query, prefetch=500):
                violation = self.find_violation(row)
                if violation is not None:
                    violations.append(violation)
                if len(violations) == VIOLATION_LIMIT:
                    break
        return violations


AnyInvariant: TypeAlias = Invariant | RowInvariant
INVARIANTS: Final = (
    Invariant(
        "Every event was handled",
        "select topic, id, last_error from outbox_events where dead_at is not null order by dead_at limit 20",
        "Fix the cause that last_error names, then run `commerce events dead-letters --replay`.",
    ),
    Invariant(
        "No event is pending for more than 15 minutes",
        "select topic, id, created_at from outbox_events where published_at is null and dead_at is null "
        "and created_at < now() - interval '15 minutes' order by sequence limit 20",
        "Start a server or a worker (`commerce serve`, `commerce worker`). If one is running, its log has the cause.",
    ),
)
