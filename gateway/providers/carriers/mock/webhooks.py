"""The webhooks of the MOCK carrier: the body of a tracking event, written and read."""

from datetime import UTC, datetime
from typing import Final

import orjson

from domains.payment.errors import WebhookMalformed
from domains.shipping.carriers.models import TrackingStatus
from domains.shipping.carriers.results import TrackingEvent, TrackingUpdate

HEADER: Final = "mock-carrier-signature"
MAX_TEXT: Final = 255


def event_of(update: TrackingUpdate) -> bytes:
    """The body of a webhook about an event."""
    event = update.event
    return orjson.dumps(
        {
            "type": "tracker.updated",
            "trackingNumber": update.tracking_number,
            "status": event.status.value,
            "occurredAt": event.occurred_at.timestamp(),
            "description": event.description,
            "location": event.location,
        }
    )


def read_event(body: bytes) -> TrackingUpdate:
    """The event of a body. Raises WebhookMalformed."""
    try:
        values = orjson.loads(body)
        moment = datetime.fromtimestamp(float(values["occurredAt"]), UTC)
        location = values.get("location")
        event = TrackingEvent(
            TrackingStatus(values["status"]),
            moment,
            _text(values.get("description", "")),
            None if location is None else _text(location),
        )
        return TrackingUpdate(_text(values["trackingNumber"]), event)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError):
        raise WebhookMalformed("The body of the webhook is not an event of the MOCK carrier.") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise TypeError
    return value
