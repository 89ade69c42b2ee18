"""The product or variant that a SKU and its stock belong to."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from domains.catalog.variants.skus import SkuOwner, Skus
from domains.inventory import data, sql
from domains.inventory.errors import SkuHasMovements, SkuHasStock, SkuIsAwaited, SkuNotFound
from domains.inventory.level_sql import lock_stock
from domains.kernel.database import Tx
from domains.kernel.validation import collect_errors

SKU_FIELD: Final = ("sku",)


async def require_owners(skus: Skus, tx: Tx, paths: Mapping[str, Sequence[str]]) -> list[SkuOwner]:
    """The owners of SKUs, which are given with their paths.

    Raises SkuNotFound for each SKU that has no owner or an archived one.
    """
    owners = [owner for owner in await skus.owners(tx, paths.keys()) if not owner.is_archived]
    if len(owners) < len(paths):
        found_skus = {owner.sku for owner in owners}
        with collect_errors() as each:
            for sku, field in paths.items():
                with each:
                    if sku not in found_skus:
                        raise SkuNotFound([sku], field=field)
    return owners


class SkuAssignments:
    """Assigns stock to the SKU, product and variant that it belongs to."""

    def __init__(self, skus: Skus) -> None:
        self._skus = skus

    async def rename_sku(self, tx: Tx, product_id: UUID, variant_id: UUID | None, sku: str | None) -> None:
        """Rename the SKU of a product's or variant's stock; without stock nothing happens.

        Raises SkuHasStock and SkuIsAwaited when a SKU with stock or backorders is removed, SkuHasMovements when the
        new one has a history.
        """
        where: data.InventoryItemWhere = {"product_id": product_id, "variant_id": variant_id}
        item = await data.inventory_item.find_first(tx, where=where, lock=True)
        if item is None or item.sku == sku:
            return
        if sku is None:
            if item.total_stock:
                raise SkuHasStock(item.sku, item.total_stock)
            if item.backordered_units:
                raise SkuIsAwaited(item.sku, item.backordered_units)
            return
        if await data.inventory_item.find_unique(tx, sku=sku) is not None:
            raise SkuHasMovements(sku)
        await data.inventory_item.update(tx, id=item.id, data={"sku": sku})

    async def reassign(self, tx: Tx, skus: Collection[str]) -> None:
        """Assign stock, with its reservations, to the product or variant that now has its SKU. Three statements.

        SKUs that were never stocked are skipped. Raises SkuNotFound.
        """
        owners = {owner.sku: owner for owner in await require_owners(self._skus, tx, dict.fromkeys(skus, SKU_FIELD))}
        await sql.assign(tx, (await lock_stock(tx, owners)).rows, owners)
