"""Invariants of stock alerts over whole tables, for `commerce doctor`."""

from typing import Final

from domains.inventory.alerts.sql import HOLDS
from domains.kernel.invariants import Invariant

INVARIANTS: Final = (
    Invariant(
        "An open stock alert holds",
        f"""
        select a.company_id, i.sku, a.kind, i.available_stock, i.total_stock, i.reorder_point, i.max_stock_threshold
        from stock_alerts a join inventory_items i on i.company_id = a.company_id and i.id = a.inventory_id
        where a.resolved_at is null and a.kind <> 'STALE' and ({HOLDS.replace("{kind}", "a.kind")}) is not true
        limit 20
        """,  # noqa: S608 - text of the code
        "Stock or its limits were changed outside the inventory. Set resolved_at of the alert.",
    ),
)
