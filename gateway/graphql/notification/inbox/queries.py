"""Queries of the notifications that a user has in the shop."""

from typing import Annotated

import strawberry

from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.notification.inbox.inputs import MyNotificationFilterInput
from gateway.graphql.notification.types import Notification


@strawberry.type
class InboxQuery:
    """The fields of Query about the notifications that a user has in the shop."""

    @query(AUTHENTICATED)
    async def my_notifications(
        self,
        info: Info,
        filter: Annotated[
            MyNotificationFilterInput | None,
            strawberry.argument(description="Conditions on the notifications; all of them by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Notification]:
        """The notifications that the caller has in the shop, the latest first by `sentAt`."""
        context, args = info.context, PageArgs(first, after, last, before)
        page = await context.services.notification.inbox.find(
            context.reader, context.actor, args, filter.as_filter() if filter else None
        )
        return Connection[Notification].of(page)

    @query(AUTHENTICATED)
    async def my_unread_notification_count(self, info: Info) -> int:
        """How many notifications that the caller has in the shop are unread."""
        context = info.context
        count: int = await context.services.notification.inbox.unread_count(context.reader, context.actor)
        return count
