"""Email templates in the API."""

from datetime import datetime

import strawberry

from domains.notification.models import NotificationKind
from gateway.graphql.notification.templates import kinds as _kinds  # noqa: F401 - it makes the enum one of the API


@strawberry.type(
    description=(
        "The template of a kind of notification in a language: a version of the company, or the built-in one. "
        "Requires SETTINGS:READ."
    )
)
class EmailTemplate:
    """The domain's EmailTemplate."""

    kind: NotificationKind = strawberry.field(description="What the notifications are about.")
    language: str = strawberry.field(description="The language, `en`, `de` or `fr`.")
    version: int | None = strawberry.field(
        description="The number of the company's version, counted from 1; null for the built-in template."
    )
    is_active: bool = strawberry.field(description="Whether notifications are sent with it.")
    subject: str = strawberry.field(description="The first line that recipients see, a template without line breaks.")
    title: str = strawberry.field(description="The template of the title of push messages, one line.")
    short: str = strawberry.field(
        description="The template of the short text of SMS and push messages, at most 160 characters when rendered."
    )
    body_mjml: str = strawberry.field(description="The MJML, a template, from which the HTML is made.")
    body_html: str = strawberry.field(description="The HTML that the MJML was compiled to, still a template.")
    body_text: str = strawberry.field(description="The template of the plain text.")
    variables: list[str] = strawberry.field(
        description="The variables of the kind, such as `order.number` and `order.items[].name`."
    )
    created_at: datetime | None = strawberry.field(
        description="When the version was saved; null for the built-in template."
    )
