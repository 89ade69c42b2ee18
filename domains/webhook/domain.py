"""The declaration of the webhook domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.kernel.domain import Dependencies, Domain, Job, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.webhook import events, invariants
from domains.webhook.client import WebhookTransport
from domains.webhook.deliveries import Deliveries
from domains.webhook.dispatch import Dispatch
from domains.webhook.endpoints import Endpoints
from domains.webhook.service import WebhookService

WEBHOOK_ENDPOINTS: Final = NodeTable("webhook_endpoints")
WEBHOOK_DELIVERIES: Final = NodeTable("webhook_deliveries")


def build(dependencies: Dependencies) -> WebhookService:
    """The webhook service and its parts."""
    transport = dependencies.get(WebhookTransport)
    endpoints = Endpoints(transport, dependencies.encryption)
    return WebhookService(
        endpoints=endpoints,
        deliveries=Deliveries(endpoints, transport),
        dispatch=Dispatch(endpoints, transport, dependencies.clock),
    )


def jobs(webhook: WebhookService) -> Sequence[Job]:
    """Deletes deliveries that are older than 30 days."""
    return (Job("delete old webhook deliveries", timedelta(hours=1), webhook.deliveries.delete_old),)


DOMAIN: Final = Domain(
    name="webhook",
    build=build,
    queue=EventQueue.NOTIFICATION,
    jobs=jobs,
    invariants=invariants.ROW_INVARIANTS,
    events=events_in(events),
    privileges={"webhook_slots": frozenset({"INSERT"}), "webhook_positions": frozenset()},
)
