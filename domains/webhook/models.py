"""Webhooks as the domain shows them, and the inputs that change them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from domains.kernel.values.secret import Secret
from domains.webhook.data import WebhookAttemptRow as WebhookAttempt
from domains.webhook.data import WebhookDeliveryRow as WebhookDelivery
from domains.webhook.data import WebhookDeliveryStatus, WebhookDisabledReason
from domains.webhook.data import WebhookEndpointRow as WebhookEndpoint

__all__ = [
    "DeliveryFilter",
    "EndpointChanges",
    "IssuedSecret",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookDeliveryStatus",
    "WebhookDisabledReason",
    "WebhookEndpoint",
]


class EndpointChanges(TypedDict, total=False):
    """What is given of an endpoint; null where null is given."""

    url: str | None
    description: str | None
    topics: list[str] | None


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """An endpoint with its new secret, which is shown this once."""

    endpoint: WebhookEndpoint
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Conditions on deliveries, all of which must hold. The time range includes `start` and excludes `end`."""

    endpoint_id: UUID | None = None
    event_id: UUID | None = None
    topic: str | None = None
    status: tuple[WebhookDeliveryStatus, ...] | None = None
    start: datetime | None = None
    end: datetime | None = None
