"""Events: what has happened, named in the past tense, for the domains and integrators that react to it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias
from uuid import UUID

if TYPE_CHECKING:
    from domains.kernel.database import Tx


class EventQueue(Enum):
    """The queues of seed 003. A queue is the consumer group of the domains that declare it."""

    PRODUCT = "product.events"
    INVENTORY = "inventory.events"
    ORDER = "order.events"
    PAYMENT = "payment.events"
    USER = "user.events"
    COMPANY = "company.events"
    SHOP = "shop.events"
    NOTIFICATION = "notification.events"
    AUDIT = "audit.events"
    ANALYTICS = "analytics.events"
    DEBT = "debt.events"
    AUTH = "auth.events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of every event.

    A subclass is a frozen dataclass whose fields are plain values (UUID, str, int, Decimal, datetime, lists and
    dicts of these). It names its `topic` (`product.created`, the broker's routing key) and its `version`, which is
    raised when a field is removed, renamed or changes its meaning. Handlers accept all versions that an outbox may
    still hold. `personal` names the fields with an e-mail address, a name or a free text, which are replaced when the
    person is erased. The outbox adds id, time, company, actor and sequence.
    """

    topic: ClassVar[str]
    version: ClassVar[int] = 1
    personal: ClassVar[tuple[str, ...]] = ()

    def payload(self) -> dict[str, Any]:
        """The event's own fields by name."""
        kind: Any = type(self)
        return {name: getattr(self, name) for name in _names(kind)}

    @classmethod
    def without_personal(cls, version: int, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields of a stored payload that name no person; none of a version that this class does not know."""
        if version != cls.version:
            return {}
        return {name: value for name, value in payload.items() if name not in cls.personal}

    @property
    def aggregate_id(self) -> UUID:
        """The id of the object that the event is about; the events of one object are delivered in their order."""
        raise TypeError(f"{type(self).__name__} names no aggregate")


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event as a handler receives it: its fields as JSON, and the columns that the outbox added.

    `traceparent` is the trace context (W3C) of what emitted or published it.
    """

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
    traceparent: str | None = None


Handler: TypeAlias = "Callable[[Tx, Envelope], Awaitable[None]]"
"""Handles one event in its own transaction, in the event's company. It is called again after it has raised an error,
and never after its transaction committed."""
