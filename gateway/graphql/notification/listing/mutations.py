"""Mutations that send notifications again, for staff."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires, sensitive
from gateway.graphql.notification.listing import inputs, payloads
from gateway.graphql.notification.types import Notification

UPDATE_USERS = requires(PermissionResource.USERS, PermissionAction.UPDATE)
UPDATE_ORDERS = requires(PermissionResource.ORDERS, PermissionAction.UPDATE)


@strawberry.type
class NotificationMutation:
    """The fields of Mutation that send notifications again."""

    @sensitive
    @command(UPDATE_USERS)
    async def notification_retry(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.NotificationRetryInput, strawberry.argument(description="A failed notification about an order.")
        ],
    ) -> payloads.NotificationRetryPayload:
        """Send a failed notification about an order again, made of what is so now. A second call sends none."""
        made = await info.context.services.notification.order_repeats.retry(tx, input.id)
        return payloads.NotificationRetryPayload(notification=present(Notification, made))

    @sensitive
    @command(UPDATE_ORDERS)
    async def order_confirmation_resend(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.OrderConfirmationResendInput,
            strawberry.argument(description="The order whose buyer needs the confirmation."),
        ],
    ) -> payloads.OrderConfirmationResendPayload:
        """Send the confirmation of an order to its address again, at most once a minute and five times a day."""
        made = await info.context.services.notification.order_repeats.resend_confirmation(tx, input.order_id)
        return payloads.OrderConfirmationResendPayload(notification=present(Notification, made))
