"""Invariants of backorders over whole tables, for `commerce doctor`."""

from typing import Final

from domains.inventory.allocation.reserve_sql import serves
from domains.kernel.invariants import Invariant

INVARIANTS: Final = (
    Invariant(
        "The units that orders wait for are those of their backorders",
        """
        select i.company_id, i.sku, i.backordered_units, coalesce(sum(b.quantity - b.allocated), 0) as waiting
        from inventory_items i
        left join backorders b on b.company_id = i.company_id and b.inventory_id = i.id and b.status = 'WAITING'
        group by i.id
        having i.backordered_units <> coalesce(sum(b.quantity - b.allocated), 0)
        limit 20
        """,
        "Backorders were changed outside the inventory: set `backordered_units` of the SKU to the sum of its waiting "
        "backorders.",
    ),
    Invariant(
        "No order waits for units that are free where it may be served",
        f"""
        select b.company_id, i.sku, b.order_id, b.quantity - b.allocated as waiting, w.code, l.available_stock
        from backorders b join inventory_items i on i.company_id = b.company_id and i.id = b.inventory_id
        join inventory_levels l on l.company_id = b.company_id and l.inventory_id = b.inventory_id
          and l.available_stock > 0
        join warehouses w on w.company_id = l.company_id and w.id = l.warehouse_id
        where b.status = 'WAITING' and {serves("b.country", "b.pickup_warehouse_id")}
        limit 20
        """,  # noqa: S608 - a condition from the code
        "A warehouse was changed outside the API, or while the order was placed. Add units of the SKU to its stock: "
        "the orders that wait get the free ones with them.",
    ),
)
