"""Payloads of the mutations that send notifications again."""

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.notification.inbox.payloads import ERRORS
from gateway.graphql.notification.types import Notification


@strawberry.type(description="The result of `notificationRetry`.")
class NotificationRetryPayload:
    """See OrderRepeats.retry."""

    notification: Notification | None = strawberry.field(
        default=None, description="The new notification, which is sent now; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `orderConfirmationResend`.")
class OrderConfirmationResendPayload:
    """See OrderRepeats.resend_confirmation."""

    notification: Notification | None = strawberry.field(
        default=None,
        description="The confirmation, which is sent now or was within the last minute; null when there are errors.",
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)
