"""Notifications as the domain shows them, and the inputs that create them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.notification.data import (
    CartReminderAudience,
    NotificationCategory,
    NotificationFrequency,
    NotificationKind,
    NotificationPriority,
    NotificationStatus,
    NotificationType,
    PreferenceSource,
    SuppressionReason,
)
from domains.notification.data import EmailTemplateRow as StoredEmailTemplate
from domains.notification.data import NotificationLogRow as NotificationLog
from domains.notification.data import NotificationPreferenceRow as NotificationPreference
from domains.notification.data import NotificationProfileRow as NotificationProfile
from domains.notification.data import NotificationRow as Notification
from domains.notification.data import NotificationSettingsRow as NotificationSettings
from domains.notification.data import NotificationSuppressionRow as NotificationSuppression

__all__ = [
    "CartReminderAudience",
    "NewNotification",
    "Notification",
    "NotificationCategory",
    "NotificationFrequency",
    "NotificationKind",
    "NotificationLog",
    "NotificationPreference",
    "NotificationPriority",
    "NotificationProfile",
    "NotificationSettings",
    "NotificationStatus",
    "NotificationSuppression",
    "NotificationType",
    "PreferenceSource",
    "StoredEmailTemplate",
    "SuppressionReason",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotification:
    """A notification to create. `variables` are those of the kind's template, in terms of JSON.

    `dedupe_key` names what it tells whom by which channel: it is created once. Give a user, or an address or number
    as `recipient`, or both. Without a language it gets the company's; without a time it is sent at once.
    """

    kind: NotificationKind
    dedupe_key: str
    recipient: str | None = None
    user_id: UUID | None = None
    type: NotificationType = NotificationType.EMAIL
    language: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    scheduled_at: datetime | None = None
