"""What is wired together, and how it says that it works."""

import asyncio
from contextlib import AsyncExitStack

from gateway.bootstrap import wired
from gateway.settings import Settings


async def test_the_sign_of_life_does_not_wait_behind_requests(admin_url: str) -> None:
    async with wired(Settings(database_pool_size=2), admin_url) as platform, AsyncExitStack() as requests:
        for _ in range(2):
            await requests.enter_async_context(platform.pool.acquire())
        assert platform.pool.get_idle_size() == 0
        async with asyncio.timeout(2):
            await platform.check_database()
