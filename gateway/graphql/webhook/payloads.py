"""Payloads of the mutations of webhooks."""

from uuid import UUID

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.webhook.types import WebhookDelivery, WebhookEndpoint

REFUSED = "Why the change was refused; empty on success."
ISSUED = (
    "The new secret by which requests are signed, `whsec_` and Base64; null when it was refused. It is shown this "
    "once: store it."
)
ENDPOINT = "The endpoint; null when it was refused."


@strawberry.type(description="The result of `webhookEndpointCreate`.")
class WebhookEndpointCreatePayload:
    """The endpoint with its secret, or why not."""

    endpoint: WebhookEndpoint | None = strawberry.field(default=None, description=ENDPOINT)
    secret: str | None = strawberry.field(default=None, description=ISSUED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `webhookEndpointUpdate`.")
class WebhookEndpointUpdatePayload:
    """The endpoint, or why not."""

    endpoint: WebhookEndpoint | None = strawberry.field(default=None, description=ENDPOINT)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `webhookEndpointDelete`.")
class WebhookEndpointDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted endpoint; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `webhookEndpointSecretRotate`.")
class WebhookEndpointSecretRotatePayload:
    """The endpoint with its new secret, or why not."""

    endpoint: WebhookEndpoint | None = strawberry.field(default=None, description=ENDPOINT)
    secret: str | None = strawberry.field(default=None, description=ISSUED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `webhookEndpointEnable`.")
class WebhookEndpointEnablePayload:
    """The endpoint, or why not."""

    endpoint: WebhookEndpoint | None = strawberry.field(default=None, description=ENDPOINT)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `webhookEndpointDisable`.")
class WebhookEndpointDisablePayload:
    """The endpoint, or why not."""

    endpoint: WebhookEndpoint | None = strawberry.field(default=None, description=ENDPOINT)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `webhookEndpointTest`.")
class WebhookEndpointTestPayload:
    """The delivery of the ping, or why not."""

    delivery: WebhookDelivery | None = strawberry.field(
        default=None, description="The delivery of the ping, which is sent at once; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `webhookDeliveryReplay`.")
class WebhookDeliveryReplayPayload:
    """The delivery, or why not."""

    delivery: WebhookDelivery | None = strawberry.field(
        default=None, description="The delivery, which is PENDING again; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `webhookDeliveriesReplay`.")
class WebhookDeliveriesReplayPayload:
    """How many, or why not."""

    count: int | None = strawberry.field(
        default=None, description="How many are sent again, at most 1,000; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)
