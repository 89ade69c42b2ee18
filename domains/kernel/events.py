"""Events: what has happened, in the past tense, as others are told of it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of every event.

    A subclass is a frozen dataclass whose fields are plain values (UUID, str, int, Decimal, datetime, lists and
    dicts of these); it names its `topic` (`product.created`, the broker's routing key) and its `version`, raised when
    its fields change meaning. What surrounds it (id, time, company, actor, sequence) the outbox adds.
    """

    topic: ClassVar[str]
    version: ClassVar[int] = 1

    @property
    def aggregate_id(self) -> UUID:
        """The id of the thing that the event is about; its events are delivered in their order."""
        raise TypeError(f"{type(self).__name__} names no aggregate")
