"""Invariants of purchase orders over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant

INVARIANTS: Final = (
    Invariant(
        "The received units of a purchase order are those that its movements added",
        """
        select p.company_id, p.number, i.sku, l.received, coalesce(sum(m.available_delta), 0) as added
        from purchase_order_lines l
        join purchase_orders p on p.company_id = l.company_id and p.id = l.purchase_order_id
        join inventory_items i on i.company_id = l.company_id and i.id = l.inventory_id
        left join stock_movements m on m.company_id = l.company_id and m.reference = p.number
          and m.inventory_id = l.inventory_id and m.warehouse_id = p.warehouse_id and m.type = 'PURCHASE'
        group by p.id, l.id, i.sku
        having l.received > coalesce(sum(m.available_delta), 0) limit 20
        """,
        "Purchase orders or movements were changed outside the inventory. Compare the order with its movements.",
    ),
)
