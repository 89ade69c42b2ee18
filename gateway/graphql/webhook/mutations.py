"""Mutations of webhooks."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.webhook.models import EndpointChanges, WebhookDisabledReason
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, from_input, present, requires
from gateway.graphql.webhook import inputs, payloads
from gateway.graphql.webhook.types import WebhookDelivery, WebhookEndpoint

MAY_MANAGE = requires(PermissionResource.SETTINGS, PermissionAction.MANAGE)


@strawberry.type
class WebhookMutation:
    """The webhook domain's fields of Mutation."""

    @command(MAY_MANAGE)
    async def webhook_endpoint_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.WebhookEndpointCreateInput,
            strawberry.argument(description="Its address and topics, and a note for staff."),
        ],
    ) -> payloads.WebhookEndpointCreatePayload:
        """Create a webhook endpoint, which gets the events from now on. At most 20; its secret is shown this once."""
        endpoints = info.context.services.webhook.endpoints
        issued = await endpoints.create(tx, from_input(EndpointChanges, input))
        return payloads.WebhookEndpointCreatePayload(
            endpoint=present(WebhookEndpoint, issued.endpoint), secret=issued.secret.reveal()
        )

    @command(MAY_MANAGE)
    async def webhook_endpoint_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.WebhookEndpointUpdateInput,
            strawberry.argument(description="The endpoint, and what changes."),
        ],
    ) -> payloads.WebhookEndpointUpdatePayload:
        """Change a webhook endpoint. What waits is sent to its new address."""
        endpoints = info.context.services.webhook.endpoints
        endpoint = await endpoints.update(tx, input.id, from_input(EndpointChanges, input, exclude=("id",)))
        return payloads.WebhookEndpointUpdatePayload(endpoint=present(WebhookEndpoint, endpoint))

    @command(MAY_MANAGE)
    async def webhook_endpoint_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.WebhookEndpointInput, strawberry.argument(description="An endpoint that is not needed any more.")
        ],
    ) -> payloads.WebhookEndpointDeletePayload:
        """Delete a webhook endpoint with its deliveries. What waits is not sent."""
        await info.context.services.webhook.endpoints.delete(tx, input.id)
        return payloads.WebhookEndpointDeletePayload(deleted_id=input.id)

    @command(MAY_MANAGE)
    async def webhook_endpoint_secret_rotate(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.WebhookEndpointInput, strawberry.argument(description="The endpoint that gets a new secret.")
        ],
    ) -> payloads.WebhookEndpointSecretRotatePayload:
        """Replace the secret of a webhook endpoint. For 24 hours requests have a signature by each of both."""
        endpoints = info.context.services.webhook.endpoints
        issued = await endpoints.rotate_secret(tx, input.id)
        return payloads.WebhookEndpointSecretRotatePayload(
            endpoint=present(WebhookEndpoint, issued.endpoint), secret=issued.secret.reveal()
        )

    @command(MAY_MANAGE)
    async def webhook_endpoint_enable(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.WebhookEndpointInput,
            strawberry.argument(description="An endpoint that was disabled, by whomever."),
        ],
    ) -> payloads.WebhookEndpointEnablePayload:
        """Enable a webhook endpoint, which gets the events from now on. Replay what failed."""
        endpoints = info.context.services.webhook.endpoints
        endpoint = await endpoints.enable(tx, input.id)
        return payloads.WebhookEndpointEnablePayload(endpoint=present(WebhookEndpoint, endpoint))

    @command(MAY_MANAGE)
    async def webhook_endpoint_disable(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.WebhookEndpointInput,
            strawberry.argument(description="An endpoint that is to get nothing for a while, or ever."),
        ],
    ) -> payloads.WebhookEndpointDisablePayload:
        """Disable a webhook endpoint: no event is sent to it, and deliveries that wait fail."""
        endpoints = info.context.services.webhook.endpoints
        endpoint = await endpoints.disable(tx, input.id, WebhookDisabledReason.BY_STAFF)
        return payloads.WebhookEndpointDisablePayload(endpoint=present(WebhookEndpoint, endpoint))

    @command(MAY_MANAGE)
    async def webhook_endpoint_test(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.WebhookEndpointInput, strawberry.argument(description="An active endpoint, which is sent a ping.")
        ],
    ) -> payloads.WebhookEndpointTestPayload:
        """Send an event with the topic `ping` to a webhook endpoint."""
        endpoints = info.context.services.webhook.endpoints
        delivery = await endpoints.test(tx, input.id)
        return payloads.WebhookEndpointTestPayload(delivery=present(WebhookDelivery, delivery))

    @command(MAY_MANAGE)
    async def webhook_delivery_replay(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.WebhookDeliveryReplayInput, strawberry.argument(description="The delivery to send again.")
        ],
    ) -> payloads.WebhookDeliveryReplayPayload:
        """Send a webhook delivery again that has ended, as the same message: its `webhook-id` is the same."""
        delivery = await info.context.services.webhook.deliveries.replay(tx, input.id)
        return payloads.WebhookDeliveryReplayPayload(delivery=present(WebhookDelivery, delivery))

    @command(MAY_MANAGE)
    async def webhook_deliveries_replay(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.WebhookDeliveriesReplayInput, strawberry.argument(description="The endpoint, and since when.")
        ],
    ) -> payloads.WebhookDeliveriesReplayPayload:
        """Send the failed deliveries of an endpoint again, the oldest first, at most 1,000 at once."""
        count = await info.context.services.webhook.deliveries.replay_failed(tx, input.endpoint_id, input.since)
        return payloads.WebhookDeliveriesReplayPayload(count=count)
