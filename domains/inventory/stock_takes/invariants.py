"""Invariants of stock takes over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant

INVARIANTS: Final = (
    Invariant(
        "A completed stock take has corrected each difference, and no other one has changed stock",
        """
        select t.company_id, t.number, t.status, i.sku, l.expected, l.counted,
               coalesce(sum(m.available_delta), 0) as corrected
        from stock_take_lines l
        join stock_takes t on t.company_id = l.company_id and t.id = l.stock_take_id
        join inventory_items i on i.company_id = l.company_id and i.id = l.inventory_id
        left join stock_movements m on m.company_id = l.company_id and m.reference = t.number
          and m.inventory_id = l.inventory_id and m.warehouse_id = l.warehouse_id and m.type = 'ADJUSTMENT'
        group by t.id, l.id, i.sku
        having coalesce(sum(m.available_delta), 0)
          <> case when t.status = 'COMPLETED' then l.counted - l.expected else 0 end
        limit 20
        """,
        "Stock takes or movements were changed outside the inventory. Count the SKU again.",
    ),
    Invariant(
        "The lines of a stock take are open while it is",
        """
        select t.company_id, t.number, t.status, count(*) as lines
        from stock_takes t join stock_take_lines l on l.company_id = t.company_id and l.stock_take_id = t.id
        where l.is_open <> (t.status = 'OPEN') or l.warehouse_id <> t.warehouse_id
        group by t.id limit 20
        """,
        "A stock take was changed outside the inventory. Set is_open and warehouse_id of its lines to its own.",
    ),
)
