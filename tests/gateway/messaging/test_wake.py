"""Waking of workers."""

import asyncio

from gateway.messaging.wake import Turn, Wake


async def test_a_turn_lets_one_of_several_workers_go_on() -> None:
    wake, turn, gone = Wake(), Turn(), []

    async def work(name: str) -> None:
        await turn.wait()
        gone.append(name)

    wake.add(turn)
    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(work(name)) for name in ("first", "second")]
        await asyncio.sleep(0)
        for _ in range(2):
            wake.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (gone, workers[1].done()) == (["first"], False)
        wake.set()
    assert gone == ["first", "second"]
