"""What clients say about activities."""

from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import strawberry

from domains.activity.models import ActivityAction, ActivityFilter, Reported
from domains.activity.service import BY_RESOURCE, BY_TIME
from domains.kernel.pagination.keyset import Sort
from gateway.graphql.activity import types as _types  # noqa: F401 - ActivityAction must be a GraphQL enum before it is used
from gateway.graphql.core.enums import describe
from gateway.graphql.core.scalars import JSON
from gateway.graphql.core.sorting import SortDirection


class ActivityLogSortField(StrEnum):
    """What activities are sorted by."""

    TIMESTAMP = "TIMESTAMP"
    RESOURCE = "RESOURCE"


describe(
    ActivityLogSortField,
    "What activities are sorted by.",
    {
        ActivityLogSortField.TIMESTAMP: "When they were done.",
        ActivityLogSortField.RESOURCE: "What they were about.",
    },
)
SORTS = {ActivityLogSortField.TIMESTAMP: BY_TIME, ActivityLogSortField.RESOURCE: BY_RESOURCE}


@strawberry.input(description="How activities are sorted.")
class ActivityLogSortInput:
    """Field and direction."""

    field: ActivityLogSortField = strawberry.field(
        default=ActivityLogSortField.TIMESTAMP, description="The value to sort by; newest first by default."
    )
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which way.")

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        return SORTS[self.field].running(descending=self.direction is SortDirection.DESC)


@strawberry.input(description="Which activities are wanted; everything given must hold.")
class ActivityLogFilterInput:
    """See ActivityFilter."""

    user_id: UUID | None = strawberry.field(default=None, description="Only activities of this signed-in user.")
    action: ActivityAction | None = strawberry.field(default=None, description="Of this kind.")
    resource: str | None = strawberry.field(default=None, description="About exactly this.")
    start: datetime | None = strawberry.field(default=None, description="From this moment on.")
    end: datetime | None = strawberry.field(default=None, description="Before this moment.")

    def as_filter(self) -> ActivityFilter:
        """The domain's ActivityFilter."""
        return ActivityFilter(
            user_id=self.user_id, action=self.action, resource=self.resource, start=self.start, end=self.end
        )


@strawberry.input(description="One thing that a visitor did.")
class ActivityInput:
    """See Reported."""

    action: ActivityAction = strawberry.field(description="What was done.")
    resource: str = strawberry.field(
        description="What it was about: the product's id for a PRODUCT_VIEW, else a path, a slug or a name."
    )
    metadata: JSON | None = strawberry.field(
        default=None,
        description="An object of at most 2,000 bytes and 4 levels: the button, coordinates, a duration.",
    )
    timestamp: datetime | None = strawberry.field(
        default=None, description="When, moved into the last day; now when left out."
    )

    def as_reported(self) -> Reported:
        """The domain's Reported."""
        metadata = cast("dict[str, Any]", {} if self.metadata is None else self.metadata)
        return Reported(action=self.action, resource=self.resource, metadata=metadata, timestamp=self.timestamp)


@strawberry.input(description="What visitors did since the last report.")
class ActivityTrackInput:
    """A batch."""

    activities: list[ActivityInput] = strawberry.field(description="At most 50.")
