"""The port of the event stream: committed events in one order for all processes, kept for some minutes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeAlias
from uuid import UUID

import orjson

KEPT: Final = timedelta(minutes=5)
MAX_EVENTS: Final = 10_000
PAGE: Final = 500
"""The highest number of events of one reading."""
START: Final = "0-0"
"""The id before all events."""
Order: TypeAlias = tuple[int, int]
ID: Final = re.compile(r"[0-9]{1,16}-[0-9]{1,16}")


class EventStreamUnavailable(Exception):
    """The server of the event stream does not answer or refuses the command."""


class MalformedEventId(ValueError):
    """A text is not the id of an event."""


def order_of(event_id: str) -> Order:
    """The place of an id `<milliseconds>-<number>` in the stream. Raises MalformedEventId."""
    if not ID.fullmatch(event_id):
        raise MalformedEventId("The id of an event is two numbers with a hyphen between them.")
    milliseconds, _, number = event_id.partition("-")
    return int(milliseconds), int(number)


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """A committed event in the stream. The payload has the fields that name no person, as JSON values.

    `occurred_at` is the beginning of its transaction.
    """

    id: str
    topic: str
    company_id: UUID | None
    aggregate_id: UUID
    payload: Mapping[str, Any]
    occurred_at: datetime

    @classmethod
    def decoded(cls, event_id: str, body: bytes) -> "LiveEvent":
        """The event of a stored body. Raises ValueError for what `encoded` has not made."""
        try:
            topic, company_id, aggregate_id, payload, occurred_at = orjson.loads(body)
            company = None if company_id is None else UUID(company_id)
            time = datetime.fromisoformat(occurred_at)
            decoded = cls(event_id, topic, company, UUID(aggregate_id), payload, time)
        except (TypeError, AttributeError) as error:
            raise ValueError("not the body of an event") from error
        if not isinstance(topic, str) or not isinstance(payload, dict):
            raise ValueError("not the body of an event")  # noqa: TRY004 - as for all other bodies
        return decoded


def encoded(
    topic: str, company_id: UUID | None, aggregate_id: UUID, payload: Mapping[str, Any], occurred_at: datetime
) -> bytes:
    """The body of an event, which the stream stores under an id of its own."""
    return orjson.dumps((topic, company_id, aggregate_id, payload, occurred_at), default=str)


@dataclass(frozen=True, slots=True)
class Reading:
    """What follows the id `after` in the stream, oldest first, to be continued after the id `last`.

    `after` is the id that was asked for, or a later one: events between the two are lost.
    """

    after: str
    events: Sequence[LiveEvent]
    last: str


class EventStream(Protocol):
    """Events in the order of their ids. The oldest ones are removed after five minutes, or above 10,000 events.

    With the events it stores a position in the outbox: a snapshot of PostgreSQL. All events that are visible in it
    have been appended. Every method raises EventStreamUnavailable.
    """

    async def position(self) -> str | None:
        """The stored position; None for a stream that is not begun, or has lost everything."""

    async def store(
        self, bodies: Sequence[bytes], *, expected: str | None, position: str, is_gap: bool = False
    ) -> bool:
        """Append events, in their order, and store a position, if the stored one is still the expected one.

        Returns whether it was. With `is_gap`, events between the two positions are missing, and no reader continues
        across it. Neither does it when `expected` is None.
        """

    async def newest(self) -> str:
        """The id of the newest event, or `START`."""

    async def read(self, after: str, *, wait: float = 0) -> Reading:
        """At most 500 events after an id; when there are none yet, wait for so many seconds.

        Raises MalformedEventId.
        """
