"""The subscription of the notifications that a user gets in the shop."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import strawberry

from domains.auth.policy import require_user_id
from domains.notification.events import NotificationSent
from domains.notification.inbox.errors import NotificationNotFound
from domains.notification.models import NotificationType
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, present, subscription
from gateway.graphql.notification.types import Notification
from gateway.live.channels import Channel
from gateway.live.stream import LiveEvent


def _user_of(payload: Mapping[str, Any]) -> Any:
    """The user who has the notification in the shop; None for other channels."""
    return payload["user_id"] if payload["type"] == NotificationType.IN_APP else None


INBOX: Final = Channel("inbox", {NotificationSent: _user_of})


@strawberry.type(description="A notification that a user has just got in the shop.")
class NotificationReceived:
    """The notification as it is now."""

    notification: Notification = strawberry.field(description="The notification; it may have been read already.")
    unread_count: int = strawberry.field(description="How many of the user's notifications are unread now.")


async def own_inbox(info: Info) -> UUID:
    """The room of a user. Raises Unauthenticated."""
    return require_user_id(info.context.actor)


@strawberry.type
class InboxSubscription:
    """The fields of Subscription about the notifications that a user has in the shop."""

    @subscription(AUTHENTICATED, channel=INBOX, room=own_inbox)
    async def notification_received(self, info: Info, event: LiveEvent) -> NotificationReceived | None:
        """Each notification that the caller gets in the shop. Null means that events were missed: list them again."""
        context = info.context
        inbox = context.services.notification.inbox
        try:
            found = await inbox.get(context.reader, context.actor, event.aggregate_id)
        except NotificationNotFound:  # it was deleted since; the subscription goes on
            return None
        unread = await inbox.unread_count(context.reader, context.actor)
        return NotificationReceived(notification=present(Notification, found), unread_count=unread)
