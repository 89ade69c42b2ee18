"""Lists of product alerts: of a user, and of all for staff; and what is most waited for."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from domains.auth.policy import require_user_id
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import MAX_PAGE, Page, PageArgs
from domains.notification import data
from domains.notification.product_alerts import sql
from domains.notification.product_alerts.models import (
    AlertDemand,
    ProductAlertFilter,
    ProductAlertSort,
    ProductStockAlert,
)

TYPES: Final[Mapping[ProductAlertSort, type]] = {
    ProductAlertSort.CREATED_AT: datetime,
    ProductAlertSort.EXPIRES_AT: datetime,
}


class ProductAlertListing:
    """Lists product alerts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def find(
        self,
        db: Reader,
        args: PageArgs,
        filters: ProductAlertFilter,
        sort: ProductAlertSort = ProductAlertSort.CREATED_AT,
        direction: Direction = "desc",
    ) -> Page[ProductStockAlert]:
        """A page of alerts, also of those that were told. One statement, and one more when they are counted."""
        where: dict[str, Any] = {name: value for name, value in asdict(filters).items() if value is not None}
        order = Sort(sort.value, TYPES[sort], direction)
        return await fetch_page(data.product_stock_alert, db, args, sort=order, where=where)

    async def find_own(self, db: Reader, actor: Actor, args: PageArgs) -> Page[ProductStockAlert]:
        """A page of the actor's alerts, newest first. Raises Unauthenticated."""
        return await self.find(db, args, ProductAlertFilter(user_id=require_user_id(actor)))

    async def demand(self, db: Reader, first: int) -> list[AlertDemand]:
        """The products and variants that most wait for, at most 100. One statement."""
        return await sql.demand(db, self._clock.now(), min(max(first, 0), MAX_PAGE))
