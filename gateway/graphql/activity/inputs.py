"""Inputs of the activity domain."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import strawberry

from domains.activity.models import ActivityAction, ActivityFilter, ReportedActivity
from domains.activity.service import BY_RESOURCE, BY_TIME
from domains.kernel.pagination.keyset import Sort
from gateway.graphql.activity import types as _types  # noqa: F401 - ActivityAction must be a GraphQL enum before it is used
from gateway.graphql.core.enums import describe
from gateway.graphql.core.scalars import JSON
from gateway.graphql.core.sorting import SortDirection


class ActivityLogSortField(StrEnum):
    """The fields that activities can be sorted by."""

    TIMESTAMP = "TIMESTAMP"
    RESOURCE = "RESOURCE"


describe(
    ActivityLogSortField,
    "The fields that activities can be sorted by.",
    {
        ActivityLogSortField.TIMESTAMP: "The time at which the activity happened.",
        ActivityLogSortField.RESOURCE: "The text of `resource`, by code point.",
    },
)
SORTS = {ActivityLogSortField.TIMESTAMP: BY_TIME, ActivityLogSortField.RESOURCE: BY_RESOURCE}


@strawberry.input(description="The order of a list of activities.")
class ActivityLogSortInput:
    """Field and direction."""

    field: ActivityLogSortField = strawberry.field(
        default=ActivityLogSortField.TIMESTAMP, description="The value to sort by; the newest come first by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        return SORTS[self.field].running(descending=self.direction is SortDirection.DESC)


@strawberry.input(description="Conditions on activities, all of which must hold. Omitted fields set no condition.")
class ActivityLogFilterInput:
    """See ActivityFilter."""

    user_id: UUID | None = strawberry.field(
        default=None, description="Activities of this user; those of guests have none."
    )
    action: ActivityAction | None = strawberry.field(default=None, description="Activities of this kind only.")
    resource: str | None = strawberry.field(default=None, description="Activities with exactly this resource.")
    start: datetime | None = strawberry.field(default=None, description="Activities at or after this time.")
    end: datetime | None = strawberry.field(default=None, description="Activities before this time.")

    def as_filter(self) -> ActivityFilter:
        """The domain's ActivityFilter."""
        return ActivityFilter(
            user_id=self.user_id, action=self.action, resource=self.resource, start=self.start, end=self.end
        )


@strawberry.input(description="An activity of a visitor to report.")
class ActivityInput:
    """See ReportedActivity."""

    action: ActivityAction = strawberry.field(
        description="What the visitor did; it decides the meaning of `resource`."
    )
    resource: str = strawberry.field(
        description="The product's id for a PRODUCT_VIEW; otherwise a path, slug or name, 1 to 255 characters."
    )
    metadata: JSON | None = strawberry.field(
        default=None,
        description=(
            "A JSON object of at most 2,000 bytes and 4 levels, such as the button or a duration; empty by default."
        ),
    )
    timestamp: datetime | None = strawberry.field(
        default=None,
        description="When the activity happened; now by default. Times before the last day are moved into it.",
    )

    def as_reported(self) -> ReportedActivity:
        """The domain's ReportedActivity."""
        metadata: Any = {} if self.metadata is None else self.metadata
        return ReportedActivity(
            action=self.action, resource=self.resource, metadata=metadata, timestamp=self.timestamp
        )


@strawberry.input(description="A batch of activities to report at once.")
class ActivityTrackInput:
    """A batch."""

    activities: list[ActivityInput] = strawberry.field(
        description="The activities, at most 50; if one is invalid, none is logged."
    )
