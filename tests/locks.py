"""Waiting for a lock conflict."""

import asyncio

from domains.kernel.database import Tx

BLOCKED = """
with recursive waiting as (
  select pid from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))
  union select l.pid from waiting w join pg_locks l on not l.granted and w.pid = any(pg_blocking_pids(l.pid))
) select count(*) from waiting
"""


async def waited_for(tx: Tx, transactions: int = 1) -> None:
    """Return when so many other transactions wait for a lock of this one, or in the queue behind those that do."""
    async with asyncio.timeout(5):
        while await tx.fetch_value(BLOCKED) < transactions:  # noqa: ASYNC110 - only the server knows
            await asyncio.sleep(0.005)
