"""Announcements as the domain shows them, and the input that creates one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.notification.data import AnnouncementRow as Announcement
from domains.notification.data import AnnouncementStatus
from domains.notification.data import NotificationKind as Kind

__all__ = [
    "Announcement",
    "AnnouncementFilter",
    "AnnouncementStatus",
    "AnnouncementText",
    "NewAnnouncement",
    "text_in",
]


@dataclass(frozen=True, slots=True)
class AnnouncementText:
    """The text of an announcement in one language, a tag of BCP 47. Plain text, no template."""

    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnnouncement:
    """An announcement to send. Its first text is for those for whom there is none in their language."""

    kind: Kind
    texts: Sequence[AnnouncementText]
    url: str | None = None
    segment_id: UUID | None = None
    scheduled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementFilter:
    """Conditions on announcements, all of which must hold; None sets no condition."""

    kind: Kind | None = None
    status: AnnouncementStatus | None = None


def text_in(texts: Mapping[str, Mapping[str, str]], default: str, wanted: str | None) -> AnnouncementText:
    """The text for a language: the same tag, else the same language, else the default."""
    primary = wanted.partition("-")[0] if wanted else None
    same = next((tag for tag in sorted(texts) if tag.partition("-")[0] == primary), default)
    tag = wanted if wanted is not None and wanted in texts else same
    return AnnouncementText(tag, **texts[tag])
