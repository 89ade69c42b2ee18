"""Queries of product alerts."""

from typing import Annotated

import strawberry

from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, present_all, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.notification.product_alerts.inputs import ProductAlertFilterInput, ProductAlertSortInput
from gateway.graphql.notification.product_alerts.types import READ_USERS, ProductAlertDemand, ProductStockAlert


@strawberry.type
class ProductAlertQuery:
    """The fields of Query about product alerts."""

    @query(AUTHENTICATED)
    async def my_product_alerts(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ProductStockAlert]:
        """The product alerts of the caller, newest first, also those that were told, until they expire."""
        context = info.context
        listing = context.services.notification.product_alerts.listing
        page = PageArgs(first, after, last, before)
        return Connection[ProductStockAlert].of(await listing.find_own(context.reader, context.actor, page))

    @query(READ_USERS)
    async def product_alerts(
        self,
        info: Info,
        filter: Annotated[
            ProductAlertFilterInput | None,
            strawberry.argument(description="Conditions on the alerts; all alerts by default."),
        ] = None,
        sort_by: Annotated[
            ProductAlertSortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ProductStockAlert]:
        """The product alerts of users and guests, also those that were told, until they expire."""
        sort = sort_by or ProductAlertSortInput()
        page = await info.context.services.notification.product_alerts.listing.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            (filter or ProductAlertFilterInput()).as_filter(),
            sort.field,
            sort.direction.value,
        )
        return Connection[ProductStockAlert].of(page)

    @query(READ_USERS)
    async def product_alert_demand(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description="The highest number of products, 0 to 100; 20 by default.")
        ] = 20,
    ) -> list[ProductAlertDemand]:
        """The products and variants that most wait for, those with the most alerts first."""
        context = info.context
        demand = await context.services.notification.product_alerts.listing.demand(context.reader, first)
        return present_all(ProductAlertDemand, demand)
