"""The system's clock: it can be set for one task without affecting others."""

import asyncio
from datetime import UTC, datetime

from domains.kernel.clock import SystemClock, set_to

THEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


async def test_a_fixed_clock_applies_to_its_own_task_only() -> None:
    times: list[datetime] = []
    is_set, is_read = asyncio.Event(), asyncio.Event()

    async def beside() -> None:
        await is_set.wait()
        times.append(SystemClock().now())
        is_read.set()

    task = asyncio.create_task(beside())
    before = SystemClock().now()
    with set_to(THEN):
        is_set.set()
        await is_read.wait()
        assert SystemClock().now() == THEN
    await task
    assert before <= times[0] <= SystemClock().now()
