"""Messages: events as JSON for the broker, and the validation of what consumers receive."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from domains.kernel.events import Envelope, Event
from domains.kernel.monitoring import traces
from gateway.infra.amqp_frames import UNDECODABLE
from gateway.infra.rabbitmq import Message, ReceivedMessage

MAX_BYTES: Final = 4 * 1024 * 1024


class MalformedMessage(Exception):
    """A message is not an event of this platform; the text says why, and has nothing of what the message contains."""


def message_of(envelope: Envelope, event: type[Event] | None = None) -> Message:
    """The message of an event. Its id is the event's, its headers are what a broker's tools show.

    The payload is without the personal fields of the `event`, which an erasure would not find at the broker; without
    a declared event of its version it is empty. Consumers read the whole payload from the outbox.
    """
    body = {
        "id": envelope.id,
        "topic": envelope.topic,
        "version": envelope.version,
        "companyId": envelope.company_id,
        "aggregateId": envelope.aggregate_id,
        "sequence": envelope.sequence,
        "actorKind": envelope.actor_kind,
        "actorId": envelope.actor_id,
        "occurredAt": envelope.occurred_at,
        "payload": {} if event is None else event.without_personal(envelope.version, envelope.payload),
    }
    headers: dict[str, str | int] = {"version": envelope.version, "company": str(envelope.company_id or "")}
    if envelope.traceparent is not None:
        headers[traces.HEADER] = envelope.traceparent
    return Message(str(envelope.id), orjson.dumps(body, default=str), headers)


def envelope_of(message: ReceivedMessage) -> Envelope:
    """The event of a message. Raises MalformedMessage when a field is missing, has another type or contradicts."""
    if UNDECODABLE in message.headers:
        raise MalformedMessage("The properties of the message cannot be decoded.")
    body = _object(message.body)
    envelope = Envelope(
        **{name: _field(body, key, read) for name, (key, read) in FIELDS.items()},
        traceparent=_optional_text(message.headers.get(traces.HEADER)),
    )
    if str(envelope.id) != message.id or envelope.topic != message.topic:
        raise MalformedMessage("The id or topic of the body differs from that of the message.")
    return envelope


def _field(body: Mapping[str, Any], key: str, read: Callable[[Any], Any]) -> Any:
    """A field of the body. Errors of `read` quote the value, which the sender chose."""
    try:
        return read(body[key])
    except KeyError:
        raise MalformedMessage(f"The field {key} is missing.") from None
    except (TypeError, ValueError, AttributeError):
        raise MalformedMessage(f"The field {key} is invalid.") from None


def _object(body: bytes) -> Mapping[str, Any]:
    if len(body) > MAX_BYTES:
        raise MalformedMessage(f"The message has {len(body)} bytes; at most {MAX_BYTES} are read.")
    try:
        return _mapping(orjson.loads(body))
    except (orjson.JSONDecodeError, TypeError):
        raise MalformedMessage("The message is not a JSON object.") from None


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object is expected")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a text is expected")
    return value


def _optional_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _optional_id(value: Any) -> UUID | None:
    return None if value is None else UUID(value)


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError("a positive integer is expected")
    return value


FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "id": ("id", UUID),
    "topic": ("topic", _text),
    "version": ("version", _number),
    "company_id": ("companyId", _optional_id),
    "aggregate_id": ("aggregateId", UUID),
    "sequence": ("sequence", _number),
    "actor_kind": ("actorKind", _text),
    "actor_id": ("actorId", _optional_id),
    "occurred_at": ("occurredAt", datetime.fromisoformat),
    "payload": ("payload", _mapping),
}
