"""The bodies of webhooks: an event as JSON, with the names of fields as in the API."""

import re
from typing import Any, Final

import orjson

from domains.webhook.models import WebhookDelivery

API_VERSION: Final = "2026-12"
_LETTER: Final = re.compile(r"_([a-z0-9])")


def body_of(delivery: WebhookDelivery, api_version: str) -> bytes:
    """The body of a delivery, which is the same in each attempt and replay."""
    return orjson.dumps(
        {
            "id": str(delivery.event_id),
            "topic": delivery.topic,
            "version": delivery.version,
            "apiVersion": api_version,
            "companyId": str(delivery.company_id),
            "aggregateId": str(delivery.aggregate_id),
            "sequence": delivery.sequence,
            "occurredAt": delivery.occurred_at.isoformat(),
            "data": _named(delivery.payload),
        }
    )


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {_camel_case(name): _named(each) for name, each in value.items()}
    return [_named(each) for each in value] if isinstance(value, list) else value


def _camel_case(name: str) -> str:
    return _LETTER.sub(lambda match: match[1].upper(), name) if name.islower() else name
