"""Inputs of announcements."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.notification.announcements.models import (
    AnnouncementFilter,
    AnnouncementStatus,
    AnnouncementText,
    NewAnnouncement,
)
from domains.notification.models import NotificationKind
from gateway.graphql.core.fields import from_input
from gateway.graphql.notification.announcements import types as _types  # noqa: F401 - it describes the enum

KEY = (
    "Makes retries safe: a repeated request with the same key gets the same answer, and nothing is sent twice. Use a "
    "new key, such as a UUID, for each announcement."
)
KIND = "What it is: `PROMOTION`, `RECOMMENDATION` and `NEWS` reach those who asked for e-mails of that kind."
TEXTS = "A text for each language, at most ten. The first is for those for whom there is none in their language."
URL = "Where the button leads, an address with https:// or http://; null for no button."


@strawberry.input(description="The text of an announcement in one language. It is plain text, no template.")
class AnnouncementTextInput:
    """See AnnouncementText."""

    language: str = strawberry.field(description="The language of the text, a tag of BCP 47 such as de.")
    title: str = strawberry.field(description="The subject of the e-mail, 1 to 200 characters.")
    text: str = strawberry.field(description="The text of the e-mail, 1 to 5,000 characters.")

    def as_text(self) -> AnnouncementText:
        """The domain's text."""
        return from_input(AnnouncementText, self)


@strawberry.input(description="An announcement to send.")
class AnnouncementSendInput:
    """See NewAnnouncement."""

    idempotency_key: str = strawberry.field(description=KEY)
    kind: NotificationKind = strawberry.field(description=KIND)
    texts: list[AnnouncementTextInput] = strawberry.field(description=TEXTS)
    url: str | None = strawberry.field(default=None, description=URL)
    segment_id: UUID | None = strawberry.field(
        default=None,
        description="The id of a customer segment, whose members alone get it; null for everyone who asked for it.",
    )
    scheduled_at: datetime | None = strawberry.field(
        default=None, description="When to begin, at most 366 days from now; null for at once."
    )

    def as_new(self) -> NewAnnouncement:
        """The domain's input."""
        return NewAnnouncement(
            kind=self.kind,
            texts=[each.as_text() for each in self.texts],
            url=self.url,
            segment_id=self.segment_id,
            scheduled_at=self.scheduled_at,
        )


@strawberry.input(description="An announcement to look at, and the reader's language.")
class AnnouncementPreviewInput:
    """See Announcements.preview."""

    kind: NotificationKind = strawberry.field(description=KIND)
    texts: list[AnnouncementTextInput] = strawberry.field(description=TEXTS)
    url: str | None = strawberry.field(default=None, description=URL)
    language: str | None = strawberry.field(
        default=None, description="The language of the reader, a tag of BCP 47; null for that of the first text."
    )

    def as_new(self) -> NewAnnouncement:
        """The domain's input."""
        return NewAnnouncement(kind=self.kind, texts=[each.as_text() for each in self.texts], url=self.url)


@strawberry.input(description="An announcement to send to yourself, and the reader's language.")
class AnnouncementTestSendInput(AnnouncementPreviewInput):
    """As AnnouncementPreviewInput."""


@strawberry.input(description="The announcement to cancel.")
class AnnouncementCancelInput:
    """See Announcements.cancel."""

    id: UUID = strawberry.field(description="The id of an announcement that is SCHEDULED or SENDING.")


@strawberry.input(description="Conditions on announcements. Null and absent fields set no condition.")
class AnnouncementFilterInput:
    """Conditions, which are combined with AND."""

    kind: NotificationKind | None = strawberry.field(default=None, description="Only promotions, or only news.")
    status: AnnouncementStatus | None = strawberry.field(
        default=None, description="Only those that are so far, such as SCHEDULED."
    )

    def as_filter(self) -> AnnouncementFilter:
        """The domain's filter."""
        return AnnouncementFilter(kind=self.kind, status=self.status)
