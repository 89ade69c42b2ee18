"""The choices and profiles of users about notifications in the API."""

from datetime import datetime

import strawberry

from domains.notification import models
from domains.notification.models import (
    NotificationCategory,
    NotificationFrequency,
    NotificationType,
    PreferenceSource,
)
from gateway.graphql.core.enums import describe
from gateway.graphql.notification import enums as _enums  # noqa: F401 - it makes the enums those of the API

describe(
    NotificationFrequency,
    "How often a recipient gets the notifications of a category.",
    {
        NotificationFrequency.IMMEDIATE: "As soon as they are there, outside of quiet hours.",
        NotificationFrequency.DAILY: "Together, at 9:00 in the time zone of the recipient.",
        NotificationFrequency.WEEKLY: "Together, on Mondays at 9:00 in the time zone of the recipient.",
    },
)
describe(
    PreferenceSource,
    "Where a choice about notifications was made.",
    {
        PreferenceSource.ACCOUNT: "In the account, with `notificationPreferencesUpdate`.",
        PreferenceSource.UNSUBSCRIBE_LINK: "By the link of an e-mail.",
        PreferenceSource.REGISTRATION: "With the registration, and confirmed with the address.",
    },
    name="NotificationPreferenceSource",
)


@strawberry.type(
    description="Whether a user gets the notifications of a category by a channel: by choice, or by default."
)
class NotificationPreference:
    """The domain's ChannelChoice."""

    category: NotificationCategory = strawberry.field(description="What the notifications are about.")
    channel: NotificationType = strawberry.field(description="By which way they would reach the user.")
    enabled: bool = strawberry.field(description="Whether they are sent; the default where nothing was chosen.")
    frequency: NotificationFrequency = strawberry.field(
        description="How often they are sent; critical ones, such as order confirmations, always at once."
    )
    is_required: bool = strawberry.field(description="Whether the user cannot refuse them.")
    chosen_at: datetime | None = strawberry.field(
        description="When `enabled` was chosen last: the time of the consent or its withdrawal; null for the default."
    )
    source: PreferenceSource | None = strawberry.field(
        description="How `enabled` was chosen last; null for the default."
    )


@strawberry.type(description="Local times between which only critical notifications are sent.")
class QuietHours:
    """Two times of a profile."""

    start: str = strawberry.field(description="The first quiet minute, such as 22:00.")
    end: str = strawberry.field(
        description="The minute at which they end, such as 07:00; before the start for hours over midnight."
    )


@strawberry.type(
    description="How a user gets notifications. Each null stands for what the settings of the company say."
)
class NotificationProfile:
    """The domain's NotificationProfile."""

    language: str | None = strawberry.field(description="The language of the texts, a tag of BCP 47 such as de.")
    time_zone: str | None = strawberry.field(
        description="The time zone of quiet hours and of daily notifications, such as Europe/Berlin."
    )
    quiet_hours: QuietHours | None = strawberry.field(
        description="The user's own quiet hours; the same time twice for none, also where the company has some."
    )

    @classmethod
    def of(cls, profile: models.NotificationProfile | None) -> "NotificationProfile":
        """The profile of a user, or without one nothing but nulls."""
        if profile is None:
            return cls(language=None, time_zone=None, quiet_hours=None)
        start, end = profile.quiet_hours_start, profile.quiet_hours_end
        hours = None if start is None or end is None else QuietHours(start=f"{start:%H:%M}", end=f"{end:%H:%M}")
        return cls(language=profile.language, time_zone=profile.time_zone, quiet_hours=hours)
