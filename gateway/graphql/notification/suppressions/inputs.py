"""Inputs of suppressions."""

from uuid import UUID

import strawberry

from domains.notification.models import NotificationCategory, NotificationType, SuppressionReason
from domains.notification.suppressions.suppressions import SuppressionFilter
from gateway.graphql.notification.suppressions import types as _types  # noqa: F401 - it describes the enums first


@strawberry.input(description="Conditions on suppressions, all of which must hold. Omitted ones set none.")
class NotificationSuppressionFilterInput:
    """See SuppressionFilter."""

    channel: NotificationType | None = strawberry.field(default=None, description="Only those of a channel.")
    address: str | None = strawberry.field(
        default=None,
        description=(
            "Only those of a whole e-mail address, in any case and with any tag, or of a telephone number with its "
            "country code."
        ),
    )
    category: NotificationCategory | None = strawberry.field(
        default=None, description="Only those of this category alone, without those of all categories."
    )
    reason: SuppressionReason | None = strawberry.field(default=None, description="Only those for this reason.")

    def as_filter(self) -> SuppressionFilter:
        """The domain's SuppressionFilter."""
        return SuppressionFilter(
            channel=self.channel, address=self.address, category=self.category, reason=self.reason
        )


@strawberry.input(description="The address that is to get no notifications.")
class NotificationSuppressionCreateInput:
    """See Suppressions.add."""

    channel: NotificationType = strawberry.field(
        default=NotificationType.EMAIL, description="EMAIL, the default, or SMS."
    )
    address: str = strawberry.field(description="An e-mail address, or a telephone number with its country code.")
    category: NotificationCategory | None = strawberry.field(
        default=None, description="What is not sent; null or absent for all that can be refused."
    )


@strawberry.input(description="The suppression to lift.")
class NotificationSuppressionDeleteInput:
    """See Suppressions.remove."""

    id: UUID = strawberry.field(description="The id of a suppression for any reason but UNSUBSCRIBED.")
    note: str | None = strawberry.field(
        default=None,
        description=(
            "Why messages are sent to the address again, at most 500 characters; required for HARD_BOUNCE and "
            "COMPLAINT. It is kept in the event."
        ),
    )
