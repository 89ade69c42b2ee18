"""Waiting for a lock conflict."""

import asyncio

from domains.kernel.database import Tx

BLOCKED = "select count(*) from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"


async def waited_for(tx: Tx) -> None:
    """Return when another transaction waits for a lock of this one."""
    async with asyncio.timeout(5):
        while not await tx.fetch_value(BLOCKED):  # noqa: ASYNC110 - only the server knows
            await asyncio.sleep(0.005)
