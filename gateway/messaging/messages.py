"""Messages: events as JSON for the broker, and the validation of what consumers receive."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from domains.kernel.events import Envelope, Event
from domains.kernel.monitoring import traces
from gateway.infra.rabbitmq import Delivery, Message

MAX_BYTES: Final = 4 * 1024 * 1024


class MalformedMessage(Exception):
    """A message is not an event of this platform; the text says why."""


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
        "payload": _public(envelope, event),
    }
    headers: dict[str, str | int] = {"version": envelope.version, "company": str(envelope.company_id or "")}
    if envelope.traceparent is not None:
        headers[traces.HEADER] = envelope.traceparent
    return Message(str(envelope.id), orjson.dumps(body, default=str), headers)


def _public(envelope: Envelope, event: type[Event] | None) -> Mapping[str, Any]:
    """The fields of a payload that name no person."""
    if event is None or event.version != envelope.version:
        return {}
    return {name: value for name, value in envelope.payload.items() if name not in event.personal}


def envelope_of(delivery: Delivery) -> Envelope:
    """The event of a message. Raises MalformedMessage when a field is missing, has another type or contradicts."""
    body = _object(delivery.body)
    try:
        envelope = Envelope(
            id=UUID(body["id"]),
            topic=_text(body["topic"]),
            version=_number(body["version"]),
            company_id=UUID(body["companyId"]) if body["companyId"] is not None else None,
            aggregate_id=UUID(body["aggregateId"]),
            sequence=_number(body["sequence"]),
            actor_kind=_text(body["actorKind"]),
            actor_id=UUID(body["actorId"]) if body["actorId"] is not None else None,
            occurred_at=datetime.fromisoformat(body["occurredAt"]),
            payload=_mapping(body["payload"]),
            traceparent=_optional_text(delivery.headers.get(traces.HEADER)),
        )
    except KeyError as error:
        raise MalformedMessage(f"The field {error} is missing.") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise MalformedMessage(f"A field is invalid: {error}") from None
    if str(envelope.id) != delivery.id or envelope.topic != delivery.topic:
        raise MalformedMessage("The id or topic of the body differs from that of the message.")
    return envelope


def _object(body: bytes) -> Mapping[str, Any]:
    if len(body) > MAX_BYTES:
        raise MalformedMessage(f"The message has {len(body)} bytes; at most {MAX_BYTES} are read.")
    try:
        return _mapping(orjson.loads(body))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise MalformedMessage(f"The message is not a JSON object: {error}") from None


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"an object is expected, not {type(value).__name__}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"a text is expected, not {type(value).__name__}")
    return value


def _optional_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError("a positive integer is expected")
    return value
