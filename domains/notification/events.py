"""The events of the notification domain."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event
from domains.kernel.settings import SettingsUpdated
from domains.notification.models import Notification


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationEvent(Event):
    """The base of the events about one notification."""

    notification_id: UUID
    user_id: UUID | None
    type: str
    kind: str

    @property
    def aggregate_id(self) -> UUID:
        """The notification."""
        return self.notification_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSent(NotificationEvent):
    """A notification was taken by its provider, or stands in the list of the user in the shop."""

    topic: ClassVar[str] = "notification.sent"

    @classmethod
    def of(cls, notification: Notification) -> "NotificationSent":
        """The event of a notification."""
        return cls(
            notification_id=notification.id,
            user_id=notification.user_id,
            type=notification.type.value,
            kind=notification.kind.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFailed(NotificationEvent):
    """A notification was not sent, and will not be; `failure_reason` is a code, or a provider's."""

    topic: ClassVar[str] = "notification.failed"
    failure_reason: str

    @classmethod
    def of(cls, notification: Notification, reason: str) -> "NotificationFailed":
        """The event of a notification."""
        return cls(
            notification_id=notification.id,
            user_id=notification.user_id,
            type=notification.type.value,
            kind=notification.kind.value,
            failure_reason=reason,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationPreferencesUpdated(Event):
    """A user chose to get notifications of a category by a channel, or not to; each is `CATEGORY:CHANNEL`.

    `source` says where: ACCOUNT, UNSUBSCRIBE_LINK and others.
    """

    topic: ClassVar[str] = "notification.preferences_updated"
    user_id: UUID
    enabled: list[str]
    disabled: list[str]
    source: str

    @property
    def aggregate_id(self) -> UUID:
        """The user."""
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionEvent(Event):
    """The base of the events about one address that gets no notifications, of a category or (null) of any."""

    suppression_id: UUID
    channel: str
    category: str | None
    suppression_reason: str

    @property
    def aggregate_id(self) -> UUID:
        """The suppression."""
        return self.suppression_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionCreated(SuppressionEvent):
    """An address bounced, complained or unsubscribed, or staff suppressed it (MANUAL)."""

    topic: ClassVar[str] = "notification.suppression_created"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionLifted(SuppressionEvent):
    """Staff lifted a suppression; `note` says why."""

    topic: ClassVar[str] = "notification.suppression_lifted"
    personal: ClassVar[tuple[str, ...]] = ("note",)
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSettingsUpdated(SettingsUpdated):
    """The settings of notifications of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "notification.settings_updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementEvent(Event):
    """The base of the events about one announcement; `kind` is PROMOTION, RECOMMENDATION or NEWS."""

    announcement_id: UUID
    kind: str

    @property
    def aggregate_id(self) -> UUID:
        """The announcement."""
        return self.announcement_id


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementCreated(AnnouncementEvent):
    """Staff created an announcement, which is sent from `scheduled_at` on."""

    topic: ClassVar[str] = "announcement.created"
    scheduled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementSent(AnnouncementEvent):
    """The notifications of an announcement, `created` in all, were created for all who asked for its category."""

    topic: ClassVar[str] = "announcement.sent"
    created: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementCancelled(AnnouncementEvent):
    """Staff cancelled an announcement; what of it was not sent yet will not be."""

    topic: ClassVar[str] = "announcement.cancelled"
