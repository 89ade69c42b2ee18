"""The event stream while Redis is killed, frozen and emptied: subscribers get every commit, or are told of a gap."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from domains.catalog.events import ProductUpdated
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from gateway.infra.live import redis_stream
from gateway.infra.live.redis_stream import RedisStream
from gateway.infra.postgres import RELAY_ROLE, opened_pool
from gateway.live import feed as feeds
from gateway.live import hub as hubs
from gateway.live.channels import Channel, Channels
from gateway.live.feed import Feed
from gateway.live.hub import Hub, Missed
from gateway.messaging.wake import Wake
from tests.conditions import wait_until
from tests.faults.servers import RedisServer, folder_of, running

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
CHANNELS = Channels([Channel("product", {ProductUpdated: None})])
DECLARED = {ProductUpdated.topic: ProductUpdated}


@pytest.fixture
async def redis() -> AsyncIterator[RedisServer]:
    """A Redis of this test that writes its data to the disk once a second."""
    with folder_of(None) as folder:
        server = RedisServer.installed(folder, "--appendonly", "yes", "--appendfsync", "everysec")
        async with running(server):
            yield server


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, seconds in (
        (redis_stream, "TIMEOUT", 0.5),
        (redis_stream, "READ_TIMEOUT", 1.5),
        (hubs, "WAIT_SECONDS", 0.5),
        (hubs, "MAX_PAUSE", 0.2),
        (feeds, "POLL_SECONDS", 0.1),
    ):
        monkeypatch.setattr(module, name, seconds)


class Subscriber:
    """What a subscription of a company's products has received: numbers of commits, None where some were missed."""

    def __init__(self) -> None:
        self.received: list[int | None] = []

    async def follow(self, hub: Hub, company: UUID) -> None:
        async with hub.subscribe(Channel("product", {}).room(company)) as subscription:
            async for item in subscription:
                self.received.append(None if isinstance(item, Missed) else int(item.payload["fields"][0]))

    def require_covered(self, last: int) -> None:
        """Require each commit once, in order, but for those before a notice, which stands for what is missing."""
        expected = 0
        for each in self.received:
            if each is None:
                expected = -1
            elif expected == -1:
                expected = each + 1
            else:
                assert each <= expected, f"{expected} is missing in {self.received}"
                expected = max(expected, each + 1)
        assert expected in {-1, last + 1}, self.received


class Shop:
    """Commits numbered events, which two processes feed and two hubs read."""

    def __init__(self, database: Database, actor: Actor) -> None:
        self._database = database
        self._actor = actor
        self.product = new_id()
        self.last = -1

    async def commit(self, count: int) -> None:
        for _ in range(count):
            self.last += 1
            async with self._database.transaction(self._actor) as tx:
                tx.emit(ProductUpdated(product_id=self.product, fields=[str(self.last)]))


@asynccontextmanager
async def followed(url: str, admin_url: str, company: UUID) -> AsyncIterator[list[Subscriber]]:
    """Two subscribers, each at a hub of its own, while two feeds run."""
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(opened_pool(admin_url, role=RELAY_ROLE, size=4))
        tasks: list[asyncio.Task[Any]] = []
        subscribers: list[Subscriber] = []
        for _ in range(2):
            stream = await stack.enter_async_context(RedisStream.connected(url, "faults:"))
            feed, hub = Feed(pool, stream, DECLARED, CHANNELS.topics, Wake()), Hub(stream, CHANNELS)
            await feed.feed()
            await hub.read()
            subscribers.append(Subscriber())
            works = (feed.run(), hub.run(), subscribers[-1].follow(hub, company))
            tasks += [asyncio.create_task(work) for work in works]
        stack.push_async_callback(_cancelled, tasks)
        yield subscribers


async def _cancelled(tasks: list["asyncio.Task[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def killed(redis: RedisServer, shop: Shop) -> None:
    """Redis loses what it has not written to the disk yet."""
    redis.kill()
    await shop.commit(10)
    await redis.start()


async def frozen(redis: RedisServer, shop: Shop) -> None:
    redis.freeze()
    await shop.commit(10)
    await asyncio.sleep(1)  # longer than a command waits
    redis.thaw()


async def emptied(redis: RedisServer, shop: Shop) -> None:
    async with Redis.from_url(redis.url) as client:
        await client.flushall()
        await shop.commit(10)
        await wait_until(lambda: _is_begun(client))


async def _is_begun(client: Any) -> bool:
    return bool(await client.exists("faults:{live}:state"))


@pytest.mark.parametrize("fault", [killed, frozen, emptied])
async def test_a_subscriber_gets_every_commit_or_is_told_of_missed_ones(
    fault: Any, redis: RedisServer, admin_url: str, database: Database, actor: Actor, company: UUID
) -> None:
    shop = Shop(database, actor)
    async with followed(redis.url, admin_url, company) as subscribers:
        for _ in range(3):
            await shop.commit(10)
            await wait_until(lambda: all(bool(each.received) for each in subscribers))
            await fault(redis, shop)
        await shop.commit(5)
        await wait_until(lambda: all(each.received[-1] == shop.last for each in subscribers), 30)
        for each in subscribers:
            each.require_covered(shop.last)
            assert fault is emptied or None not in each.received
