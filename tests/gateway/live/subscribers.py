"""A client that subscribes in a session, and what it has got."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.api import GraphQLRequest
from gateway.live.sessions import Ended, Session
from tests.conditions import wait_until


@dataclass
class Watched:
    """What a client has got of an operation so far."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for(self, count: int) -> None:
        """Wait until there are so many answers, and that there are no more."""
        await wait_until(lambda: len(self.answers) >= count)
        assert len(self.answers) == count

    async def end(self) -> None:
        """Wait until the subscription has ended."""
        async with asyncio.timeout(15):
            await self.ended.wait()

    @property
    def codes(self) -> list[str]:
        """The code of each error."""
        return [error["extensions"]["code"] for answer in self.answers for error in answer.get("errors", ())]

    @property
    def values(self) -> list[Any]:
        """The value of the field in each result; of an answer without data the code of its error."""
        return [_value(answer) for answer in self.answers]


def _value(answer: dict[str, Any]) -> Any:
    if "data" not in answer:
        return answer["errors"][0]["extensions"]["code"]
    (value,) = answer["data"].values()
    return value


async def end_of(session: Session) -> Ended:
    """Wait until a session has ended; why it has."""
    async with asyncio.timeout(15):
        return await asyncio.shield(session.ended)


@asynccontextmanager
async def watching(
    opened: Callable[[], int], session: Session, query: str, variables: dict[str, Any], after: str | None = None
) -> AsyncIterator[Watched]:
    """Subscribe, and read what comes until the end of the block. `opened` is the number of open subscriptions."""
    watched = Watched()
    open_before = opened()
    request = GraphQLRequest(query, variables=variables)

    async def read() -> None:
        async for answer in session.operations(request, None, after):
            watched.answers.append(orjson.loads(orjson.dumps(answer.body, default=str)))
        watched.ended.set()

    task = asyncio.create_task(read())
    await wait_until(lambda: opened() > open_before or task.done())
    try:
        yield watched
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
