"""What recipients chose: whether a notification may be sent to them, and when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from domains.notification.kinds import ASKED_FOR, REQUIRED
from domains.notification.models import (
    Notification,
    NotificationCategory,
    NotificationFrequency,
    NotificationKind,
    NotificationPriority,
    NotificationType,
    SuppressionReason,
)
from domains.notification.preferences.quiet_hours import Hours


class Refusal(StrEnum):
    """Why a notification is not sent; the `failure_reason` of the row. STALE: what it tells is not so any more."""

    BOUNCED_BEFORE = "BOUNCED_BEFORE"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    NOT_WANTED = "NOT_WANTED"
    STALE = "STALE"


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of a recipient for one category and channel: None where the recipient has made none.

    `suppressed` are the suppressions of the address for the category.
    """

    is_chosen: bool | None = None
    frequency: NotificationFrequency | None = None
    suppressed: Sequence[SuppressionReason] = ()


@dataclass(frozen=True, slots=True)
class Send:
    """The notification may be sent now."""


@dataclass(frozen=True, slots=True)
class Postpone:
    """The notification may be sent at a time in the future, when it is decided again."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Refuse:
    """The notification may not be sent."""

    reason: Refusal


Decision: TypeAlias = Send | Postpone | Refuse


def is_wanted_by_default(category: NotificationCategory, channel: NotificationType) -> bool:
    """Whether those who have not chosen get the notifications of a category by a channel.

    SMS are for those who chose them, but of categories that cannot be refused.
    """
    return category not in ASKED_FOR and (channel is not NotificationType.SMS or category in REQUIRED)


def decide(notification: Notification, choices: Choices, hours: Hours, now: datetime) -> Decision:
    """Whether and when a notification may be sent.

    CRITICAL ones are sent at any time, whatever the frequency. Others wait for their turn and the end of quiet hours;
    those of the list in the shop, which make no sound, for their turn alone. A postponement ends: the time depends on
    when the notification was to be sent first, and not on earlier postponements.
    """
    if reason := _refusal(notification, choices):
        return Refuse(reason)
    if notification.priority is NotificationPriority.CRITICAL:
        return Send()
    is_at_once = notification.category in REQUIRED or notification.kind is NotificationKind.DIGEST
    frequency = NotificationFrequency.IMMEDIATE if is_at_once or not choices.frequency else choices.frequency
    turn = max(now, hours.turn(notification.scheduled_at, frequency))
    at = turn if notification.type is NotificationType.IN_APP else hours.first_open(turn)
    return Postpone(at) if at > now else Send()


def _refusal(notification: Notification, choices: Choices) -> Refusal | None:
    """Why a notification may not be sent, or None when it may. Of a digest, each item is decided on."""
    category = notification.category
    if SuppressionReason.HARD_BOUNCE in choices.suppressed:
        return Refusal.BOUNCED_BEFORE
    if category in REQUIRED or notification.kind is NotificationKind.DIGEST:
        return None
    if choices.suppressed:
        return Refusal.UNSUBSCRIBED
    is_wanted = is_wanted_by_default(category, notification.type) if choices.is_chosen is None else choices.is_chosen
    return None if is_wanted else Refusal.NOT_WANTED
