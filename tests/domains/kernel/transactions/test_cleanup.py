"""A rollback that fails or is not answered hides neither the error nor the cancellation that led to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.transactions import cleanup
from domains.kernel.transactions.cleanup import clean_up, keep_cancellation, raise_if_cancelled
from gateway.infra.postgres import open_pool

BACKEND = "select pg_backend_pid()"


@pytest.fixture
async def lone(admin_url: str) -> AsyncIterator[Database]:
    """A database on one connection."""
    pool = await open_pool(admin_url, size=1)
    yield Database(pool, SystemClock())
    await pool.close()


async def lose_connection(tx: Tx, owner: Any) -> None:
    assert await owner.fetchval("select pg_terminate_backend($1, 5000)", await tx.fetch_value(BACKEND))


@pytest.mark.parametrize("error", [ZeroDivisionError("no"), InvalidInput("no"), asyncio.CancelledError("no")])
async def test_a_lost_connection_does_not_hide_the_error(
    lone: Database, owner: Any, actor: Actor, error: BaseException
) -> None:
    async def work(tx: Tx) -> None:
        await lose_connection(tx, owner)
        raise error

    with pytest.raises(type(error), match="no"):
        await lone.run(work, actor)
    async with lone.transaction(actor) as tx:
        assert await tx.fetch_value("select 1") == 1


async def test_a_lost_connection_does_not_hide_the_error_of_a_savepoint(
    lone: Database, owner: Any, actor: Actor
) -> None:
    with pytest.raises(ZeroDivisionError):
        await _fail_in_savepoint(lone, owner, actor)
    async with lone.transaction(actor) as tx:
        assert await tx.fetch_value("select 1") == 1


async def _fail_in_savepoint(lone: Database, owner: Any, actor: Actor) -> None:
    async with lone.transaction(actor) as tx, tx.savepoint():
        await lose_connection(tx, owner)
        raise ZeroDivisionError


async def test_a_cancelled_transaction_ends_while_its_rollback_is_not_answered(
    lone: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, pids = asyncio.Event(), list[int]()

    async def work() -> None:
        async with lone.transaction(actor) as tx:
            pids.append(await tx.fetch_value(BACKEND))
            begun.set()
            await asyncio.Event().wait()

    async def unanswered(_: Tx, _command: str) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(cleanup, "CLEANUP_SECONDS", 0.05)
    working = asyncio.create_task(work())
    await begun.wait()
    with monkeypatch.context() as patched:
        patched.setattr(Tx, "end", unanswered)
        working.cancel()
        await asyncio.wait([working], timeout=10)
    assert working.cancelled()
    async with lone.transaction(actor) as tx:  # on a new connection
        assert await tx.fetch_value(BACKEND) not in pids
    assert len(pids) == 1


class Connection:
    """A connection that records whether it was terminated."""

    def __init__(self) -> None:
        self.is_terminated = False

    def terminate(self) -> None:
        self.is_terminated = True


async def test_a_connection_whose_cleanup_is_cancelled_is_terminated() -> None:
    connection = Connection()
    cleaning = asyncio.create_task(clean_up(connection, asyncio.Event().wait))
    await asyncio.sleep(0)
    cleaning.cancel()
    await asyncio.wait([cleaning])
    assert (cleaning.cancelled(), connection.is_terminated) == (True, True)


async def test_a_connection_whose_cleanup_succeeds_stays_open() -> None:
    connection = Connection()
    await clean_up(connection, asyncio.sleep, 0)
    assert not connection.is_terminated


async def test_a_loop_ends_when_an_error_has_replaced_its_cancellation() -> None:
    async def loop() -> None:
        while True:
            try:
                await _lost_when_cancelled()
            except asyncpg.InterfaceError:
                raise_if_cancelled()

    looping = asyncio.create_task(loop())
    await asyncio.sleep(0)
    looping.cancel()
    await asyncio.wait([looping], timeout=10)
    assert looping.cancelled()


async def test_a_loop_ends_when_a_library_has_swallowed_its_cancellation() -> None:
    async def loop() -> None:
        while True:
            with keep_cancellation():
                await _swallowed_when_cancelled()

    looping = asyncio.create_task(loop())
    await asyncio.sleep(0)
    looping.cancel()
    await asyncio.wait([looping], timeout=10)
    assert looping.cancelled()


async def test_a_call_of_a_cleanup_is_not_cancelled_by_an_earlier_request() -> None:
    async def work() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            with keep_cancellation():
                await asyncio.sleep(0)
        return "cleaned up"

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    working.cancel()
    assert await working == "cleaned up"


async def test_a_timeout_whose_cancellation_is_swallowed_is_a_timeout() -> None:
    async def call() -> None:
        async with asyncio.timeout(0):
            with keep_cancellation():
                await _swallowed_when_cancelled()

    with pytest.raises(TimeoutError):
        await call()


async def test_a_task_that_was_not_cancelled_goes_on() -> None:
    raise_if_cancelled()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
    raise_if_cancelled()  # the timeout has taken its request back


async def _lost_when_cancelled() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise asyncpg.InterfaceError("the connection is closed") from None


async def _swallowed_when_cancelled() -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
