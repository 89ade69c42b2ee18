"""Email templates of the domain as those of the API."""

from domains.notification.templates.email_templates import EmailTemplate as Model
from gateway.graphql.notification.templates.types import EmailTemplate


def shown(template: Model) -> EmailTemplate:
    """The template with its parts."""
    source = template.source
    return EmailTemplate(
        kind=template.kind,
        language=template.language,
        version=template.version,
        is_active=template.is_active,
        subject=source.subject,
        title=source.title,
        short=source.short,
        body_mjml=source.body_mjml,
        body_html=template.body_html,
        body_text=source.body_text,
        variables=list(template.variables),
        created_at=template.created_at,
    )
