"""WebhookService: the parts of the webhook domain."""

from dataclasses import dataclass

from domains.webhook.deliveries import Deliveries
from domains.webhook.dispatch import Dispatch
from domains.webhook.endpoints import Endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookService:
    """Webhooks: endpoints of integrators, the deliveries of events to them, and their dispatch."""

    endpoints: Endpoints
    deliveries: Deliveries
    dispatch: Dispatch
