"""Queries of tax classes and rates, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.tax.models import TaxRateFilter
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import input_values, present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.tax.inputs import TaxRateFilterInput, TaxRateSortInput
from gateway.graphql.tax.types import TaxClass, TaxRate

MAY_READ = requires(PermissionResource.SETTINGS, PermissionAction.READ)
Search = Annotated[
    str | None,
    strawberry.argument(
        description="A part of the name, ignoring case, at most 255 characters; null or empty for all."
    ),
]


@strawberry.type
class TaxQuery:
    """The tax domain's fields of Query."""

    @query(MAY_READ)
    async def tax_class(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a tax class of this company.")],
    ) -> TaxClass | None:
        """A tax class by its id; null when there is none."""
        context = info.context
        return present(TaxClass, await context.services.tax.classes.find(context.reader, id))

    @query(MAY_READ)
    async def tax_classes(
        self,
        info: Info,
        search: Search = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[TaxClass]:
        """The tax classes of the company, the oldest first."""
        context, args = info.context, PageArgs(first, after, last, before)
        page = await context.services.tax.classes.find_page(context.reader, args, search=search)
        return Connection[TaxClass].of(page)

    @query(MAY_READ)
    async def tax_rate(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a tax rate of this company.")],
    ) -> TaxRate | None:
        """A tax rate by its id; null when there is none."""
        context = info.context
        return present(TaxRate, await context.services.tax.rates.find(context.reader, id))

    @query(MAY_READ)
    async def tax_rates(
        self,
        info: Info,
        filter: Annotated[
            TaxRateFilterInput | None,
            strawberry.argument(description="Conditions on the rates; all rates by default."),
        ] = None,
        search: Search = None,
        sort_by: Annotated[
            TaxRateSortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[TaxRate]:
        """The tax rates of the company, past and future ones included."""
        context, args = info.context, PageArgs(first, after, last, before)
        filters = TaxRateFilter(**(input_values(filter) if filter else {}), search=search)
        sort = (sort_by or TaxRateSortInput()).as_sort()
        page = await context.services.tax.rates.find_page(context.reader, args, filters, sort=sort)
        return Connection[TaxRate].of(page)
