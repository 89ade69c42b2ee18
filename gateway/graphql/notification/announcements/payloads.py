"""Payloads of the mutations of announcements."""

from collections.abc import Mapping
from typing import Any, Self
from uuid import UUID

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.notification.announcements.types import Announcement
from gateway.graphql.notification.templates.payloads import EmailTemplatePreview

ERRORS = "Why it was refused; empty on success."


@strawberry.type(description="The result of `announcementSend`.")
class AnnouncementSendPayload:
    """The announcement, or the errors."""

    announcement: Announcement | None = strawberry.field(
        default=None, description="The announcement; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)

    def outcome(self) -> Mapping[str, Any]:
        """The id of the announcement."""
        return {"id": str(self.announcement.id)} if self.announcement else {}

    @classmethod
    async def from_outcome(cls, info: Info, _input: Any, outcome: Outcome) -> Self:
        """The announcement as it is now."""
        ids = [UUID(outcome.values["id"])] if "id" in outcome.values else []
        found = await info.context.services.notification.marketing.announcements.by_id(info.context.reader, ids)
        return cls(announcement=present(Announcement, found[0]) if found else None)


@strawberry.type(description="The result of `announcementCancel`.")
class AnnouncementCancelPayload:
    """The announcement, or the errors."""

    announcement: Announcement | None = strawberry.field(
        default=None, description="The announcement; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `announcementPreview`.")
class AnnouncementPreviewPayload:
    """The texts, or the errors."""

    preview: EmailTemplatePreview | None = strawberry.field(
        default=None, description="The rendered texts; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `announcementTestSend`.")
class AnnouncementTestSendPayload:
    """The address, or the errors."""

    recipient: str | None = strawberry.field(
        default=None, description="Your own address, to which it is sent; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)
