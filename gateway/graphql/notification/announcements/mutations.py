"""Mutations of announcements."""

from typing import Annotated, Final

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires, sensitive
from gateway.graphql.notification.announcements import inputs, payloads
from gateway.graphql.notification.announcements.types import Announcement
from gateway.graphql.notification.templates.payloads import EmailTemplatePreview

MAY_SEND: Final = requires(PermissionResource.PROMOTIONS, PermissionAction.UPDATE)


@strawberry.type
class AnnouncementMutation:
    """The fields of Mutation about announcements."""

    @command(MAY_SEND, idempotent=True)
    async def announcement_send(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.AnnouncementSendInput, strawberry.argument(description="The texts, for whom, and when.")
        ],
    ) -> payloads.AnnouncementSendPayload:
        """Send a text by e-mail to all users who asked for promotions, recommendations or news.

        It is sent in batches of 500 from its time on. Each gets the text in their language, once. It waits for a
        digest, quiet hours and the frequency that they chose, and is not sent to those who have unsubscribed until
        then.
        """
        announcements = info.context.services.notification.marketing.announcements
        made = await announcements.create(tx, input.as_new())
        return payloads.AnnouncementSendPayload(announcement=present(Announcement, made))

    @command(MAY_SEND)
    async def announcement_cancel(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.AnnouncementCancelInput, strawberry.argument(description="Which announcement to stop.")
        ],
    ) -> payloads.AnnouncementCancelPayload:
        """Cancel an announcement. What of it was sent already stays sent; what waits is not sent."""
        cancelled = await info.context.services.notification.marketing.announcements.cancel(tx, input.id)
        return payloads.AnnouncementCancelPayload(announcement=present(Announcement, cancelled))

    @command(MAY_SEND)
    async def announcement_preview(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.AnnouncementPreviewInput, strawberry.argument(description="The texts and the reader's language.")
        ],
    ) -> payloads.AnnouncementPreviewPayload:
        """Render an announcement as a reader of a language gets it, in the look of your company.

        Nothing is stored.
        """
        announcements = info.context.services.notification.marketing.announcements
        texts = await announcements.preview(tx, input.as_new(), input.language)
        preview = EmailTemplatePreview(
            subject=texts.subject, html=texts.html, text=texts.text, title=texts.title, short=texts.short
        )
        return payloads.AnnouncementPreviewPayload(preview=preview)

    @sensitive
    @command(MAY_SEND)
    async def announcement_test_send(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.AnnouncementTestSendInput, strawberry.argument(description="The texts and the reader's language.")
        ],
    ) -> payloads.AnnouncementTestSendPayload:
        """Send an announcement to your own address only, at most ten times an hour with samples of templates."""
        context, new = info.context, input.as_new()
        notification = context.services.notification
        filled = notification.marketing.announcements.filled(new, input.language)
        address = await notification.sample_emails.send(tx, context.actor, new.kind, *filled)
        return payloads.AnnouncementTestSendPayload(recipient=address)
