"""Queries of the company of a request, and of all companies."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.answers.dependencies import Cached
from gateway.graphql.company.inputs import CompanyFilterInput, CompanySortInput
from gateway.graphql.company.types import Company, Shop
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs

READ_SETTINGS = requires(PermissionResource.SETTINGS, PermissionAction.READ)


@strawberry.type
class CompanyQuery:
    """The company domain's fields of Query."""

    @query(PUBLIC, cached=Cached())
    async def shop(self, info: Info) -> Shop:
        """The company of this request: name, currency, taxes, shipping and limits."""
        return present(Shop, await info.context.services.company.current(info.context.reader))

    @query(READ_SETTINGS)
    async def company_settings(self, info: Info) -> Company:
        """Your own company with all its settings."""
        context = info.context
        company = await context.services.company.get_company(context.reader, context.actor, context.actor.company_id)
        return present(Company, company)

    @query(READ_SETTINGS)
    async def company(
        self,
        info: Info,
        id: Annotated[
            UUID,
            strawberry.argument(
                description="The company's id; other companies than your own are for the super administrator."
            ),
        ],
    ) -> Company | None:
        """A company by its id: your own, or any company for the super administrator."""
        context = info.context
        reader = context.reader if id == context.actor.company_id else context.db.reader(None)
        return present(Company, await context.services.company.get_company(reader, context.actor, id))

    @query(requires(PermissionResource.SETTINGS, PermissionAction.MANAGE))
    async def companies(
        self,
        info: Info,
        filter: Annotated[
            CompanyFilterInput | None,
            strawberry.argument(description="Conditions on the companies; all companies by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(description="A part of the name or slug, ignoring case; null or empty for all."),
        ] = None,
        sort_by: Annotated[
            CompanySortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Company]:
        """All companies of this installation. For the super administrator."""
        page = await info.context.services.company.find_companies(
            info.context.reader,
            info.context.actor,
            PageArgs(first, after, last, before),
            search=search,
            is_active=filter.is_active if filter else None,
            sort=(sort_by or CompanySortInput()).as_sort(),
        )
        return Connection[Company].of(page)
