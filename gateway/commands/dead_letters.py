"""`commerce dead-letters`: lists or replays the events whose handlers failed at every attempt."""

import asyncio
import sys

from gateway.commands.databases import database_url
from gateway.infra.postgres import connected
from gateway.settings import Settings

LIST = """
select id, topic, company_id, dead_at, attempts, last_error from outbox_events
where dead_at is not null order by dead_at limit 1000
"""
REPLAY = """
update outbox_events set dead_at = null, attempts = 0, next_attempt_at = now() where dead_at is not null
"""


def run(settings: Settings, *, replay: bool) -> None:
    """List or replay dead letters; a running server or worker delivers replayed events within seconds."""
    with database_url(settings) as url:
        for line in asyncio.run(replay_dead(url) if replay else list_dead(url)):
            sys.stdout.write(f"{line}\n")


async def list_dead(url: str) -> list[str]:
    """A line for each dead letter, and a line with their number."""
    async with connected(url) as connection:
        rows = await connection.fetch(LIST)
    lines = [f"{row['dead_at']:%Y-%m-%d %H:%M}  {row['topic']}  {row['id']}  {row['last_error']}" for row in rows]
    return [
        *lines,
        f"Dead letters: {len(rows)}. `--replay` delivers them again." if rows else "There are no dead letters.",
    ]


async def replay_dead(url: str) -> list[str]:
    """Schedule every dead letter for new attempts; return a line with their number."""
    async with connected(url) as connection:
        status: str = await connection.execute(REPLAY)
    return [f"Events scheduled again: {status.rpartition(' ')[2]}."]
