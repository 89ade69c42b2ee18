"""Queries of the activity log."""

from typing import Annotated

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.activity.inputs import ActivityLogFilterInput, ActivityLogSortInput
from gateway.graphql.activity.types import ActivityLog
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs

READ_ANALYTICS = requires(PermissionResource.ANALYTICS, PermissionAction.READ)


@strawberry.type
class ActivityQuery:
    """The activity domain's fields of Query."""

    @query(READ_ANALYTICS)
    async def activity_logs(
        self,
        info: Info,
        filter: Annotated[
            ActivityLogFilterInput | None,
            strawberry.argument(description="Conditions on the activities; all activities by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "A text that occurs in the resource, user agent or IP address, ignoring case; null or "
                    "empty for all."
                )
            ),
        ] = None,
        sort_by: Annotated[
            ActivityLogSortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ActivityLog]:
        """The activity log of this company's frontends for the last 90 days."""
        page = await info.context.services.activity.find_activities(
            info.context.reader,
            PageArgs(first, after, last, before),
            filters=filter.as_filter() if filter else None,
            search=search,
            sort=(sort_by or ActivityLogSortInput()).as_sort(),
        )
        return Connection[ActivityLog].of(page)
