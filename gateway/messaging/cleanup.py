"""Clearing away what nobody asks for again: events long published, the inbox's memory of them, expired keys."""

from typing import Any, Final

BATCH: Final = 5_000
# An event is kept long enough to look into what happened; the inbox remembers longer than any event may come back.
OLD: Final = (
    (
        "delete from outbox_events where ctid = any(array("
        "select ctid from outbox_events where published_at < now() - interval '14 days' limit $1))"
    ),
    (
        "delete from inbox_entries where ctid = any(array("
        "select ctid from inbox_entries where processed_at < now() - interval '30 days' limit $1))"
    ),
    (
        "delete from idempotency_keys where ctid = any(array("
        "select ctid from idempotency_keys where expires_at < now() limit $1))"
    ),
)


async def tidy(pool: Any) -> None:
    """Delete old events, inbox entries and idempotency keys of all companies, in batches that hold nobody up."""
    for statement in OLD:
        while (await pool.execute(statement, BATCH)) == f"DELETE {BATCH}":
            pass
