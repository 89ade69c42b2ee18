"""A sample event and a handler for tests of messaging."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.events import Envelope, Event
from domains.kernel.ids import new_id

TOPIC: Final = "sample.measured"
OUTBOX: Final = "select published_at is not null, dead_at is not null from outbox_events order by sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMeasured(Event):
    """A measurement of a sample."""

    topic: ClassVar[str] = TOPIC
    sample_id: UUID
    value: int

    @property
    def aggregate_id(self) -> UUID:
        """The sample."""
        return self.sample_id


class CountingHandler:
    """Records events once handled, counts them in the name of their company, and fails as often as told."""

    def __init__(self) -> None:
        self.values: list[tuple[UUID, int]] = []
        self.failures = 0
        self.fails: Callable[[int], bool] = lambda _value: False

    async def __call__(self, tx: Tx, envelope: Envelope) -> None:
        """Handle an event."""
        await tx.execute("update companies set name = name || '!' where id = $1", tx.company_id)
        value = envelope.payload["value"]
        if self.failures or self.fails(value):
            self.failures = max(self.failures - 1, 0)
            raise ZeroDivisionError("the scale is broken")
        tx.on_commit(lambda: self.values.append((envelope.aggregate_id, value)))

    def of(self, sample: UUID) -> list[int]:
        """The values of a sample in the order of handling."""
        return [value for seen, value in self.values if seen == sample]


async def measure(database: Database, company: UUID, *values: int, sample: UUID | None = None) -> UUID:
    """Emit events of one sample, each in its own transaction; return the sample."""
    sample = sample or new_id()
    for value in values:
        async with database.transaction(Actor.system(company)) as tx:
            tx.emit(SampleMeasured(sample_id=sample, value=value))
    return sample


async def effects(owner: Any, company: UUID) -> int:
    """How often a handler has committed in the company."""
    name: str = await owner.fetchval("select name from companies where id = $1", company)
    return name.count("!")


async def states(owner: Any) -> list[tuple[bool, bool]]:
    """Of each event in the outbox, whether it is published and whether it is a dead letter."""
    return [tuple(row.values()) for row in await owner.fetch(OUTBOX)]


async def cancelled(task: "asyncio.Task[Any]") -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
