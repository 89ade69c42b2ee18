"""Inputs of the notifications that a user has in the shop."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.notification.inbox.inbox import InboxFilter
from domains.notification.models import NotificationCategory, NotificationKind
from gateway.graphql.notification import types as _types  # noqa: F401 - describes the kinds and categories first


@strawberry.input(description="Conditions on your notifications, all of which must hold. Omitted ones set none.")
class MyNotificationFilterInput:
    """See InboxFilter."""

    unread: bool | None = strawberry.field(
        default=None, description="True: those that you have not read; false: those that you have."
    )
    kind: list[NotificationKind] | None = strawberry.field(default=None, description="Those of one of these kinds.")
    category: list[NotificationCategory] | None = strawberry.field(
        default=None, description="Those of one of these categories."
    )

    def as_filter(self) -> InboxFilter:
        """The domain's InboxFilter."""
        return InboxFilter(is_unread=self.unread, kinds=self.kind, categories=self.category)


@strawberry.input(description="A notification that you have read.")
class NotificationReadInput:
    """A notification."""

    id: UUID = strawberry.field(description="The id of a notification that you have in the shop.")


@strawberry.input(description="How far you have read your notifications.")
class NotificationsReadAllInput:
    """A time."""

    until: datetime | None = strawberry.field(
        default=None,
        description=(
            "The `sentAt` of the latest notification that was shown; those that came later stay unread. Null for all."
        ),
    )
