"""The assembled platform and its readiness check."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from gateway.bootstrap import build_jobs, wired
from gateway.messaging.processes import OTHER_RELAY_CONNECTIONS
from gateway.settings import Settings


async def test_the_readiness_check_does_not_wait_for_relay_and_jobs(admin_url: str, tmp_path: Path) -> None:
    """The job that deletes delivered events locks on one connection and deletes on another."""
    settings = Settings(commerce_home=tmp_path)
    async with wired(settings, admin_url) as platform, AsyncExitStack() as work:
        jobs = build_jobs(platform.database, platform.services)
        async with asyncio.timeout(5):
            for _ in range(len(jobs) + OTHER_RELAY_CONNECTIONS - 1):
                await work.enter_async_context(platform.relay_pool.acquire())
            await platform.check_database()
        assert platform.relay_pool.get_size() == len(jobs) + OTHER_RELAY_CONNECTIONS


async def test_the_readiness_check_does_not_wait_for_requests(admin_url: str) -> None:
    async with wired(Settings(database_pool_size=2), admin_url) as platform, AsyncExitStack() as requests:
        for _ in range(2):
            await requests.enter_async_context(platform.pool.acquire())
        assert platform.pool.get_idle_size() == 0
        async with asyncio.timeout(2):
            await platform.check_database()
