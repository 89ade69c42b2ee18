"""The webhooks of the MOCK provider: the body of an event, written and read."""

from datetime import UTC, datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from domains.payment.errors import WebhookMalformed
from domains.payment.providers.results import ProviderStatus, WebhookEvent

HEADER: Final = "mock-signature"


def event_of(reference: UUID, provider_id: str, status: ProviderStatus, changed_at: datetime) -> bytes:
    """The body of the event of a payment's last change, which is the same event however often it is written."""
    return orjson.dumps(
        {
            "id": f"mock_evt_{uuid5(NAMESPACE_URL, f'{reference}:{status}:{changed_at.isoformat()}').hex}",
            "type": f"payment.{status.lower()}",
            "created": int(changed_at.timestamp()),
            "payment": {"id": provider_id, "reference": str(reference)},
        }
    )


def read_event(body: bytes) -> WebhookEvent:
    """The event of a body. Raises WebhookMalformed."""
    try:
        event = orjson.loads(body)
        payment = event.get("payment")
        return WebhookEvent(
            id=_text(event["id"]),
            type=_text(event["type"]),
            occurred_at=datetime.fromtimestamp(int(event["created"]), UTC),
            provider_ids=(_text(payment["id"]),) if payment else (),
            reference=UUID(payment["reference"]) if payment else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError):
        raise WebhookMalformed("The body of the webhook is not an event of the MOCK provider.") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
