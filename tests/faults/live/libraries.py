"""Client libraries that watch the orders of a shop, and what each of them has told."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.clients.libraries import Subscriber, subscriber
from tests.clients.toolchain import Workspace
from tests.faults.api import INSIST_SECONDS
from tests.faults.live.watchers import CREATED
from tests.faults.processes import Gateway

LIBRARIES: Final = ("graphql-ws", "apollo", "urql-ws", "graphql-sse", "urql-sse")


@dataclass
class Seen:
    """The orders that a library has told of, and how often it told that events were missed."""

    library: str
    orders: set[str] = field(default_factory=set)
    missed: int = 0

    async def read(self, client: Subscriber) -> None:
        """Read what the library tells, until cancelled."""
        while True:
            result = await client.next(INSIST_SECONDS)
            created = result["data"]["orderCreated"]
            if created is not None:  # urql shows the extensions of earlier results too, so that they do not tell
                self.orders.add(created["order"]["id"])
                continue
            assert result["extensions"]["missed"]
            self.missed += 1


def addresses(servers: Sequence[Gateway]) -> str:
    """The URLs of the API at all servers."""
    return ",".join(f"{server.url}/graphql" for server in servers)


@asynccontextmanager
async def watching(
    workspace: Workspace, servers: Sequence[Gateway], tokens: Sequence[str]
) -> AsyncIterator[list[Seen]]:
    """A subscriber with each library during the block. Raises an error of any of them."""
    seen = [Seen(library) for library in LIBRARIES]
    async with AsyncExitStack() as clients, asyncio.TaskGroup() as group:
        tasks = []
        for each in seen:
            started = subscriber(workspace, each.library, addresses(servers), CREATED, tokens=tokens)
            tasks.append(group.create_task(each.read(await clients.enter_async_context(started))))
        yield seen
        for task in tasks:
            task.cancel()
