"""Batch functions of webhooks."""

from collections.abc import Sequence
from uuid import UUID

from domains.webhook.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_endpoints(context: Context, keys: Sequence[UUID]) -> Sequence[WebhookEndpoint | None]:
    """Endpoints by id."""
    rows = await context.services.webhook.endpoints.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_deliveries(context: Context, keys: Sequence[UUID]) -> Sequence[WebhookDelivery | None]:
    """Deliveries by id."""
    rows = await context.services.webhook.deliveries.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_attempts(context: Context, keys: Sequence[UUID]) -> Sequence[Sequence[WebhookAttempt]]:
    """The kept attempts of deliveries, the newest first."""
    rows = await context.services.webhook.deliveries.attempts_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.delivery_id)
