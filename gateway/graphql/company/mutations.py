"""Changing a company's settings, and opening and closing companies, in transactions of no company."""

from typing import Annotated, cast

import strawberry

from domains.company.models import SettingsChanges
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.validation import collect_errors
from domains.payment.models import PaymentSettingsChanges
from gateway.graphql.company.inputs import (
    CompanyActivateInput,
    CompanyCreateInput,
    CompanyDeactivateInput,
    CompanySettingsUpdateInput,
    CompanyUpdateInput,
)
from gateway.graphql.company.types import Company
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import command, given, present, requires, workflow

MANAGE_SETTINGS = requires(PermissionResource.SETTINGS, PermissionAction.MANAGE)


@strawberry.type(description="The outcome of changing settings.")
class CompanySettingsUpdatePayload:
    """The company, or why not."""

    company: Company | None = strawberry.field(default=None, description="The company, when it was changed.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why it was not.")


@strawberry.type(description="The outcome of opening a company.")
class CompanyCreatePayload:
    """The company, or why not."""

    company: Company | None = strawberry.field(default=None, description="The company, when it was opened.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why it was not.")


@strawberry.type(description="The outcome of renaming a company.")
class CompanyUpdatePayload:
    """The company, or why not."""

    company: Company | None = strawberry.field(default=None, description="The company, when it was renamed.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why it was not.")


@strawberry.type(description="The outcome of closing a company.")
class CompanyDeactivatePayload:
    """The company, or why not."""

    company: Company | None = strawberry.field(default=None, description="The company, when it was closed.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why it was not.")


@strawberry.type(description="The outcome of opening a closed company again.")
class CompanyActivatePayload:
    """The company, or why not."""

    company: Company | None = strawberry.field(default=None, description="The company, when it was opened again.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why it was not.")


@strawberry.type
class CompanyMutation:
    """The company domain's fields of Mutation."""

    @command(requires(PermissionResource.SETTINGS, PermissionAction.UPDATE))
    async def company_settings_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[CompanySettingsUpdateInput, strawberry.argument(description="What to change.")],
    ) -> CompanySettingsUpdatePayload:
        """Change settings of your company."""
        services, changes = info.context.services, given(input)
        payment = {name: changes.pop(name) for name in PaymentSettingsChanges.__annotations__ if name in changes}
        with collect_errors() as each:
            with each:
                company = await services.company.update_settings(
                    tx, info.context.actor, cast("SettingsChanges", changes)
                )
            with each:
                await services.payment.settings.update(tx, cast("PaymentSettingsChanges", payment))
        return CompanySettingsUpdatePayload(company=present(Company, company))

    @workflow(MANAGE_SETTINGS)
    async def company_create(
        self, info: Info, input: Annotated[CompanyCreateInput, strawberry.argument(description="The company.")]
    ) -> CompanyCreatePayload:
        """Open a company; for the super administrator."""
        companies, actor = info.context.services.company, info.context.actor
        settings = cast("SettingsChanges", given(input, but=("slug",)))
        company = await info.context.db.run(
            lambda tx: companies.create_company(tx, actor, slug=input.slug, changes=settings), actor, platform=True
        )
        return CompanyCreatePayload(company=present(Company, company))

    @workflow(MANAGE_SETTINGS)
    async def company_update(
        self, info: Info, input: Annotated[CompanyUpdateInput, strawberry.argument(description="What to change.")]
    ) -> CompanyUpdatePayload:
        """Give a company another name or slug; for the super administrator."""
        companies, actor = info.context.services.company, info.context.actor
        company = await info.context.db.run(
            lambda tx: companies.rename_company(tx, actor, input.id, name=input.name, slug=input.slug),
            actor,
            platform=True,
        )
        return CompanyUpdatePayload(company=present(Company, company))

    @workflow(MANAGE_SETTINGS)
    async def company_deactivate(
        self, info: Info, input: Annotated[CompanyDeactivateInput, strawberry.argument(description="Which company.")]
    ) -> CompanyDeactivatePayload:
        """Close a company: no request is served in its name, all of it stays; for the super administrator."""
        companies, actor = info.context.services.company, info.context.actor
        company = await info.context.db.run(
            lambda tx: companies.deactivate_company(tx, actor, input.id), actor, platform=True
        )
        return CompanyDeactivatePayload(company=present(Company, company))

    @workflow(MANAGE_SETTINGS)
    async def company_activate(
        self, info: Info, input: Annotated[CompanyActivateInput, strawberry.argument(description="Which company.")]
    ) -> CompanyActivatePayload:
        """Open a closed company again; for the super administrator."""
        companies, actor = info.context.services.company, info.context.actor
        company = await info.context.db.run(
            lambda tx: companies.activate_company(tx, actor, input.id), actor, platform=True
        )
        return CompanyActivatePayload(company=present(Company, company))
