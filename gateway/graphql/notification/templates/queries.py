"""Queries of email templates."""

from typing import Annotated

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.notification.models import NotificationKind
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import query, requires
from gateway.graphql.notification.templates.inputs import KIND, LANGUAGE, EmailTemplateFilterInput
from gateway.graphql.notification.templates.presentation import shown
from gateway.graphql.notification.templates.types import EmailTemplate

MAY_READ = requires(PermissionResource.SETTINGS, PermissionAction.READ)
VERSION = "The number of a version; null or absent for the template that is active."


@strawberry.type
class EmailTemplateQuery:
    """The fields of Query about email templates."""

    @query(MAY_READ)
    async def email_templates(
        self,
        info: Info,
        filter: Annotated[
            EmailTemplateFilterInput | None, strawberry.argument(description="Which templates to list.")
        ] = None,
    ) -> list[EmailTemplate]:
        """The templates that are active, one for each kind and language, by kind and then by language."""
        chosen, templates = filter or EmailTemplateFilterInput(), info.context.services.notification.templates
        found = await templates.active(info.context.reader, kind=chosen.kind, language=chosen.language)
        return [shown(each) for each in found]

    @query(MAY_READ)
    async def email_template(
        self,
        info: Info,
        kind: Annotated[NotificationKind, strawberry.argument(description=KIND)],
        language: Annotated[str, strawberry.argument(description=LANGUAGE)],
        version: Annotated[int | None, strawberry.argument(description=VERSION)] = None,
    ) -> EmailTemplate | None:
        """A template by kind and language; null when there is no such version."""
        versions = await info.context.services.notification.templates.versions(info.context.reader, kind, language)
        found = (each for each in versions if (each.is_active if version is None else each.version == version))
        return next((shown(each) for each in found), None)

    @query(MAY_READ)
    async def email_template_versions(
        self,
        info: Info,
        kind: Annotated[NotificationKind, strawberry.argument(description=KIND)],
        language: Annotated[str, strawberry.argument(description=LANGUAGE)],
    ) -> list[EmailTemplate]:
        """The versions of your company of a template, the newest first, and at last the built-in one."""
        versions = await info.context.services.notification.templates.versions(info.context.reader, kind, language)
        return [shown(each) for each in versions]
