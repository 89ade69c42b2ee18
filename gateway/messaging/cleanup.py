"""Deletes old rows of the outbox, the inbox and the idempotency keys."""

from datetime import timedelta
from typing import Final

import asyncpg

from domains.kernel.clock import Clock

BATCH_SIZE: Final = 5_000
# Events are kept for investigations, and inbox entries for longer than an event can be delivered again.
DELETE_STATEMENTS: Final = (
    (
        timedelta(days=14),
        (
            "delete from outbox_events where ctid = any(array("
            "select ctid from outbox_events where published_at < $1 limit $2))"
        ),
    ),
    (
        timedelta(days=30),
        (
            "delete from inbox_entries where ctid = any(array("
            "select ctid from inbox_entries where processed_at < $1 limit $2))"
        ),
    ),
    (
        timedelta(0),
        (
            "delete from idempotency_keys where ctid = any(array("
            "select ctid from idempotency_keys where expires_at < $1 limit $2))"
        ),
    ),
)


async def delete_delivered(pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> None:
    """Delete old events, inbox entries and idempotency keys of all companies, in small batches."""
    for age, statement in DELETE_STATEMENTS:
        while (await pool.execute(statement, clock.now() - age, BATCH_SIZE)) == f"DELETE {BATCH_SIZE}":
            pass
