"""Lists of purchase orders, of their lines, and of the SKUs to reorder."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.inventory import data
from domains.inventory.purchase_orders.errors import PurchaseOrderNotFound
from domains.inventory.purchase_orders.models import (
    PurchaseOrder,
    PurchaseOrderFilter,
    PurchaseOrderLine,
    RestockSuggestion,
)
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs

ALL_ORDERS: Final = PurchaseOrderFilter()
MAX_SUGGESTIONS: Final = 250
INCOMING: Final = """
select u.inventory_id, least(sum(u.units), 2147483647)::int as units from (
  select l.inventory_id, l.shipped - l.received - l.lost - l.returned as units
  from stock_transfer_lines l join stock_transfers t on t.company_id = l.company_id and t.id = l.transfer_id
  where l.company_id = $1 and t.to_warehouse_id = $2 and t.status in ('IN_TRANSIT', 'PARTIALLY_RECEIVED')
  union all
  select l.inventory_id, l.quantity - l.received
  from purchase_order_lines l join purchase_orders p on p.company_id = l.company_id and p.id = l.purchase_order_id
  where l.company_id = $1 and p.warehouse_id = $2 and p.status in ('ORDERED', 'PARTIALLY_RECEIVED')
) u group by u.inventory_id
"""
_SUGGESTED: Final = f"""
select i.id, l.available_stock, coalesce(n.units, 0) as incoming,
  i.reorder_quantity - coalesce(n.units, 0) as quantity
from inventory_levels l
join inventory_items i on i.company_id = l.company_id and i.id = l.inventory_id
left join ({INCOMING}) n on n.inventory_id = i.id
where l.company_id = $1 and l.warehouse_id = $2 and l.available_stock <= i.reorder_point
  and i.reorder_quantity > coalesce(n.units, 0)
order by i.sku collate "C" limit $3
"""  # noqa: S608 - text of the code
_INCOMING_OF_LEVELS: Final = """
select v.id, least(coalesce(t.units, 0) + coalesce(o.units, 0), 2147483647)::int as units
from inventory_levels v
cross join lateral (
  select sum(l.shipped - l.received - l.lost - l.returned) as units
  from stock_transfer_lines l join stock_transfers t on t.company_id = l.company_id and t.id = l.transfer_id
  where l.company_id = v.company_id and l.inventory_id = v.inventory_id and t.to_warehouse_id = v.warehouse_id
    and t.status in ('IN_TRANSIT', 'PARTIALLY_RECEIVED')
) t
cross join lateral (
  select sum(l.quantity - l.received) as units
  from purchase_order_lines l join purchase_orders p on p.company_id = l.company_id and p.id = l.purchase_order_id
  where l.company_id = v.company_id and l.inventory_id = v.inventory_id and p.warehouse_id = v.warehouse_id
    and p.status in ('ORDERED', 'PARTIALLY_RECEIVED')
) o
where v.company_id = $1 and v.id = any($2)
"""


class PurchaseListing:
    """Reads purchase orders, and which SKUs to reorder."""

    async def get(self, db: Reader, order_id: UUID) -> PurchaseOrder:
        """A purchase order. Raises PurchaseOrderNotFound. One statement."""
        order = await data.purchase_order.find_unique(db, id=order_id)
        if order is None:
            raise PurchaseOrderNotFound
        return order

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[PurchaseOrder]:
        """The purchase orders of these ids, in no order. One statement."""
        return await data.purchase_order.find_many(db, where={"id": {"in": list(ids)}})

    async def find(
        self,
        db: Reader,
        args: PageArgs,
        filters: PurchaseOrderFilter = ALL_ORDERS,
        *,
        direction: Direction = "desc",
    ) -> Page[PurchaseOrder]:
        """One page of the purchase orders, newest first. Raises as `fetch_page`."""
        where: dict[str, Any] = {}
        if filters.statuses is not None:
            where["status"] = {"in": list(filters.statuses)}
        if filters.warehouse_id is not None:
            where["warehouse_id"] = filters.warehouse_id
        sort = Sort("created_at", datetime, direction)
        return await fetch_page(data.purchase_order, db, args, sort=sort, where=where)

    async def lines(self, db: Reader, order_id: UUID) -> list[PurchaseOrderLine]:
        """The lines of a purchase order, in their order. One statement."""
        return (await self.lines_of(db, [order_id]))[order_id]

    async def lines_of(self, db: Reader, order_ids: Collection[UUID]) -> dict[UUID, list[PurchaseOrderLine]]:
        """The lines of each purchase order, in their order. One statement."""
        where: data.PurchaseOrderLineWhere = {"purchase_order_id": {"in": list(order_ids)}}
        found = await data.purchase_order_line.find_many(db, where=where, order_by=[{"position": "asc"}])
        lines: defaultdict[UUID, list[PurchaseOrderLine]] = defaultdict(list)
        for line in found:
            lines[line.purchase_order_id].append(line)
        return lines

    async def suggestions(self, db: Reader, warehouse_id: UUID) -> list[RestockSuggestion]:
        """The SKUs that are at or below their reorder points in a warehouse, by SKU, at most 250. One statement.

        The quantity is the reorder quantity less the units that are incoming: ordered, or under way by a transfer. A
        SKU of which enough is incoming is left out.
        """
        rows = await db.fetch(_SUGGESTED, db.company_id, warehouse_id, MAX_SUGGESTIONS)
        return [RestockSuggestion(*row) for row in rows]

    async def incoming(self, db: Reader, level_ids: Collection[UUID]) -> dict[UUID, int]:
        """The units of each level that are ordered for its warehouse, or under way to it. One statement."""
        rows = await db.fetch(_INCOMING_OF_LEVELS, db.company_id, list(level_ids))
        return {row["id"]: row["units"] for row in rows}
