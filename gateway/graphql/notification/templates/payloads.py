"""The results of the mutations of email templates."""

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.notification.templates.types import EmailTemplate

ERRORS = "Why it was refused; empty on success."
ACTIVE = "The template that is active now; null when there are errors."


@strawberry.type(description="The result of `emailTemplateUpdate`.")
class EmailTemplateUpdatePayload:
    """The template, or the errors."""

    template: EmailTemplate | None = strawberry.field(default=None, description=ACTIVE)
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `emailTemplateVersionActivate`.")
class EmailTemplateVersionActivatePayload:
    """The template, or the errors."""

    template: EmailTemplate | None = strawberry.field(default=None, description=ACTIVE)
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `emailTemplateReset`.")
class EmailTemplateResetPayload:
    """The template, or the errors."""

    template: EmailTemplate | None = strawberry.field(default=None, description=ACTIVE)
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The texts of a template, rendered with the sample of its kind.")
class EmailTemplatePreview:
    """The domain's Texts."""

    subject: str = strawberry.field(
        description="The subject of the e-mail, without the name of the company before it."
    )
    html: str = strawberry.field(description="The HTML. Show it in a sandboxed frame.")
    text: str = strawberry.field(description="The plain text.")
    title: str = strawberry.field(description="The title of a push message.")
    short: str = strawberry.field(description="The short text of an SMS or push message.")


@strawberry.type(description="The result of `emailTemplatePreview`.")
class EmailTemplatePreviewPayload:
    """The texts, or the errors."""

    preview: EmailTemplatePreview | None = strawberry.field(
        default=None, description="The rendered texts; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `emailTemplateTestSend`.")
class EmailTemplateTestSendPayload:
    """The address, or the errors."""

    recipient: str | None = strawberry.field(
        default=None, description="Your own address, to which it is sent; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)
