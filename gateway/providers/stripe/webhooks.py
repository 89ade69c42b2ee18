"""The events of Stripe, from webhooks and from its list: which payment changed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from domains.payment.errors import WebhookMalformed
from domains.payment.providers.results import WebhookEvent

HEADER: Final = "stripe-signature"
# The field of an object that has the id of its payment intent, by the kind of object.
INTENT_FIELDS: Final = {
    "payment_intent": "id",
    "charge": "payment_intent",
    "refund": "payment_intent",
    "dispute": "payment_intent",
}
# Objects with the metadata of the payment: Stripe copies an intent's to its charges. A refund has its own.
WITH_REFERENCE: Final = frozenset({"payment_intent", "charge"})
# What is asked for when webhooks may have been missed.
TYPES: Final = (
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "charge.captured",
    "charge.expired",
    "charge.refunded",
    "charge.succeeded",
    "refund.created",
    "refund.failed",
    "refund.updated",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
)


def read_event(body: bytes) -> WebhookEvent:
    """The event of a body. Raises WebhookMalformed."""
    try:
        return event_of(orjson.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError):
        raise WebhookMalformed("The body of the webhook is not an event of Stripe.") from None


def event_of(event: Mapping[str, Any]) -> WebhookEvent:
    """The event of a parsed body. Raises KeyError, TypeError or ValueError when it is none."""
    data = event.get("data")
    changed = data.get("object") if isinstance(data, dict) else None
    return WebhookEvent(
        id=_text(event["id"]),
        type=_text(event["type"]),
        occurred_at=_time(event["created"]),
        provider_ids=_ids(changed) if isinstance(changed, dict) else (),
        reference=_reference(changed) if isinstance(changed, dict) else None,
    )


def _ids(changed: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the payment intent, of its charge, and of the object itself, each once."""
    intent_field = INTENT_FIELDS.get(str(changed.get("object")))
    if intent_field is None:
        return ()
    found = (changed.get(intent_field), changed.get("latest_charge"), changed.get("charge"), changed.get("id"))
    ids = [each.get("id") if isinstance(each, dict) else each for each in found]
    return tuple(dict.fromkeys(each for each in ids if isinstance(each, str) and each))


def _reference(changed: Mapping[str, Any]) -> UUID | None:
    metadata = changed.get("metadata")
    if changed.get("object") not in WITH_REFERENCE or not isinstance(metadata, dict):
        return None
    return uuid_of(metadata.get("reference"))


def uuid_of(text: object) -> UUID | None:
    """The id of a text in an object's metadata, which anyone with the account may have written; None for others."""
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _time(value: object) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return datetime.fromtimestamp(value, UTC)
