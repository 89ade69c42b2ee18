"""Inputs about email templates."""

import strawberry

from domains.notification.models import NotificationKind
from domains.notification.templates.library import TemplateSource
from gateway.graphql.notification.templates import kinds as _kinds  # noqa: F401 - it makes the enum one of the API

KIND = "What the notifications are about."
LANGUAGE = "The language, `en`, `de` or `fr`."
DRAFT = "The parts to use in place of the template that is active; null or absent for the active one."


@strawberry.input(
    description=(
        "The parts of a template: Jinja without calls and arithmetic, with the variables of the kind. Each has at "
        "most 131,072 characters."
    )
)
class EmailTemplateSourceInput:
    """The domain's TemplateSource."""

    subject: str = strawberry.field(description="The subject of e-mails, one line; 250 characters are shown.")
    title: str = strawberry.field(description="The title of push messages, one line.")
    short: str = strawberry.field(description="The short text of SMS and push messages; 160 characters are shown.")
    body_mjml: str = strawberry.field(description="The HTML as MJML, without scripts, comments and remote code.")
    body_text: str = strawberry.field(description="The plain text.")

    def as_source(self) -> TemplateSource:
        """The parts for the domain."""
        return TemplateSource(
            subject=self.subject,
            title=self.title,
            short=self.short,
            body_mjml=self.body_mjml,
            body_text=self.body_text,
        )


@strawberry.input(description="Conditions on email templates. Null and absent fields set no condition.")
class EmailTemplateFilterInput:
    """Conditions, which are combined with AND."""

    kind: NotificationKind | None = strawberry.field(default=None, description=KIND)
    language: str | None = strawberry.field(default=None, description=LANGUAGE)


@strawberry.input(description="A new version of a template.")
class EmailTemplateUpdateInput:
    """See EmailTemplates.save."""

    kind: NotificationKind = strawberry.field(description=KIND)
    language: str = strawberry.field(description=LANGUAGE)
    source: EmailTemplateSourceInput = strawberry.field(description="All parts of the version.")


@strawberry.input(description="The version to use from now on.")
class EmailTemplateVersionActivateInput:
    """See EmailTemplates.activate."""

    kind: NotificationKind = strawberry.field(description=KIND)
    language: str = strawberry.field(description=LANGUAGE)
    version: int = strawberry.field(description="The number of a version of your company.")


@strawberry.input(description="The template whose built-in form is to be used again.")
class EmailTemplateResetInput:
    """See EmailTemplates.reset."""

    kind: NotificationKind = strawberry.field(description=KIND)
    language: str = strawberry.field(description=LANGUAGE)


@strawberry.input(description="The template to render with the sample of its kind.")
class EmailTemplatePreviewInput:
    """See EmailTemplates.preview."""

    kind: NotificationKind = strawberry.field(description=KIND)
    language: str = strawberry.field(description=LANGUAGE)
    source: EmailTemplateSourceInput | None = strawberry.field(default=None, description=DRAFT)


@strawberry.input(description="The template to send to yourself.")
class EmailTemplateTestSendInput:
    """See SampleEmails.send."""

    kind: NotificationKind = strawberry.field(description=KIND)
    language: str = strawberry.field(description=LANGUAGE)
    source: EmailTemplateSourceInput | None = strawberry.field(default=None, description=DRAFT)
