"""Reading of changes: each commit once, in whatever order transactions begin and end, with those of all processes."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from domains.catalog.events import CategoryChanged, ProductUpdated
from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from gateway.answers import outbox
from gateway.answers.cache import AnswerCache
from gateway.answers.changed_tags import topics_of
from gateway.answers.outbox import ChangeReader
from gateway.messaging.committed_events import bounds
from gateway.services import domains_of
from tests.conditions import wait_until

TOPICS = topics_of(event for domain in domains_of().values() for event in domain.events)


class RecordingCache(AnswerCache):
    """A cache that records what it was told."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.starts = 0
        self.tags: list[str] = []

    def on_start(self, horizon: int, ceiling: int, *, began: float) -> None:
        self.starts += 1
        super().on_start(horizon, ceiling, began=began)

    def on_read(self, transactions: Any, *args: Any, **options: Any) -> None:
        self.tags += [tag for tags in transactions.values() for tag in tags]
        super().on_read(transactions, *args, **options)

    def take(self, company: UUID) -> set[str]:
        """The tags of a company since the last call."""
        taken, self.tags = self.tags, []
        objects = [tag for tag in taken if not tag.endswith(":*")]
        assert len(set(objects)) == len(objects)
        return {tag.partition("/")[2] for tag in taken if tag.startswith(f"{company}/")}


@pytest.fixture
def cache() -> RecordingCache:
    return RecordingCache()


@pytest.fixture
def settings_changes() -> list[int]:
    return []


@pytest.fixture
async def reader(relay_pool: Any, cache: RecordingCache, settings_changes: list[int]) -> ChangeReader:
    """A reader that has taken its position."""
    made = ChangeReader(relay_pool, cache, TOPICS, lambda: settings_changes.append(1))
    await made.read()
    settings_changes.clear()
    return made


def changed(product: UUID) -> ProductUpdated:
    return ProductUpdated(product_id=product, fields=["name"])


async def test_commits_are_told_once(
    reader: ChangeReader, cache: RecordingCache, database: Database, actor: Actor, company: UUID
) -> None:
    product = new_id()
    async with database.transaction(actor) as tx:
        tx.emit(changed(product))
        await reader.read()
        assert cache.take(company) == set()
    await reader.read()
    assert cache.take(company) == {f"product:{product}", "product:*"}
    await reader.read()
    assert cache.take(company) == set()


async def test_a_transaction_that_began_first_and_ends_last_is_told(
    reader: ChangeReader, cache: RecordingCache, database: Database, actor: Actor, company: UUID
) -> None:
    first, second, third = new_id(), new_id(), new_id()
    async with database.transaction(actor) as slow:
        slow.emit(changed(first))
        await slow.flush()
        for product in (second, third):
            async with database.transaction(actor) as quick:
                quick.emit(changed(product))
            await reader.read()
            assert cache.take(company) == {f"product:{product}", "product:*"}
    await reader.read()
    assert cache.take(company) == {f"product:{first}", "product:*"}


async def test_what_is_rolled_back_is_not_told(
    reader: ChangeReader, cache: RecordingCache, database: Database, actor: Actor, company: UUID
) -> None:
    async def refuse(tx: Tx) -> None:
        tx.emit(changed(new_id()))
        await tx.flush()
        raise LookupError

    with pytest.raises(LookupError):
        await database.run(refuse, actor)
    await reader.read()
    assert cache.take(company) == set()


async def test_savepoints_are_told_with_their_transaction(
    reader: ChangeReader, cache: RecordingCache, database: Database, actor: Actor, company: UUID
) -> None:
    product = new_id()
    async with database.transaction(actor) as tx, tx.savepoint():
        tx.emit(changed(product))
        await tx.flush()
    await reader.read()
    assert cache.take(company) == {f"product:{product}", "product:*"}


async def test_parallel_commits_are_told_each_once(
    reader: ChangeReader, cache: RecordingCache, database: Database, actor: Actor, company: UUID
) -> None:
    products = [new_id() for _ in range(40)]
    told: set[str] = set()

    async def commit(product: UUID, number: int) -> None:
        async with database.transaction(actor) as tx:
            tx.emit(changed(product))
            await tx.flush()
            await asyncio.sleep(number % 7 / 200)

    writing = asyncio.gather(*(commit(product, number) for number, product in enumerate(products)))
    while not writing.done():
        await reader.read()
        taken = cache.take(company) - {"product:*"}
        assert told.isdisjoint(taken)
        told |= taken
    await writing
    await reader.read()
    assert (told | cache.take(company)) - {"product:*"} == {f"product:{product}" for product in products}


async def test_very_many_changes_empty_the_cache(
    reader: ChangeReader, cache: RecordingCache, database: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MAX_EVENTS", 3)
    async with database.transaction(actor) as tx:
        for _ in range(4):
            tx.emit(changed(new_id()))
    await reader.read()
    assert (cache.starts, cache.tags) == (2, [])


async def test_a_database_with_an_older_state_empties_the_cache(reader: ChangeReader, cache: RecordingCache) -> None:
    lowest, ceiling = bounds(reader._snapshot or "")
    reader._snapshot = f"{lowest + 1_000_000}:{ceiling + 1_000_000}:"
    await reader.read()
    assert cache.starts == 2


async def test_changed_companies_and_settings_are_read_anew(
    reader: ChangeReader, database: Database, actor: Actor, settings_changes: list[int]
) -> None:
    async with database.transaction(actor) as tx:
        tx.emit(changed(new_id()))
    await reader.read()
    assert settings_changes == []
    async with database.transaction(actor) as tx:
        tx.emit(CategoryChanged(category_id=new_id()))
    await reader.read()
    assert settings_changes == [1]


async def test_reading_goes_on_after_an_error(
    relay_pool: Any,
    cache: RecordingCache,
    database: Database,
    actor: Actor,
    company: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "INTERVAL", 0.01)
    reader, product, failures = ChangeReader(relay_pool, cache, TOPICS), new_id(), 3
    fetch: Callable[..., Any] = relay_pool.fetch

    class Flaky:
        fetchval = staticmethod(relay_pool.fetchval)

        @staticmethod
        async def fetch(*args: Any) -> Any:
            nonlocal failures
            if failures:
                failures -= 1
                raise OSError("gone")
            return await fetch(*args)

    await reader.read()
    reader._pool = Flaky()  # type: ignore[assignment] # a pool that fails at times
    async with database.transaction(actor) as tx:
        tx.emit(changed(product))
    with capture_logs() as logs:
        running = asyncio.create_task(reader.run())
        await wait_until(lambda: bool(cache.tags), seconds=5)
        running.cancel()
    assert cache.take(company) == {f"product:{product}", "product:*"}
    assert [each["event"] for each in logs] == ["changes cannot be read; cached answers are not used"]


async def test_events_of_a_restored_dump_with_ids_of_another_server_are_not_told(
    reader: ChangeReader, cache: RecordingCache, database: Database, actor: Actor, company: UUID, owner: Any
) -> None:
    async with database.transaction(actor) as tx:
        tx.emit(changed(new_id()))
    await owner.execute(
        "update outbox_events set transaction_id = '9000000000000000000' where company_id = $1", company
    )
    await reader.read()
    assert cache.take(company) == set()
