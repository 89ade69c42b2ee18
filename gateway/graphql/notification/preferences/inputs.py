"""Inputs of the choices and profiles of users about notifications."""

from typing import Any

import strawberry

from domains.notification.models import NotificationCategory, NotificationFrequency, NotificationType
from domains.notification.preferences.preferences import ChannelChoice
from gateway.graphql.core.fields import input_values
from gateway.graphql.notification.preferences import types as _types  # noqa: F401 - it describes the enums first


@strawberry.input(description="The choice for one category and channel.")
class NotificationPreferenceInput:
    """See ChannelChoice."""

    category: NotificationCategory = strawberry.field(
        description="What the notifications are about; ACCOUNT and STAFF cannot be chosen."
    )
    channel: NotificationType = strawberry.field(description="The way by which they are sent or not.")
    enabled: bool = strawberry.field(description="Whether to send them.")
    frequency: NotificationFrequency = strawberry.field(
        default=NotificationFrequency.IMMEDIATE, description="How often to send them; at once by default."
    )

    def as_choice(self) -> ChannelChoice:
        """The domain's ChannelChoice."""
        return ChannelChoice(
            category=self.category, channel=self.channel, enabled=self.enabled, frequency=self.frequency
        )


@strawberry.input(description="Choices about notifications. All of them are stored, or none.")
class NotificationPreferencesUpdateInput:
    """See Preferences.update."""

    preferences: list[NotificationPreferenceInput] = strawberry.field(
        description="The choices to change, each category and channel once; others stay."
    )


@strawberry.input(description="Local times between which only critical notifications are sent.")
class QuietHoursInput:
    """Two times."""

    start: str = strawberry.field(description="The first quiet minute: hours and minutes, such as 22:00.")
    end: str = strawberry.field(
        description="When they end, such as 07:00. The same as the start for no quiet hours at all."
    )


@strawberry.input(description="Changes to how the caller gets notifications. Omitted fields do not change.")
class NotificationProfileUpdateInput:
    """See Preferences.update_profile."""

    language: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The language, a tag of BCP 47 such as de; null for the company's.",
    )
    time_zone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A name of the IANA time zone database, such as Europe/Berlin; null for the company's.",
    )
    quiet_hours: QuietHoursInput | None = strawberry.field(
        default=strawberry.UNSET, description="The own quiet hours; null for the company's."
    )

    def as_changes(self) -> dict[str, Any]:
        """The changes for the domain."""
        changes = input_values(self)
        hours = changes.get("quiet_hours")
        return changes | ({"quiet_hours": (hours.start, hours.end)} if hours else {})
