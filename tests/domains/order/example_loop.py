"""The event loop, database and counts that the examples of one Hypothesis test share."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from domains.kernel.clock import FixedClock, SystemClock
from domains.kernel.database import Database
from gateway.infra.postgres import open_pool
from tests.conftest import make_company
from tests.domains.order.storefront import Storefront
from tests.gateway.site import services_of

T = TypeVar("T")


class ExampleLoop:
    """Examples are plain functions, so their asynchronous work runs on this loop. `seen` counts by name."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._pool = self.run(open_pool(url))
        self.owner = self.run(open_pool(url, role=None, size=2))
        self.database = Database(self._pool, SystemClock())
        self.seen: Counter[str] = Counter()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    async def company(self) -> UUID:
        """A new company for the example."""
        return await make_company(self.owner)

    def shop(self, company_id: UUID, clock: FixedClock) -> Storefront:
        """The company's shop; its services have cached nothing of the company yet."""
        return Storefront(services_of(clock, self.database), self.database, clock, company_id, self.owner)

    def close(self) -> None:
        self.run(self._pool.close())
        self.run(self.owner.close())
        self._loop.close()


@contextmanager
def open_example_loop(url: str) -> Iterator[ExampleLoop]:
    """The example loop of a test, closed at its end."""
    examples = ExampleLoop(url)
    try:
        yield examples
    finally:
        examples.close()
