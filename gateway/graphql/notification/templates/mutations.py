"""Mutations of email templates."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, requires, sensitive
from gateway.graphql.notification.templates import inputs, payloads
from gateway.graphql.notification.templates.presentation import shown

MAY_UPDATE = requires(PermissionResource.SETTINGS, PermissionAction.UPDATE)


@strawberry.type
class EmailTemplateMutation:
    """The fields of Mutation about email templates."""

    @command(MAY_UPDATE)
    async def email_template_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.EmailTemplateUpdateInput, strawberry.argument(description="The template and all its parts.")
        ],
    ) -> payloads.EmailTemplateUpdatePayload:
        """Save a new version of a template and use it from now on. What waits to be sent is sent with it too."""
        context = info.context
        saved = await context.services.notification.templates.save(
            tx, context.actor, input.kind, input.language, input.source.as_source()
        )
        return payloads.EmailTemplateUpdatePayload(template=shown(saved))

    @command(MAY_UPDATE)
    async def email_template_version_activate(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.EmailTemplateVersionActivateInput,
            strawberry.argument(description="Which of its versions is used from now on."),
        ],
    ) -> payloads.EmailTemplateVersionActivatePayload:
        """Use an earlier version of a template from now on."""
        templates = info.context.services.notification.templates
        template = await templates.activate(tx, input.kind, input.language, input.version)
        return payloads.EmailTemplateVersionActivatePayload(template=shown(template))

    @command(MAY_UPDATE)
    async def email_template_reset(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.EmailTemplateResetInput,
            strawberry.argument(description="The template to use in its built-in form."),
        ],
    ) -> payloads.EmailTemplateResetPayload:
        """Use the built-in template from now on. The versions of your company stay."""
        template = await info.context.services.notification.templates.reset(tx, input.kind, input.language)
        return payloads.EmailTemplateResetPayload(template=shown(template))

    @command(MAY_UPDATE)
    async def email_template_preview(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.EmailTemplatePreviewInput, strawberry.argument(description="The template, or a draft of it.")
        ],
    ) -> payloads.EmailTemplatePreviewPayload:
        """Render a template, or a draft of it, with the sample of its kind in the look of your company.

        Nothing is stored.
        """
        templates = info.context.services.notification.templates
        source = None if input.source is None else input.source.as_source()
        texts = await templates.preview(tx, input.kind, input.language, source)
        preview = payloads.EmailTemplatePreview(
            subject=texts.subject, html=texts.html, text=texts.text, title=texts.title, short=texts.short
        )
        return payloads.EmailTemplatePreviewPayload(preview=preview)

    @sensitive
    @command(MAY_UPDATE)
    async def email_template_test_send(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.EmailTemplateTestSendInput, strawberry.argument(description="The template, or a draft of it.")
        ],
    ) -> payloads.EmailTemplateTestSendPayload:
        """Send a template with the sample of its kind to your own address, at most ten times an hour."""
        context = info.context
        source = None if input.source is None else input.source.as_source()
        address = await context.services.notification.sample_emails.send(
            tx, context.actor, input.kind, input.language, source
        )
        return payloads.EmailTemplateTestSendPayload(recipient=address)
