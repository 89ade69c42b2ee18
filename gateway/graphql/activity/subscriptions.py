"""Subscriptions of the activity log, for staff."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

import strawberry

from domains.activity import events, models
from domains.activity.models import ActivityFilter
from gateway.graphql.activity.inputs import ActivityLogFilterInput
from gateway.graphql.activity.queries import READ_ANALYTICS
from gateway.graphql.activity.types import ActivityLog
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present_all, subscription
from gateway.graphql.core.pagination import PageArgs
from gateway.live.channels import Channel
from gateway.live.stream import LiveEvent

ACTIVITIES: Final = Channel("activity", {events.ActivityRecorded: None})
MAX_BATCH: Final = 50


@strawberry.type(description="Activities of one visitor that a frontend has just reported.")
class ActivityRecorded:
    """A part of a batch."""

    activities: list[ActivityLog] = strawberry.field(
        description="The activities of the batch that meet the conditions, newest first; at most 50."
    )


async def valid_filter(info: Info, filter: ActivityLogFilterInput | None = None) -> None:
    """The room of all activities. Raises what is wrong with the filter."""
    if filter is not None:
        await _matching(info, filter, ())


async def _matching(
    info: Info, filter: ActivityLogFilterInput | None, ids: tuple[UUID, ...]
) -> Sequence[models.ActivityLog]:
    context = info.context
    filters = replace(filter.as_filter() if filter else ActivityFilter(), ids=ids)
    page = await context.services.activity.find_activities(context.reader, PageArgs(first=MAX_BATCH), filters=filters)
    return page.items


@strawberry.type
class ActivitySubscription:
    """The activity domain's fields of Subscription."""

    @subscription(READ_ANALYTICS, channel=ACTIVITIES, room=valid_filter)
    async def activity(
        self,
        info: Info,
        event: LiveEvent,
        filter: Annotated[
            ActivityLogFilterInput | None,
            strawberry.argument(description="Conditions on the activities; all activities by default."),
        ] = None,
    ) -> ActivityRecorded | None:
        """What visitors do, batch by batch as frontends report it. Null means that events were missed."""
        ids = tuple(UUID(id_) for id_ in event.payload.get("activity_ids", ()))
        found = await _matching(info, filter, ids)
        return ActivityRecorded(activities=present_all(ActivityLog, list(found))) if found else None
