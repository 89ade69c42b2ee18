"""Mutations of a company's settings, and of companies by the super administrator, in transactions of no company."""

from typing import Annotated

import strawberry

from domains.company.models import SettingsChanges
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.company.inputs import (
    CompanyActivateInput,
    CompanyCreateInput,
    CompanyDeactivateInput,
    CompanySettingsUpdateInput,
    CompanyUpdateInput,
)
from gateway.graphql.company.settings import update_settings
from gateway.graphql.company.types import Company
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import command, from_input, input_values, present, requires, workflow

MANAGE_SETTINGS = requires(PermissionResource.SETTINGS, PermissionAction.MANAGE)


@strawberry.type(description="The result of `companySettingsUpdate`.")
class CompanySettingsUpdatePayload:
    """The company, or why not."""

    company: Company | None = strawberry.field(
        default=None, description="The company with its new settings; null if the change was refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the change was refused; empty on success."
    )


@strawberry.type(description="The result of `companyCreate`.")
class CompanyCreatePayload:
    """The company, or why not."""

    company: Company | None = strawberry.field(default=None, description="The new company; null if it was refused.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the change was refused; empty on success."
    )


@strawberry.type(description="The result of `companyUpdate`.")
class CompanyUpdatePayload:
    """The company, or why not."""

    company: Company | None = strawberry.field(
        default=None, description="The company after the change; null if it was refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the change was refused; empty on success."
    )


@strawberry.type(description="The result of `companyDeactivate`.")
class CompanyDeactivatePayload:
    """The company, or why not."""

    company: Company | None = strawberry.field(
        default=None, description="The closed company; null if it was refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the change was refused; empty on success."
    )


@strawberry.type(description="The result of `companyActivate`.")
class CompanyActivatePayload:
    """The company, or why not."""

    company: Company | None = strawberry.field(
        default=None, description="The reopened company; null if it was refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the change was refused; empty on success."
    )


@strawberry.type
class CompanyMutation:
    """The company domain's fields of Mutation."""

    @command(requires(PermissionResource.SETTINGS, PermissionAction.UPDATE))
    async def company_settings_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            CompanySettingsUpdateInput,
            strawberry.argument(description="The settings to change, with their new values."),
        ],
    ) -> CompanySettingsUpdatePayload:
        """Change settings of your company, all or none."""
        company = await update_settings(info.context.services, tx, info.context.actor, input_values(input))
        return CompanySettingsUpdatePayload(company=present(Company, company))

    @workflow(MANAGE_SETTINGS)
    async def company_create(
        self,
        info: Info,
        input: Annotated[
            CompanyCreateInput,
            strawberry.argument(
                description="The settings to open the company with; what is left out has its default."
            ),
        ],
    ) -> CompanyCreatePayload:
        """Create a company. For the super administrator."""
        companies, actor = info.context.services.company, info.context.actor
        settings = from_input(SettingsChanges, input, exclude=("slug",))
        company = await info.context.db.run(
            lambda tx: companies.create_company(tx, actor, slug=input.slug, changes=settings), actor, platform=True
        )
        return CompanyCreatePayload(company=present(Company, company))

    @workflow(MANAGE_SETTINGS)
    async def company_update(
        self,
        info: Info,
        input: Annotated[
            CompanyUpdateInput, strawberry.argument(description="The id of the company, and the new name or slug.")
        ],
    ) -> CompanyUpdatePayload:
        """Change the name or the slug of a company. For the super administrator."""
        companies, actor = info.context.services.company, info.context.actor
        company = await info.context.db.run(
            lambda tx: companies.rename_company(tx, actor, input.id, name=input.name, slug=input.slug),
            actor,
            platform=True,
        )
        return CompanyUpdatePayload(company=present(Company, company))

    @workflow(MANAGE_SETTINGS)
    async def company_deactivate(
        self,
        info: Info,
        input: Annotated[
            CompanyDeactivateInput,
            strawberry.argument(description="The company that no requests are to be served for."),
        ],
    ) -> CompanyDeactivatePayload:
        """Close a company. Its data stays, but requests for it are refused. For the super administrator."""
        companies, actor = info.context.services.company, info.context.actor
        company = await info.context.db.run(
            lambda tx: companies.deactivate_company(tx, actor, input.id), actor, platform=True
        )
        return CompanyDeactivatePayload(company=present(Company, company))

    @workflow(MANAGE_SETTINGS)
    async def company_activate(
        self,
        info: Info,
        input: Annotated[
            CompanyActivateInput, strawberry.argument(description="The company to serve requests for again.")
        ],
    ) -> CompanyActivatePayload:
        """Reopen a closed company. For the super administrator."""
        companies, actor = info.context.services.company, info.context.actor
        company = await info.context.db.run(
            lambda tx: companies.activate_company(tx, actor, input.id), actor, platform=True
        )
        return CompanyActivatePayload(company=present(Company, company))
