"""Questions about what visitors did."""

from typing import Annotated

import strawberry

from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.pages import MAX_PAGE
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.activity.inputs import ActivityLogFilterInput, ActivityLogSortInput
from gateway.graphql.activity.types import ActivityLog
from gateway.graphql.catalog.loaders import load_products
from gateway.graphql.catalog.types import Product
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, present_all, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs

READ_ANALYTICS = requires(PermissionResource.ANALYTICS, PermissionAction.READ)


@strawberry.type
class ActivityQuery:
    """The activity domain's fields of Query."""

    @query(READ_ANALYTICS)
    async def activity_logs(
        self,
        info: Info,
        filter: Annotated[
            ActivityLogFilterInput | None,
            strawberry.argument(description="Conditions that the listed activities meet; all of them when left out."),
        ] = None,
        search: Annotated[
            str | None, strawberry.argument(description="Looks in resource, user agent and address.")
        ] = None,
        sort_by: Annotated[
            ActivityLogSortInput | None, strawberry.argument(description="Latest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ActivityLog]:
        """What visitors did in the company's frontends."""
        page = await info.context.services.activity.find_activities(
            info.context.reader,
            PageArgs(first, after, last, before),
            wanted=filter.as_filter() if filter else None,
            search=search,
            sort=(sort_by or ActivityLogSortInput()).as_sort(),
        )
        return Connection[ActivityLog].of(page)

    @query(AUTHENTICATED)
    async def recently_viewed(
        self, info: Info, first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 20
    ) -> list[Product]:
        """The products that you viewed last, each once, the latest first, as far as they are still for sale."""
        if not 0 <= first <= MAX_PAGE:
            raise InvalidInput(f"`first` must be between 0 and {MAX_PAGE}; it is {first}.", field=("first",))
        context = info.context
        ids = await context.services.activity.recently_viewed(context.reader, context.actor, first)
        products = await context.loaders.of(load_products).load_many(ids)
        return present_all(Product, [product for product in products if product is not None])
