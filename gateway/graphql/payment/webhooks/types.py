"""Webhooks of payment providers in the API."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.payment import models
from domains.payment.models import WebhookStatus
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import relation
from gateway.graphql.core.node import Node
from gateway.graphql.payment.types import Payment
from gateway.graphql.payment.webhooks.loaders import load_webhook_payments

describe(
    WebhookStatus,
    "Whether an event of a payment provider has been processed.",
    {
        WebhookStatus.PENDING: "Waits to be processed, or to be tried again.",
        WebhookStatus.PROCESSED: "The payment was looked up at the provider, and its present state recorded.",
        WebhookStatus.IGNORED: "Not about a payment of this shop.",
        WebhookStatus.FAILED: "Given up after several attempts; reconciliation still asks about open payments.",
    },
)


@strawberry.type(
    description=(
        "An event of a payment provider, which a webhook brought or the provider listed. Its content is not kept, "
        "since payments are always looked up."
    )
)
class PaymentWebhook(Node, model=models.PaymentWebhook):
    """The payment domain's PaymentWebhook."""

    provider: str = strawberry.field(description="The payment provider from which the event came.")
    event_type: str = strawberry.field(
        description="The kind of event in the provider's words, such as `charge.refunded`."
    )
    provider_event_id: str = strawberry.field(description="The id of the event in the provider's dashboard.")
    provider_ids: list[str] = strawberry.field(
        description="The ids of the payment and its transactions at the provider that the event names."
    )
    status: WebhookStatus = strawberry.field(description="Whether it waits, was processed, was ignored or failed.")
    payment_id: UUID | None = strawberry.field(
        description="The id of the payment that was looked up; null when none was found."
    )
    payment: Payment | None = relation(
        "payment_id", load_webhook_payments, description="The payment that was looked up; null when none was found."
    )
    error: str | None = strawberry.field(
        description="Why the last attempt to process it did not succeed; null when it did."
    )
    attempts: int = strawberry.field(description="How often it was tried since it arrived or was replayed.")
    occurred_at: datetime = strawberry.field(description="When the event happened, by the provider's clock.")
    processed_at: datetime | None = strawberry.field(
        description="When it was PROCESSED, IGNORED or FAILED; null while it is PENDING."
    )
    created_at: datetime = strawberry.field(description="When the event arrived here.")
