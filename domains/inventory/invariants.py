"""Invariants of stock over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

INVARIANTS: Final = (
    Invariant(
        "The ledger's movements add up to the stock of each SKU in each warehouse",
        """
        select l.company_id, i.sku, l.warehouse_id, l.available_stock, l.reserved_stock, l.quarantined_stock,
               coalesce(sum(m.available_delta), 0) as available_in_ledger,
               coalesce(sum(m.reserved_delta), 0) as reserved_in_ledger,
               coalesce(sum(m.quarantined_delta), 0) as quarantined_in_ledger
        from inventory_levels l
        join inventory_items i on i.company_id = l.company_id and i.id = l.inventory_id
        left join stock_movements m
          on m.company_id = l.company_id and m.inventory_id = l.inventory_id and m.warehouse_id = l.warehouse_id
        group by l.id, i.sku
        having l.available_stock <> coalesce(sum(m.available_delta), 0)
            or l.reserved_stock <> coalesce(sum(m.reserved_delta), 0)
            or l.quarantined_stock <> coalesce(sum(m.quarantined_delta), 0)
        limit 20
        """,
        "Stock was changed outside the ledger. `commerce doctor --sku SKU` prints its timeline: undo the change "
        "that is not in the ledger, then count the SKU and set its stock.",
    ),
    Invariant(
        "The stock of each SKU is the sum over its warehouses",
        """
        select i.company_id, i.sku, i.available_stock, i.reserved_stock, i.quarantined_stock,
               coalesce(sum(l.available_stock), 0) as available_in_warehouses,
               coalesce(sum(l.reserved_stock), 0) as reserved_in_warehouses,
               coalesce(sum(l.quarantined_stock), 0) as quarantined_in_warehouses
        from inventory_items i
        left join inventory_levels l on l.company_id = i.company_id and l.inventory_id = i.id
        group by i.id
        having i.available_stock <> coalesce(sum(l.available_stock), 0)
            or i.reserved_stock <> coalesce(sum(l.reserved_stock), 0)
            or i.quarantined_stock <> coalesce(sum(l.quarantined_stock), 0)
        limit 20
        """,
        "Stock was changed outside the ledger. `commerce doctor --sku SKU` prints its timeline.",
    ),
    Invariant(
        "A company that stocks anything has one default warehouse",
        """
        select l.company_id, count(*) as levels from inventory_levels l
        where not exists (select from warehouses w where w.company_id = l.company_id and w.is_default)
        group by l.company_id limit 20
        """,
        "A warehouse was changed outside the API. Make one of them the default one.",
    ),
    Invariant(
        "An inactive warehouse has no stock",
        """
        select w.company_id, w.code, l.inventory_id, l.total_stock
        from warehouses w join inventory_levels l on l.company_id = w.company_id and l.warehouse_id = w.id
        where not w.is_active and l.total_stock <> 0 limit 20
        """,
        "The warehouse was closed outside the API. Activate it, and move its stock first.",
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
        "The reserved stock of each SKU in each warehouse is the sum of its active reservations",
        """
        select l.company_id, i.sku, l.warehouse_id, l.reserved_stock, coalesce(sum(r.quantity), 0) as in_reservations
        from inventory_levels l
        join inventory_items i on i.company_id = l.company_id and i.id = l.inventory_id
        left join reservations r on r.company_id = l.company_id and r.inventory_id = l.inventory_id
          and r.warehouse_id = l.warehouse_id and r.status = 'ACTIVE'
        group by l.id, i.sku
        having l.reserved_stock <> coalesce(sum(r.quantity), 0)
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
    TextColumns(table="inventory_items", keys=("sku",)),
    TextColumns(table="inventory_levels", texts=("location",)),
    TextColumns(
        table="warehouses",
        texts=("name", "address_line_1", "address_line_2", "city", "province", "postal_code"),
        keys=("code",),
    ),
    TextColumns(table="stock_movements", texts=("reason", "reference")),
    TextColumns(table="stock_transfers", texts=("reference", "note")),
    TextColumns(table="stock_transfer_lines", texts=("lost_reason",)),
    TextColumns(table="stock_takes", texts=("note",)),
    TextColumns(table="purchase_orders", texts=("supplier_name", "supplier_contact", "supplier_reference", "note")),
)
ROW_INVARIANTS: Final = (normalized_texts("stock", TEXTS),)
