"""Inputs of webhooks."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import strawberry
from strawberry import UNSET

from domains.kernel.pagination.keyset import Sort
from domains.webhook.deliveries import BY_ATTEMPTS, BY_TIME, BY_TOPIC
from domains.webhook.models import DeliveryFilter, WebhookDeliveryStatus
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.webhook import types as _types  # noqa: F401 - the enums must be GraphQL enums first

URL = (
    "An https address on the public internet, with port 443 or one from 1024 on, without a user name, a password or "
    "a fragment, at most 2,000 characters."
)
TOPICS = "Topics of `webhookTopics`, each once, or `*` for all, also those of later versions."
DESCRIPTION = "A note for staff, at most 1,000 characters."
ENDPOINT = "The id of a webhook endpoint of this company."


class WebhookDeliverySortField(StrEnum):
    """The fields that deliveries can be sorted by."""

    CREATED_AT = "CREATED_AT"
    TOPIC = "TOPIC"
    ATTEMPTS = "ATTEMPTS"


describe(
    WebhookDeliverySortField,
    "The fields that webhook deliveries can be sorted by.",
    {
        WebhookDeliverySortField.CREATED_AT: "The time at which they were created.",
        WebhookDeliverySortField.TOPIC: "The topic of the event, by code point.",
        WebhookDeliverySortField.ATTEMPTS: "The number of attempts.",
    },
)
SORTS: Final = {
    WebhookDeliverySortField.CREATED_AT: BY_TIME,
    WebhookDeliverySortField.TOPIC: BY_TOPIC,
    WebhookDeliverySortField.ATTEMPTS: BY_ATTEMPTS,
}


@strawberry.input(description="The order of a list of webhook deliveries.")
class WebhookDeliverySortInput:
    """Field and direction."""

    field: WebhookDeliverySortField = strawberry.field(
        default=WebhookDeliverySortField.CREATED_AT,
        description="The value to sort by; the newest come first by default.",
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        return SORTS[self.field].running(descending=self.direction is SortDirection.DESC)


@strawberry.input(
    description="Conditions on webhook deliveries, all of which must hold. Omitted fields set no condition."
)
class WebhookDeliveryFilterInput:
    """See DeliveryFilter."""

    endpoint_id: UUID | None = strawberry.field(default=None, description="Deliveries to this endpoint.")
    event_id: UUID | None = strawberry.field(default=None, description="Deliveries of this event.")
    topic: str | None = strawberry.field(default=None, description="Deliveries of events with exactly this topic.")
    status: list[WebhookDeliveryStatus] | None = strawberry.field(
        default=None, description="Deliveries with one of these statuses."
    )
    start: datetime | None = strawberry.field(default=None, description="Deliveries created at or after this time.")
    end: datetime | None = strawberry.field(default=None, description="Deliveries created before this time.")

    def as_filter(self) -> DeliveryFilter:
        """The domain's DeliveryFilter."""
        return DeliveryFilter(
            endpoint_id=self.endpoint_id,
            event_id=self.event_id,
            topic=self.topic,
            status=None if self.status is None else tuple(self.status),
            start=self.start,
            end=self.end,
        )


@strawberry.input(description="A webhook endpoint to create.")
class WebhookEndpointCreateInput:
    """A new endpoint."""

    url: str = strawberry.field(description=URL)
    topics: list[str] = strawberry.field(description=TOPICS)
    description: str | None = strawberry.field(default=None, description=DESCRIPTION)


@strawberry.input(description="Changes to a webhook endpoint. Omitted fields do not change.")
class WebhookEndpointUpdateInput:
    """An endpoint and its changes."""

    id: UUID = strawberry.field(description=ENDPOINT)
    url: str | None = strawberry.field(default=UNSET, description=f"{URL} Null is refused.")
    topics: list[str] | None = strawberry.field(default=UNSET, description=f"{TOPICS} Null is refused.")
    description: str | None = strawberry.field(default=UNSET, description=f"{DESCRIPTION} Null removes it.")


@strawberry.input(description="A webhook endpoint.")
class WebhookEndpointInput:
    """An endpoint."""

    id: UUID = strawberry.field(description=ENDPOINT)


@strawberry.input(description="A webhook delivery to send again.")
class WebhookDeliveryReplayInput:
    """A delivery."""

    id: UUID = strawberry.field(description="The id of a webhook delivery of this company that has ended.")


@strawberry.input(description="The failed webhook deliveries to send again.")
class WebhookDeliveriesReplayInput:
    """An endpoint and a time."""

    endpoint_id: UUID = strawberry.field(description=ENDPOINT)
    since: datetime = strawberry.field(description="Deliveries that were created at or after this time.")
