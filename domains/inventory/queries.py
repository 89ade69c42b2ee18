"""SQL of the inventory that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Sequence

from domains.catalog.skus import SkuOwner
from domains.inventory import data
from domains.inventory.ledger import Movement
from domains.inventory.models import InventoryItem
from domains.kernel.database import Tx
from domains.kernel.ids import new_id


async def hold_items(tx: Tx, owners: Sequence[SkuOwner]) -> list[InventoryItem]:
    """The items of SKUs, made where there are none, locked in the order of SKUs until the transaction ends."""
    ordered = sorted(owners, key=lambda owner: owner.sku)
    rows = await tx.fetch(
        f"""
        insert into inventory_items (id, company_id, sku, product_id, variant_id, available_stock, reserved_stock,
          total_stock, reorder_point, reorder_quantity, created_at, updated_at)
        select id, $1, sku, product_id, variant_id, 0, 0, 0, 0, 0, now(), now()
        from unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[]) as item (id, sku, product_id, variant_id)
        on conflict (company_id, sku)
        do update set product_id = excluded.product_id, variant_id = excluded.variant_id
        returning {data.inventory_item.columns()}
        """,
        tx.company_id,
        [new_id() for _ in ordered],
        [owner.sku for owner in ordered],
        [owner.product_id for owner in ordered],
        [owner.variant_id for owner in ordered],
    )
    return [data.inventory_item.from_record(row) for row in rows]


async def apply(tx: Tx, movements: Sequence[Movement]) -> list[InventoryItem]:
    """Move the balances of items that are held; the items as they are now."""
    rows = await tx.fetch(
        f"""
        update inventory_items i set
          available_stock = i.available_stock + m.available,
          reserved_stock = i.reserved_stock + m.reserved,
          total_stock = i.total_stock + m.available + m.reserved,
          last_restocked = case when m.available + m.reserved > 0 then now() else i.last_restocked end,
          updated_at = now()
        from unnest($2::uuid[], $3::int[], $4::int[]) as m (id, available, reserved)
        where i.company_id = $1 and i.id = m.id
        returning {data.inventory_item.columns("i")}
        """,
        tx.company_id,
        [movement.item_id for movement in movements],
        [movement.available for movement in movements],
        [movement.reserved for movement in movements],
    )
    return [data.inventory_item.from_record(row) for row in rows]
