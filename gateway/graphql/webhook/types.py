"""The GraphQL types of webhooks, as staff see them."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.webhook import models
from domains.webhook.models import WebhookDeliveryStatus, WebhookDisabledReason
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import JSON
from gateway.graphql.webhook.loaders import load_attempts, load_endpoints

describe(
    WebhookDisabledReason,
    "Why a webhook endpoint is disabled.",
    {
        WebhookDisabledReason.FAILING: "Every attempt failed for three days.",
        WebhookDisabledReason.GONE: "It answered 410 Gone.",
        WebhookDisabledReason.BY_STAFF: "A member of staff called `webhookEndpointDisable`.",
    },
)
describe(
    WebhookDeliveryStatus,
    "The state of the delivery of an event to a webhook endpoint.",
    {
        WebhookDeliveryStatus.PENDING: "It is being tried, or waits for its next attempt.",
        WebhookDeliveryStatus.SUCCEEDED: "The endpoint answered with a status from 200 to 299.",
        WebhookDeliveryStatus.FAILED: "It is not tried any more, unless it is replayed.",
    },
)
RESPONSE = "The beginning of the answer, at most 1,000 characters, as the endpoint wrote it; null without one."
ERROR = (
    "A code: REFUSED or REDIRECTED for an answer that is no success; TIMEOUT, CONNECTION_FAILED, TLS_FAILED, "
    "NAME_NOT_FOUND, ADDRESS_REFUSED and others when there was none; null after a success."
)


@strawberry.type(description="A kind of events that webhooks can receive.")
class WebhookTopic:
    """An offered topic."""

    topic: str = strawberry.field(description="The name by which endpoints choose it, such as order.paid.")
    description: str = strawberry.field(description="What has happened when it is sent.")
    version: int = strawberry.field(description="The version of its fields, which is in each body.")


@strawberry.type(
    description="An address of an integrator to which the company's events are sent. Requires SETTINGS:READ."
)
class WebhookEndpoint(Node, model=models.WebhookEndpoint):
    """The webhook domain's endpoint, without its secrets."""

    url: str = strawberry.field(description="The address to which events are posted.")
    description: str = strawberry.field(description="What staff wrote about it; empty without anything.")
    topics: list[str] = strawberry.field(description="The topics that it gets; `*` alone for all.")
    api_version: str = strawberry.field(description="The version of the format of its bodies.")
    previous_until: datetime | None = strawberry.field(
        description="Until when the previous secret signs too; null when there is none, and past when it has ended."
    )
    is_active: bool = strawberry.field(description="Whether events are sent to it.")
    failing_since: datetime | None = strawberry.field(
        description="Since when every attempt has failed; null after a success."
    )
    disabled_at: datetime | None = strawberry.field(description="When it was disabled; null when it is active.")
    disabled_reason: WebhookDisabledReason | None = strawberry.field(
        description="Why it was disabled; null when it is active."
    )
    created_at: datetime = strawberry.field(description="When staff created it.")
    updated_at: datetime = strawberry.field(description="When it last changed.")


@strawberry.type(description="One attempt to deliver an event.")
class WebhookAttempt:
    """The webhook domain's attempt."""

    number: int = strawberry.field(description="The number since the delivery was created or replayed.")
    response_status: int | None = strawberry.field(description="The HTTP status of the answer; null without one.")
    duration_ms: int = strawberry.field(description="How long it took, in milliseconds.")
    response: str | None = strawberry.field(description=RESPONSE)
    error: str | None = strawberry.field(description=ERROR)
    created_at: datetime = strawberry.field(description="When the answer was there, or the attempt was given up.")


@strawberry.type(description="An event that is sent to a webhook endpoint, kept for 30 days. Requires SETTINGS:READ.")
class WebhookDelivery(Node, model=models.WebhookDelivery):
    """The webhook domain's delivery."""

    event_id: UUID = strawberry.field(description="The id of the event, which is the `id` of the body.")
    topic: str = strawberry.field(description="The topic of the event; `ping` for a test.")
    payload: JSON = strawberry.field(description="The fields of the event, without personal data.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    status: WebhookDeliveryStatus = strawberry.field(description="Whether it has arrived.")
    attempts: int = strawberry.field(description="The number of attempts since it was created or replayed.")
    response_status: int | None = strawberry.field(
        description="The HTTP status of the last answer; null when there was none."
    )
    duration_ms: int | None = strawberry.field(
        description="How long the last attempt took, in milliseconds; null before one."
    )
    response: str | None = strawberry.field(description=RESPONSE)
    error: str | None = strawberry.field(description=ERROR)
    created_at: datetime = strawberry.field(
        description="When the event had been read for it, or staff asked for a ping."
    )
    ended_at: datetime | None = strawberry.field(description="When it succeeded or failed; null before.")
    endpoint: WebhookEndpoint | None = relation(
        "endpoint_id", load_endpoints, description="The endpoint to which it is sent."
    )
    last_attempts: list[WebhookAttempt] = relation(
        "id", load_attempts, many=True, size=10, description="The last ten attempts, the newest first."
    )

    @computed
    def next_attempt(self: models.WebhookDelivery) -> datetime | None:
        """When it is tried again; null when it is not."""
        return self.next_attempt_at if self.status is WebhookDeliveryStatus.PENDING else None
