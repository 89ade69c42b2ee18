"""Mutations of webhooks."""

from typing import Annotated, Final

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present, requires, workflow
from gateway.graphql.payment.webhooks.inputs import PaymentWebhookReplayInput
from gateway.graphql.payment.webhooks.types import PaymentWebhook

MAY_MANAGE: Final = requires(PermissionResource.ORDERS, PermissionAction.MANAGE)


@strawberry.type(description="The result of `paymentWebhookReplay`.")
class PaymentWebhookReplayPayload:
    """The webhook or the errors."""

    webhook: PaymentWebhook | None = strawberry.field(
        default=None,
        description="The webhook with its result: PENDING with an `error` when the provider did not answer.",
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was not processed anew; empty on success."
    )


@strawberry.type
class WebhookMutation:
    """The fields of Mutation about webhooks."""

    @workflow(MAY_MANAGE)
    async def payment_webhook_replay(
        self,
        info: Info,
        input: Annotated[PaymentWebhookReplayInput, strawberry.argument(description="The webhook to process anew.")],
    ) -> PaymentWebhookReplayPayload:
        """Look the payment of a webhook up at its provider again, and record its present state.

        Nothing changes when that state is known already.
        """
        context = info.context
        webhook = await context.services.order.webhooks.replay(context.db, context.actor, input.webhook_id)
        return PaymentWebhookReplayPayload(webhook=present(PaymentWebhook, webhook))
