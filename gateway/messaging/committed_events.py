"""Reads the events of the outbox that were committed since a snapshot of the database, by any process."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import asyncpg

SNAPSHOT: Final = "select pg_current_snapshot()::text"
# Sequences are not in the order of commits. A transaction that an earlier snapshot did not show has ended since when
# this statement's snapshot shows it, whenever it began. Events of a restored dump may have ids of another server that
# are not reached yet. The rows are sorted afterwards: for a sorted limit, the planner could scan the whole outbox.
COMMITTED: Final = """
select pg_current_snapshot()::text as snapshot, event.*
from (select) as always left join lateral (
    select transaction_id::text::bigint as transaction, sequence, topic, version, company_id, aggregate_id,
      created_at, payload
    from outbox_events
    where transaction_id >= pg_snapshot_xmin($1::text::pg_snapshot)
      and not pg_visible_in_snapshot(transaction_id, $1::text::pg_snapshot)
      and transaction_id < pg_snapshot_xmax(pg_current_snapshot()) and topic = any($2)
    limit $3
) as event on true
"""


@dataclass(frozen=True, slots=True)
class Committed:
    """The events between two snapshots in the order of their sequences, which of one aggregate is that of commits.

    None when there are too many, or when they are not known: without an earlier snapshot, or with one of another
    server or of a later state. `snapshot` is where the next reading goes on.
    """

    snapshot: str
    events: Sequence[asyncpg.Record] | None


async def committed_since(
    pool: "asyncpg.Pool[asyncpg.Record]", snapshot: str | None, topics: Sequence[str], most: int
) -> Committed:
    """The events of some topics since a snapshot, if there are at most `most`."""
    if snapshot is None:
        return Committed(await pool.fetchval(SNAPSHOT), None)
    try:
        rows = await pool.fetch(COMMITTED, snapshot, topics, most + 1)
    except asyncpg.DataError:  # no snapshot of PostgreSQL
        return Committed(await pool.fetchval(SNAPSHOT), None)
    now: str = rows[0]["snapshot"]
    if len(rows) > most or bounds(now) < bounds(snapshot):
        return Committed(now, None)
    events = [row for row in rows if row["transaction"] is not None]
    return Committed(now, sorted(events, key=itemgetter("sequence")))


def bounds(snapshot: str) -> tuple[int, int]:
    """The lowest transaction that ran at a snapshot, and the first one that had no id yet (`xmin:xmax:xip`)."""
    lowest, ceiling, _ = snapshot.split(":")
    return int(lowest), int(ceiling)
