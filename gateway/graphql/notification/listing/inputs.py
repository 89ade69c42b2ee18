"""Inputs of lists of notifications, and of those that staff send again."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.notification.listing.listing import NotificationFilter, NotificationSort
from domains.notification.models import (
    NotificationCategory,
    NotificationKind,
    NotificationStatus,
    NotificationType,
)
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.notification import types as _types  # noqa: F401 - describes the enums first

describe(
    NotificationSort,
    "The fields that notifications can be sorted by.",
    {
        NotificationSort.CREATED_AT: "When what it tells happened, as far as the shop knows.",
        NotificationSort.SCHEDULED_AT: "The time before which it is not sent.",
    },
    name="NotificationSortField",
)


@strawberry.input(description="Conditions on notifications, all of which must hold. Omitted ones set none.")
class NotificationFilterInput:
    """See NotificationFilter."""

    status: list[NotificationStatus] | None = strawberry.field(
        default=None, description="Those with one of these statuses."
    )
    type: list[NotificationType] | None = strawberry.field(
        default=None, description="Those by one of these channels."
    )
    kind: list[NotificationKind] | None = strawberry.field(default=None, description="Those of one of these kinds.")
    category: list[NotificationCategory] | None = strawberry.field(
        default=None, description="Those of one of these categories."
    )
    recipient: str | None = strawberry.field(
        default=None, description="Those to exactly this e-mail address or telephone number (E.164)."
    )
    user_id: UUID | None = strawberry.field(default=None, description="Those for the account of a user.")
    order_id: UUID | None = strawberry.field(default=None, description="Those about an order.")
    start: datetime | None = strawberry.field(default=None, description="Those created at or after this time.")
    end: datetime | None = strawberry.field(default=None, description="Those created before this time.")

    def as_filter(self) -> NotificationFilter:
        """The domain's NotificationFilter."""
        return NotificationFilter(
            status=self.status,
            type=self.type,
            kind=self.kind,
            category=self.category,
            recipient=self.recipient,
            user_id=self.user_id,
            order_id=self.order_id,
            start=self.start,
            end=self.end,
        )


@strawberry.input(description="The order of a list of notifications.")
class NotificationSortInput:
    """A field and a direction."""

    field: NotificationSort = strawberry.field(
        default=NotificationSort.CREATED_AT, description="The value to sort by; the newest come first by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )


@strawberry.input(description="A notification to send again.")
class NotificationRetryInput:
    """A notification."""

    id: UUID = strawberry.field(description="The id of a notification about an order that is FAILED or BOUNCED.")


@strawberry.input(description="An order whose confirmation is sent again.")
class OrderConfirmationResendInput:
    """An order."""

    order_id: UUID = strawberry.field(description="The id of an order that was neither cancelled nor has failed.")
