"""Batch functions of webhooks."""

from collections.abc import Sequence
from uuid import UUID

from domains.payment.models import Payment, PaymentWebhook
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_webhooks(context: Context, keys: Sequence[UUID]) -> Sequence[PaymentWebhook | None]:
    """Webhooks by id."""
    rows = await context.services.payment.webhooks.webhooks_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_webhook_payments(context: Context, keys: Sequence[UUID]) -> Sequence[Payment | None]:
    """The payments of webhooks, whose reader may read orders."""
    rows = await context.services.payment.payments_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)
