"""Inputs of webhooks."""

from enum import StrEnum
from typing import Final
from uuid import UUID

import strawberry

from domains.kernel.pagination.keyset import Sort
from domains.payment.models import WebhookStatus
from domains.payment.webhooks.webhooks import BY_OCCURRENCE, BY_TIME, WebhookFilter
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.payment.webhooks import types as _types  # noqa: F401 - WebhookStatus must be a GraphQL enum first


class PaymentWebhookSortField(StrEnum):
    """The fields that webhooks can be sorted by."""

    CREATED_AT = "CREATED_AT"
    OCCURRED_AT = "OCCURRED_AT"


describe(
    PaymentWebhookSortField,
    "The fields that webhooks can be sorted by.",
    {
        PaymentWebhookSortField.CREATED_AT: "The time at which the event arrived here.",
        PaymentWebhookSortField.OCCURRED_AT: "The time at which it happened at the provider.",
    },
)
SORTS: Final = {PaymentWebhookSortField.CREATED_AT: BY_TIME, PaymentWebhookSortField.OCCURRED_AT: BY_OCCURRENCE}


@strawberry.input(description="The order of a list of webhooks.")
class PaymentWebhookSortInput:
    """Field and direction."""

    field: PaymentWebhookSortField = strawberry.field(
        default=PaymentWebhookSortField.CREATED_AT,
        description="The time to sort by; the newest come first by default.",
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        return SORTS[self.field].running(descending=self.direction is SortDirection.DESC)


@strawberry.input(description="Conditions on webhooks, all of which must hold. Omitted fields set no condition.")
class PaymentWebhookFilterInput:
    """See WebhookFilter."""

    ids: list[UUID] | None = strawberry.field(default=None, description="Only webhooks with one of these ids.")
    provider: str | None = strawberry.field(
        default=None, description="Only events of the payment provider with exactly this name, such as STRIPE."
    )
    event_type: str | None = strawberry.field(
        default=None, description="Only events with exactly this type, in the provider's words."
    )
    status: list[WebhookStatus] | None = strawberry.field(
        default=None, description="Only webhooks with one of these statuses."
    )
    payment_id: UUID | None = strawberry.field(default=None, description="Only events about this payment.")

    def as_filter(self) -> WebhookFilter:
        """The domain's WebhookFilter."""
        return WebhookFilter(
            ids=self.ids,
            provider=self.provider,
            event_type=self.event_type,
            statuses=self.status,
            payment_id=self.payment_id,
        )


@strawberry.input(description="A webhook to process anew.")
class PaymentWebhookReplayInput:
    """A webhook."""

    webhook_id: UUID = strawberry.field(description="The id of the webhook, of any status.")
