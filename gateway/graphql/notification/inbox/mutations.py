"""Mutations of the notifications that a user has in the shop."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, command, present
from gateway.graphql.notification.inbox import inputs, payloads
from gateway.graphql.notification.types import Notification


@strawberry.type
class InboxMutation:
    """The fields of Mutation about the notifications that a user has in the shop."""

    @command(AUTHENTICATED)
    async def notification_read(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.NotificationReadInput, strawberry.argument(description="One of your own notifications.")
        ],
    ) -> payloads.NotificationReadPayload:
        """Mark one of your notifications as read. One that is read already keeps its `readAt`."""
        inbox, actor = info.context.services.notification.inbox, info.context.actor
        notification = await inbox.mark_read(tx, actor, input.id)
        return payloads.NotificationReadPayload(
            notification=present(Notification, notification), unread_count=await inbox.unread_count(tx, actor)
        )

    @command(AUTHENTICATED)
    async def notifications_read_all(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.NotificationsReadAllInput, strawberry.argument(description="How far you have read.")],
    ) -> payloads.NotificationsReadAllPayload:
        """Mark all your notifications as read, at most 1,000 at once: repeat it while `unreadCount` is above zero."""
        inbox, actor = info.context.services.notification.inbox, info.context.actor
        count = await inbox.mark_all_read(tx, actor, input.until)
        return payloads.NotificationsReadAllPayload(count=count, unread_count=await inbox.unread_count(tx, actor))
