"""What a process has begun is completed when it is asked to end, for a few seconds."""

import asyncio

import pytest

from gateway.messaging.finishing import completed


async def test_the_result_and_the_error_of_the_work_are_its_own() -> None:
    assert await completed(asyncio.sleep(0, "done")) == "done"
    with pytest.raises(ZeroDivisionError):
        await completed(fail())


async def fail() -> None:
    raise ZeroDivisionError


async def test_work_that_ends_soon_is_not_interrupted() -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go_on.wait()
        ended.set()

    running = asyncio.create_task(completed(work()))
    await begun.wait()
    running.cancel()
    await asyncio.sleep(0.01)
    assert not running.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()


async def test_work_that_takes_too_long_is_interrupted_and_has_ended() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    running = asyncio.create_task(completed(work(), 0.01))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()
