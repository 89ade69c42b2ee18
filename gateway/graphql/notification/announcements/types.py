"""Announcements as the API shows them."""

from datetime import datetime
from typing import Final
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.notification.announcements import models
from domains.notification.announcements.models import AnnouncementStatus
from domains.notification.models import NotificationKind
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, requires
from gateway.graphql.core.node import Node
from gateway.graphql.notification.templates import kinds as _kinds  # noqa: F401 - it makes the enum one of the API

READ_PROMOTIONS: Final = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)
describe(
    AnnouncementStatus,
    "How far an announcement is.",
    {
        AnnouncementStatus.SCHEDULED: "It waits for its time.",
        AnnouncementStatus.SENDING: "Its notifications are being created, in batches.",
        AnnouncementStatus.SENT: "All its notifications were created.",
        AnnouncementStatus.CANCELLED: "Staff cancelled it; what of it was not sent yet will not be.",
    },
)


@strawberry.type(description="The text of an announcement in one language.")
class AnnouncementText:
    """See AnnouncementText of the domain."""

    language: str = strawberry.field(description="The language of the text, a tag of BCP 47 such as de.")
    title: str = strawberry.field(description="The subject of the e-mail.")
    text: str = strawberry.field(description="The plain text of the e-mail.")


@strawberry.type(description="A text of staff for all users who asked for promotions, recommendations or news.")
class Announcement(Node, model=models.Announcement):
    """An announcement."""

    kind: NotificationKind = strawberry.field(description="What it is, `PROMOTION` or `NEWS`.")
    language: str = strawberry.field(description="The language of those for whom there is no text in theirs.")
    url: str | None = strawberry.field(description="Where its button leads; null for no button.")
    segment_id: UUID | None = strawberry.field(
        description="The customer segment that it is for; null for everyone who asked for its category."
    )
    status: AnnouncementStatus = strawberry.field(
        description="How far its sending is, from SCHEDULED to SENT or CANCELLED."
    )
    recipients: int | None = strawberry.field(
        description="How many users had asked for its category when it began; null before."
    )
    checked: int = strawberry.field(description="How many of them were looked at so far.")
    created: int = strawberry.field(
        description="How many notifications were created so far. What their recipients chose is asked again later."
    )
    scheduled_at: datetime = strawberry.field(description="When it begins.")
    ended_at: datetime | None = strawberry.field(
        description="When its last notification was created, or it was cancelled; null before."
    )
    created_at: datetime = strawberry.field(description="When staff created it.")

    @computed
    def texts(self: models.Announcement) -> list[AnnouncementText]:
        """Its texts, by language."""
        return [AnnouncementText(language=tag, **text) for tag, text in sorted(self.texts.items())]
