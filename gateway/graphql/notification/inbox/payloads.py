"""Payloads of the mutations of the notifications that a user has in the shop."""

from typing import Final

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.notification.types import Notification

ERRORS: Final = "Why nothing was changed; empty on success."
UNREAD: Final = "How many of your notifications are unread afterwards; null when there are errors."


@strawberry.type(description="The result of `notificationRead`.")
class NotificationReadPayload:
    """See Inbox.mark_read."""

    notification: Notification | None = strawberry.field(
        default=None, description="The notification with `readAt`; null when there are errors."
    )
    unread_count: int | None = strawberry.field(default=None, description=UNREAD)
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `notificationsReadAll`.")
class NotificationsReadAllPayload:
    """See Inbox.mark_all_read."""

    count: int | None = strawberry.field(
        default=None, description="How many were unread before; null when there are errors."
    )
    unread_count: int | None = strawberry.field(default=None, description=UNREAD)
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)
