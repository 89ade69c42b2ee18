"""Queries of stock alerts."""

from typing import Annotated

import strawberry

from domains.inventory.alerts.models import StockAlertFilter, StockAlertKind
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.inventory.alerts.types import StockAlert
from gateway.graphql.inventory.types import MAY_READ


@strawberry.type
class StockAlertQuery:
    """The fields of Query about stock alerts."""

    @query(MAY_READ)
    async def stock_alerts(
        self,
        info: Info,
        kind: Annotated[
            StockAlertKind | None, strawberry.argument(description="Only alerts of this kind; all kinds by default.")
        ] = None,
        is_open: Annotated[
            bool | None,
            strawberry.argument(description="True: open alerts; false: resolved ones; both by default."),
        ] = None,
        sku: Annotated[
            str | None, strawberry.argument(description="Only alerts of this SKU, in its exact case.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockAlert]:
        """The alerts of SKUs that are or were low, out of stock, overstocked or stale, the last raised first."""
        page = await info.context.services.inventory.alerts.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            StockAlertFilter(kind=kind, is_open=is_open, sku=sku),
        )
        return Connection[StockAlert].of(page)
