"""Queries of notifications, for staff."""

from typing import Annotated

import strawberry

from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.notification.listing.inputs import NotificationFilterInput, NotificationSortInput
from gateway.graphql.notification.types import SEES_USERS, Notification


@strawberry.type
class NotificationQuery:
    """The fields of Query about notifications."""

    @query(SEES_USERS)
    async def notifications(
        self,
        info: Info,
        filter: Annotated[
            NotificationFilterInput | None,
            strawberry.argument(description="Conditions on the notifications; all of them by default."),
        ] = None,
        sort_by: Annotated[
            NotificationSortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Notification]:
        """The notifications of the company by all channels. Texts with a code or another secret are not stored."""
        sort = sort_by or NotificationSortInput()
        page = await info.context.services.notification.listing.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            (filter or NotificationFilterInput()).as_filter(),
            sort.field,
            sort.direction.value,
        )
        return Connection[Notification].of(page)
