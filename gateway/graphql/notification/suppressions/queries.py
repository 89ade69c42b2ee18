"""The list of suppressions, for staff."""

from typing import Annotated

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.notification.suppressions.inputs import NotificationSuppressionFilterInput
from gateway.graphql.notification.suppressions.types import NotificationSuppression

READ_USERS = requires(PermissionResource.USERS, PermissionAction.READ)


@strawberry.type
class NotificationSuppressionQuery:
    """The fields of Query about suppressions."""

    @query(READ_USERS)
    async def notification_suppressions(
        self,
        info: Info,
        filter: Annotated[
            NotificationSuppressionFilterInput | None,
            strawberry.argument(description="Conditions on the suppressions; all of the company by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[NotificationSuppression]:
        """The addresses that get no notifications, of one category or at all, newest first."""
        filters = (filter or NotificationSuppressionFilterInput()).as_filter()
        page = PageArgs(first, after, last, before)
        found = await info.context.services.notification.suppressions.find(info.context.reader, page, filters)
        return Connection[NotificationSuppression].of(found)
