"""Values cached for a few seconds are never older than a committed change in the same process."""

import asyncio
from datetime import timedelta

import pytest

from domains.kernel.actor import Actor
from domains.kernel.caches.read_cache import MAX_ENTRIES, TIME_TO_LIVE, ReadCache
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader, Tx


class Source:
    """A stored value, and how often it was read."""

    def __init__(self) -> None:
        self.value, self.reads = 1, 0

    async def read(self) -> int:
        self.reads += 1
        return self.value


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def cache(clock: FixedClock) -> ReadCache[int, int]:
    return ReadCache(clock)


async def test_a_value_is_read_again_after_five_seconds(
    cache: ReadCache[int, int], source: Source, reader: Reader, clock: FixedClock
) -> None:
    assert await cache.get(reader, 0, source.read) == 1
    source.value = 2
    clock.advance(TIME_TO_LIVE - timedelta(microseconds=1))
    assert await cache.get(reader, 0, source.read) == 1
    clock.advance(timedelta(microseconds=1))
    assert (await cache.get(reader, 0, source.read), source.reads) == (2, 2)


async def test_a_value_read_before_a_commit_is_removed_by_it(
    cache: ReadCache[int, int], source: Source, reader: Reader, database: Database, actor: Actor
) -> None:
    async with database.transaction(actor) as tx:
        cache.invalidate(tx)
        assert await cache.get(reader, 0, source.read) == 1
        source.value = 2
    assert await cache.get(reader, 0, source.read) == 2


async def test_a_read_started_before_a_commit_is_not_cached_after_it(
    cache: ReadCache[int, int], source: Source, reader: Reader, database: Database, actor: Actor
) -> None:
    committed = asyncio.Event()

    async def slowly() -> int:
        value = await source.read()
        await committed.wait()
        return value

    async with database.transaction(actor) as tx:
        cache.invalidate(tx)
        reading = asyncio.create_task(cache.get(reader, 0, slowly))
        await asyncio.sleep(0)
        source.value = 2
    committed.set()
    assert (await reading, await cache.get(reader, 0, source.read)) == (1, 2)


async def test_a_writing_transaction_reads_its_own_value_and_caches_none(
    cache: ReadCache[int, int], source: Source, reader: Reader, database: Database, actor: Actor
) -> None:
    async def refused(tx: Tx) -> None:
        cache.invalidate(tx)
        assert await cache.get(reader, 0, source.read) == 1
        source.value = 2
        assert await cache.get(tx, 0, source.read) == 2
        source.value = 1
        raise LookupError

    with pytest.raises(LookupError):
        await database.run(refused, actor)
    assert await cache.get(reader, 0, source.read) == 1


async def test_the_cache_is_bounded(cache: ReadCache[int, int], source: Source, reader: Reader) -> None:
    for key in range(MAX_ENTRIES + 1):
        await cache.get(reader, key, source.read)
    assert await cache.get(reader, MAX_ENTRIES, source.read) == 1
    assert source.reads == MAX_ENTRIES + 1
    await cache.get(reader, 0, source.read)
    assert source.reads == MAX_ENTRIES + 2
