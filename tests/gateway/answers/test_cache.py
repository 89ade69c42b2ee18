"""The cache of answers under concurrency: one load, no answer from before a change, nothing foreign from Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from domains.catalog.events import CategoryChanged, ProductUpdated
from domains.kernel.clock import FixedClock
from domains.kernel.ports import Cache
from gateway.answers.cache import AnswerCache, Budget, Shown
from gateway.answers.stored import StoredAnswer
from gateway.infra.memory import MemoryCache
from gateway.infra.redis import RedisClient
from gateway.monitoring.metrics import Metrics
from tests.gateway.answers.samples import CUPS, OPERATION, SHOP, TEA, answer, key, request
from tests.redis_keys import namespace

TEA_CHANGED = ProductUpdated(product_id=TEA, fields=["name"])
CUPS_CHANGED = ProductUpdated(product_id=CUPS, fields=["name"])


class Shelf:
    """What is loaded: a number that grows with each change. A load can be held."""

    def __init__(self) -> None:
        self.version = 1
        self.loads = 0
        self.held: asyncio.Event | None = None
        self.error: Exception | None = None

    async def load(self) -> Shown:
        self.loads += 1
        seen = self.version
        if self.held is not None:
            await self.held.wait()
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return Shown(b"%d" % seen, {f"product:{TEA}"}, 60.0)


class Process:
    """The cache of one process, and what it reads."""

    def __init__(self, clock: FixedClock, shared: Cache | None = None) -> None:
        self.seconds = 0.0
        self.cache = AnswerCache(clock, shared, memory=1024 * 1024, monotonic=lambda: self.seconds)
        self.cache.on_start(100, 100, began=0.0)

    def reads(self, transaction: int | None = None, horizon: int = 0) -> None:
        """Read the outbox, in which a transaction has changed the tea."""
        tags = {} if transaction is None else {transaction: {f"{SHOP}/product:{TEA}"}}
        horizon = horizon or (transaction or 100) + 1
        self.cache.on_read(tags, horizon, horizon, mark=self.cache.mark(), began=self.seconds)

    async def get(self, shelf: Shelf) -> bytes:
        return (await self.answer(shelf)).body

    async def answer(self, shelf: Shelf) -> StoredAnswer:
        wanted = request()
        return await self.cache.get(key(), wanted.actor, OPERATION, shelf.load)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def process(clock: FixedClock) -> Process:
    return Process(clock)


async def test_an_answer_is_loaded_once(process: Process, shelf: Shelf) -> None:
    assert [await process.get(shelf) for _ in range(3)] == [b"1"] * 3
    assert shelf.loads == 1


async def test_concurrent_callers_share_one_load_and_its_error(process: Process, shelf: Shelf) -> None:
    assert set(await asyncio.gather(*(process.get(shelf) for _ in range(50)))) == {b"1"}
    assert shelf.loads == 1
    process.cache.on_commit(SHOP, [TEA_CHANGED])
    shelf.error = LookupError("no tea")
    failed = await asyncio.gather(*(process.get(shelf) for _ in range(50)), return_exceptions=True)
    assert failed == [shelf.error] * 50
    assert shelf.loads == 2
    shelf.error = None
    assert await process.get(shelf) == b"1"


async def test_a_caller_who_hangs_up_does_not_end_the_load_of_the_others(process: Process, shelf: Shelf) -> None:
    shelf.held = asyncio.Event()
    first, second = (asyncio.create_task(process.get(shelf)) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    shelf.held.set()
    assert await second == b"1"
    assert shelf.loads == 1


async def test_the_writer_reads_its_own_write(process: Process, shelf: Shelf) -> None:
    await process.get(shelf)
    shelf.version = 2
    process.cache.on_commit(SHOP, [CUPS_CHANGED])
    assert await process.get(shelf) == b"1"
    process.cache.on_commit(SHOP, [TEA_CHANGED])
    assert await process.get(shelf) == b"2"


async def test_a_load_that_a_commit_overtakes_is_not_stored(process: Process, shelf: Shelf) -> None:
    shelf.held = asyncio.Event()
    early = asyncio.create_task(process.get(shelf))
    await asyncio.sleep(0.01)
    shelf.version = 2
    process.cache.on_commit(SHOP, [TEA_CHANGED])
    late = asyncio.create_task(process.get(shelf))
    await asyncio.sleep(0.01)
    shelf.held.set()
    assert await early == b"1"
    assert await late == b"2"
    shelf.held = None
    assert await process.get(shelf) == b"2"
    assert shelf.loads == 2


async def test_a_load_that_another_process_overtakes_is_not_stored(process: Process, shelf: Shelf) -> None:
    shelf.held = asyncio.Event()
    early = asyncio.create_task(process.get(shelf))
    await asyncio.sleep(0.01)
    shelf.version = 2
    process.reads(104)
    shelf.held.set()
    assert await early == b"1"
    shelf.held = None
    assert await process.get(shelf) == b"2"


async def test_nothing_is_taken_from_the_cache_while_the_outbox_is_not_read(process: Process, shelf: Shelf) -> None:
    await process.get(shelf)
    process.seconds = 0.99
    await process.get(shelf)
    assert shelf.loads == 1
    process.seconds = 1.01
    await process.get(shelf)
    await process.get(shelf)
    assert shelf.loads == 3
    process.reads()
    await process.get(shelf)
    assert shelf.loads == 3


async def test_an_answer_expires(process: Process, shelf: Shelf, clock: FixedClock) -> None:
    await process.get(shelf)
    clock.advance(timedelta(seconds=59))
    await process.get(shelf)
    assert shelf.loads == 1
    clock.advance(timedelta(seconds=1))
    await process.get(shelf)
    assert shelf.loads == 2


async def test_a_request_leads_to_the_answer_until_a_company_changes(process: Process, shelf: Shelf) -> None:
    cache, began = process.cache, process.cache.mark()
    made = await process.answer(shelf)
    cache.add_request("POST tea", 100, made, began)
    assert cache.find("POST tea") is made
    cache.on_commit(SHOP, [CategoryChanged(category_id=CUPS)])
    assert cache.find("POST tea") is None
    made = await process.answer(shelf)
    assert cache.find("POST tea") is None
    cache.add_request("POST tea", 100, made, began)  # as this request began before the change
    assert cache.find("POST tea") is None
    cache.add_request("POST tea", 100, made, cache.mark())
    assert cache.find("POST tea") is made


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def shared(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[Callable[[], Any]]:
    """A factory of connections to one cache, as several processes have them."""
    if request.param == "memory":
        cache = MemoryCache(clock)
        yield lambda: cache
        return
    url = request.getfixturevalue("redis_url")
    async with AsyncExitStack() as stack, namespace(url) as name:
        clients = [await stack.enter_async_context(RedisClient.connected(url, name)) for _ in range(3)]
        yield clients.pop


async def test_three_hundred_callers_in_three_processes_make_one_load(
    shared: Callable[[], Any], shelf: Shelf, clock: FixedClock
) -> None:
    processes = [Process(clock, shared()) for _ in range(3)]
    for version in (1, 2):
        shelf.version, shelf.loads = version, 0
        callers = [process.get(shelf) for process in processes for _ in range(100)]
        assert set(await asyncio.gather(*callers)) == {b"%d" % version}
        assert shelf.loads == 1
        for process in processes:
            process.reads(104)


async def test_an_answer_of_another_process_from_before_a_change_is_not_taken(
    shared: Callable[[], Any], shelf: Shelf, clock: FixedClock
) -> None:
    one, other = Process(clock, shared()), Process(clock, shared())
    await one.get(shelf)
    shelf.version = 2
    other.reads(104)
    assert await other.get(shelf) == b"2"
    assert await one.get(shelf) == b"1"  # until it reads the outbox
    one.reads(104)
    assert await one.get(shelf) == b"2"
    assert shelf.loads == 2


async def test_an_own_write_is_not_hidden_by_what_another_process_stored(
    shared: Callable[[], Any], shelf: Shelf, clock: FixedClock
) -> None:
    one, other = Process(clock, shared()), Process(clock, shared())
    await other.get(shelf)
    shelf.version = 2
    one.cache.on_commit(SHOP, [TEA_CHANGED])
    assert await one.get(shelf) == b"2"


async def test_a_new_process_does_not_take_what_was_loaded_before_its_start(
    shared: Callable[[], Any], shelf: Shelf, clock: FixedClock
) -> None:
    await Process(clock, shared()).get(shelf)
    late = Process(clock, shared())
    late.cache.on_start(105, 107, began=0.0)
    await late.get(shelf)
    assert shelf.loads == 2


async def test_foreign_values_in_redis_are_refused_and_replaced(
    shared: Callable[[], Any], shelf: Shelf, clock: FixedClock
) -> None:
    cache: Cache = shared()
    name, life = f"answer:{request().digest}", timedelta(minutes=1)
    for value in (b"12", b"", answer("cups").to_bytes(), answer(expires_at=1.0).to_bytes()):
        await cache.set(name, value, life)
        with capture_logs() as logs:
            assert await Process(clock, cache).get(shelf) == b"1"
        is_foreign = not value.endswith(b"{}") or b"cups" in value or value == answer("cups").to_bytes()
        assert [each["event"] for each in logs][:1] == (
            ["foreign value under the key of an answer"] if is_foreign else []
        )
        stored = await cache.get(name)
        assert stored is not None
        assert stored.endswith(b"\n1")
    assert shelf.loads == 4


async def test_no_value_of_redis_is_kept_for_longer_than_an_answer(
    shared: Callable[[], Any], shelf: Shelf, clock: FixedClock
) -> None:
    cache, soon = shared(), clock.now().timestamp() + 30
    found = []
    for expires_at in (f"{soon}", f"{soon + 1_000}", '"inf"', '"nan"'):
        value = (
            answer(expires_at=soon)
            .to_bytes()
            .replace(f'"expires_at":{soon}'.encode(), f'"expires_at":{expires_at}'.encode())
        )
        await cache.set(f"answer:{request().digest}", value, timedelta(minutes=1))
        found.append(await Process(clock, cache).get(shelf))
    assert found == [b"{}", b"1", b"1", b"1"]


async def test_an_answer_too_large_for_redis_is_sent_all_the_same(
    shared: Callable[[], Any], clock: FixedClock
) -> None:
    process, body = Process(clock, shared()), b"x" * (1024 * 1024 + 1)

    async def load() -> Shown:
        return Shown(body, set(), 60.0)

    assert (await process.cache.get(key(), request().actor, OPERATION, load)).body == body


def test_what_a_process_stores_in_redis_within_a_minute_is_bounded() -> None:
    seconds = 0.0
    budget = Budget(1_000, lambda: seconds)
    budget.spend(999)
    assert budget.life() == timedelta(minutes=1)
    budget.spend(1)
    assert budget.life() == timedelta(seconds=1)
    seconds = 61.0
    assert budget.life() == timedelta(minutes=1)


async def test_answers_are_counted_by_their_source(
    shared: Callable[[], Any], shelf: Shelf, clock: FixedClock
) -> None:
    one, other = Process(clock, shared()), Process(clock, shared())
    metrics = Metrics()
    metrics.watch_answers(other.cache)
    await one.get(shelf)
    for _ in range(2):
        await other.get(shelf)
    assert one.cache.taken == {"memory": 0, "redis": 0, "loaded": 1}
    assert other.cache.taken == {"memory": 1, "redis": 1, "loaded": 0}
    assert metrics.registry.get_sample_value("commerce_answers_total", {"source": "memory"}) == 1
    assert metrics.registry.get_sample_value("commerce_answer_cache_bytes") == other.cache.size > 0
