"""Events: what has happened, in the past tense, as others are told of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias
from uuid import UUID

if TYPE_CHECKING:
    from domains.kernel.database import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of every event.

    A subclass is a frozen dataclass whose fields are plain values (UUID, str, int, Decimal, datetime, lists and
    dicts of these); it names its `topic` (`product.created`, the broker's routing key) and its `version`, raised when
    its fields change meaning. What surrounds it (id, time, company, actor, sequence) the outbox adds.
    """

    topic: ClassVar[str]
    version: ClassVar[int] = 1

    def payload(self) -> dict[str, Any]:
        """The event's own fields by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def aggregate_id(self) -> UUID:
        """The id of the thing that the event is about; its events are delivered in their order."""
        raise TypeError(f"{type(self).__name__} names no aggregate")


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event as a handler receives it: its fields as JSON holds them, and what the outbox knows of it."""

    id: UUID
    topic: str
    version: int
    company_id: UUID | None
    aggregate_id: UUID
    sequence: int
    actor_kind: str
    actor_id: UUID | None
    occurred_at: datetime
    payload: Mapping[str, Any]


Handler: TypeAlias = "Callable[[Tx, Envelope], Awaitable[None]]"
"""Takes in one event in a transaction of its own, in the event's company. It may be called again after a failure,
never after a success; what it raises brings the event back later."""
