"""Deletes old rows of the outbox, the inbox and the idempotency keys."""

from typing import Any, Final

BATCH: Final = 5_000
# Events are kept for investigations. Inbox entries are kept for longer than an event can be delivered again.
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


async def delete_delivered(pool: Any) -> None:
    """Delete old events, inbox entries and idempotency keys of all companies, in small batches."""
    for statement in OLD:
        while (await pool.execute(statement, BATCH)) == f"DELETE {BATCH}":
            pass
