"""The assembled platform and its readiness check."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from domains.cart.events import CartChanged
from domains.catalog.events import ProductUpdated
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from gateway.bootstrap import running, wired
from gateway.graphql.catalog.subscriptions import PRODUCTS
from gateway.live.hub import Missed
from gateway.live.presence_store import PresenceRoom
from gateway.live.stream import START
from gateway.messaging.processes import RELAY_POOL_SIZE, Process
from gateway.settings import Settings
from tests.conditions import wait_until
from tests.redis_keys import namespace


async def test_the_readiness_check_does_not_wait_for_relay_and_jobs(admin_url: str, tmp_path: Path) -> None:
    """The job that deletes delivered events locks on one connection and deletes on another."""
    settings = Settings(commerce_home=tmp_path)
    async with wired(settings, admin_url) as platform, AsyncExitStack() as work:
        async with asyncio.timeout(5):
            for _ in range(RELAY_POOL_SIZE - 1):
                await work.enter_async_context(platform.relay_pool.acquire())
            await platform.check_database()
        assert platform.relay_pool.get_size() == RELAY_POOL_SIZE


async def test_the_readiness_check_does_not_wait_for_requests(admin_url: str) -> None:
    async with wired(Settings(database_pool_size=2), admin_url) as platform, AsyncExitStack() as requests:
        for _ in range(2):
            await requests.enter_async_context(platform.pool.acquire())
        assert platform.pool.get_idle_size() == 0
        async with asyncio.timeout(2):
            await platform.check_database()


@pytest.mark.parametrize(("is_relay", "broker_url"), [(True, None), (False, None), (True, "amqp://nowhere.invalid/")])
async def test_only_a_process_that_delivers_without_a_broker_stores_events_without_a_handler_as_published(
    admin_url: str, owner: Any, actor: Actor, is_relay: bool, broker_url: str | None
) -> None:
    cart_id, product_id = new_id(), new_id()
    settings = Settings(rabbitmq_url=SecretStr(broker_url) if broker_url else None)
    async with wired(settings, admin_url, is_relay=is_relay) as platform, platform.database.transaction(actor) as tx:
        tx.emit(CartChanged(cart_id=cart_id, user_id=None))
        tx.emit(ProductUpdated(product_id=product_id, fields=["name"]))
    sql = "select published_at is null from outbox_events where aggregate_id = any($1) order by sequence"
    waits = [row[0] for row in await owner.fetch(sql, [cart_id, product_id])]
    assert waits == [not is_relay or broker_url is not None, True]


async def works(url: str, process: Process, **settings: Any) -> set[str]:
    """The background work of a process that gives events to subscriptions."""
    async with wired(Settings(**settings), url, process) as platform:
        return {"feed", "hub", "presence"} & platform.background._work.keys()


async def test_without_redis_only_servers_feed_an_event_stream(admin_url: str) -> None:
    assert await works(admin_url, Process.SERVER) == {"feed", "hub", "presence"}
    assert await works(admin_url, Process.WORKER) == set()


@pytest.mark.redis
async def test_with_redis_workers_feed_the_event_stream_too(admin_url: str, redis_url: str) -> None:
    assert await works(admin_url, Process.SERVER, redis_url=redis_url) == {"feed", "hub", "presence"}
    assert await works(admin_url, Process.WORKER, redis_url=redis_url) == {"feed"}


async def test_a_commit_reaches_the_subscriptions_of_its_process(
    admin_url: str, tmp_path: Path, actor: Actor, company: UUID
) -> None:
    product = new_id()
    async with (
        running(Settings(commerce_home=tmp_path), admin_url) as platform,
        platform.live.hub.subscribe(PRODUCTS.room(company, product)) as subscription,
    ):
        await wait_until(lambda: platform.live.hub.position() != START)
        async with platform.database.transaction(actor) as tx:
            tx.emit(ProductUpdated(product_id=product, fields=["name"]))
        while isinstance(event := await anext(subscription), Missed):
            pass  # the stream of a new process begins after its first subscription
    assert (event.topic, event.payload["product_id"]) == ("product.updated", str(product))


@pytest.mark.parametrize("is_shared", [False, pytest.param(True, marks=pytest.mark.redis)])
async def test_a_member_is_told_who_is_present_and_leaves_as_the_process_ends(
    admin_url: str, tmp_path: Path, request: pytest.FixtureRequest, is_shared: bool
) -> None:
    room = PresenceRoom("product", max_listed=9)
    async with AsyncExitStack() as stack:
        url = request.getfixturevalue("redis_url") if is_shared else None
        name = await stack.enter_async_context(namespace(url)) if url else "test:"
        settings = Settings(commerce_home=tmp_path, redis_url=url, redis_namespace=name)
        async with running(settings, admin_url) as platform, platform.live.presence.subscribe(room, "ann") as ann:
            async with asyncio.timeout(15):
                assert (await anext(ann)).members == ("ann",)
        async with wired(settings, admin_url) as later:
            assert (await later.live.presence.state(room)).count == 0
