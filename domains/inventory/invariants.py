"""Invariants of stock over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

INVARIANTS: Final = (
    Invariant(
        "The ledger's movements add up to the stock of each SKU",
        """
        select i.company_id, i.sku, i.available_stock, i.reserved_stock,
               coalesce(sum(m.available_delta), 0) as available_in_ledger,
               coalesce(sum(m.reserved_delta), 0) as reserved_in_ledger
        from inventory_items i
        left join stock_movements m on m.company_id = i.company_id and m.inventory_id = i.id
        group by i.id
        having i.available_stock <> coalesce(sum(m.available_delta), 0)
            or i.reserved_stock <> coalesce(sum(m.reserved_delta), 0)
        limit 20
        """,
        "Stock was changed outside the ledger. `commerce doctor --sku SKU` prints its timeline: undo the change "
        "that is not in the ledger, then count the SKU and set its stock.",
    ),
    Invariant(
        "The SKU of stock is the SKU of its product or variant",
        """
        select i.company_id, i.sku, coalesce(v.sku, p.sku) as expected_sku
        from inventory_items i
        join products p on p.company_id = i.company_id and p.id = i.product_id
        left join product_variants v on v.company_id = i.company_id and v.id = i.variant_id
        where i.total_stock > 0 and i.sku is distinct from coalesce(v.sku, p.sku)
        limit 20
        """,
        "A SKU was renamed outside the API. Rename it back, then again through the API.",
    ),
    Invariant(
        "The reserved stock of each SKU is the sum of its active reservations",
        """
        select i.company_id, i.sku, i.reserved_stock, coalesce(sum(r.quantity), 0) as in_reservations
        from inventory_items i
        left join reservations r on r.company_id = i.company_id and r.inventory_id = i.id and r.status = 'ACTIVE'
        group by i.id
        having i.reserved_stock <> coalesce(sum(r.quantity), 0)
        limit 20
        """,
        "Reservations were changed outside the inventory. `commerce doctor --sku SKU` prints its timeline.",
    ),
    Invariant(
        "Expired reservations are released",
        """
        select r.company_id, i.sku, r.order_id, r.quantity, r.expires_at
        from reservations r join inventory_items i on i.company_id = r.company_id and i.id = r.inventory_id
        where r.status = 'ACTIVE' and r.expires_at < now() - interval '1 hour'
        order by r.expires_at limit 20
        """,
        "Check that `commerce serve` or `commerce worker` is running: its jobs expire such orders.",
    ),
)
TEXTS: Final = (
    TextColumns(table="inventory_items", texts=("location",), keys=("sku",)),
    TextColumns(table="stock_movements", texts=("reason", "reference")),
)
ROW_INVARIANTS: Final = (normalized_texts("stock", TEXTS),)
