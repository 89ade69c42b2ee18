"""The inventory: how many of each SKU there are, and the ledger of every change."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.catalog.skus import SkuOwner
from domains.inventory import data, ledger, queries
from domains.inventory.errors import SkuNotFound
from domains.inventory.events import StockChanged
from domains.inventory.ledger import Movement
from domains.inventory.models import InventoryItem, MovementType, StockCount, StockMovement
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.listing import Direction, Sort, fetch_page
from domains.kernel.pagination import Page, PageArgs
from domains.kernel.text import require_text

BATCH: Final = 1_000
NEWEST: Final = Sort("created_at", datetime, "desc")


class InventoryService:
    """Keeps stock. What is sold under which SKU, and whether it is counted at all, the catalogue says."""

    def __init__(self, catalog: CatalogService) -> None:
        self._catalog = catalog

    async def stock_of(self, db: Reader, product_ids: Collection[UUID]) -> list[InventoryItem]:
        """The items of products and their variants, by SKU; what has no item has no stock. One statement."""
        where: data.InventoryItemWhere = {"product_id": {"in": list(product_ids)}}
        return await data.inventory_item.find_many(db, where=where, order_by=[{"sku": "asc"}])

    async def items_by_id(self, db: Reader, ids: Collection[UUID]) -> list[InventoryItem]:
        """The items of these ids, in no order."""
        return await data.inventory_item.find_many(db, where={"id": {"in": list(ids)}})

    async def items_by_sku(self, db: Reader, skus: Collection[str]) -> list[InventoryItem]:
        """The items of these SKUs, in the order of SKUs."""
        where: data.InventoryItemWhere = {"sku": {"in": list(skus)}}
        return await data.inventory_item.find_many(db, where=where, order_by=[{"sku": "asc"}])

    async def find_items(
        self,
        db: Reader,
        args: PageArgs,
        *,
        available_at_most: int | None = None,
        search: str | None = None,
        order: str = "sku",
        direction: Direction = "asc",
    ) -> Page[InventoryItem]:
        """One page of the items, ordered by `sku` or `available_stock`; `search` is what the SKU begins with."""
        where: dict[str, Any] = {}
        if available_at_most is not None:
            where["available_stock"] = {"lte": available_at_most}
        if search:
            where["sku"] = {"startswith": search}
        kind = str if order == "sku" else int
        return await fetch_page(data.inventory_item, db, args, sort=Sort(order, kind, direction), where=where)

    async def find_movements(
        self, db: Reader, args: PageArgs, *, sku: str | None = None, kind: MovementType | None = None
    ) -> Page[StockMovement]:
        """One page of the ledger, newest first; of one SKU, or all."""
        where: dict[str, Any] = {} if kind is None else {"type": kind}
        if sku is not None:
            item = await data.inventory_item.find_unique(db, sku=sku)
            where["inventory_id"] = {"in": [item.id] if item else []}
        return await fetch_page(data.stock_movement, db, args, sort=NEWEST, where=where)

    async def check_availability(self, db: Reader, sku: str, qty: int) -> bool:
        """Whether `qty` units of a SKU can be sold now: always when it is not tracked, never when nothing has it.

        A SKU without an item has no stock. Raises InvalidInput for a quantity below one.
        """
        if qty < 1:
            raise InvalidInput("A quantity is at least 1.", path=("input", "quantity"))
        owners = await self._catalog.sku_owners(db, [sku])
        if not owners or not owners[0].is_sold:
            return False
        if not owners[0].is_tracked:
            return True
        item = await data.inventory_item.find_unique(db, sku=sku)
        return item is not None and item.available_stock >= qty

    async def update_stock(
        self,
        tx: Tx,
        sku: str,
        qty: int,
        reason: str | None = None,
        *,
        kind: MovementType = MovementType.ADJUSTMENT,
        reference: str | None = None,
    ) -> InventoryItem:
        """Add units to a SKU's free stock, or (below zero) take them away; the item as it is then.

        Raises SkuNotFound, InsufficientStock (nothing goes below zero), InvalidInput. Emits StockChanged.
        """
        movement = await self.record_movement(tx, sku, kind, available=qty, reason=reason, reference=reference)
        (item,) = await self.items_by_id(tx, [movement.inventory_id])
        return item

    async def record_movement(
        self,
        tx: Tx,
        sku: str,
        kind: MovementType,
        *,
        available: int = 0,
        reserved: int = 0,
        reason: str | None = None,
        reference: str | None = None,
    ) -> StockMovement:
        """Move units of a SKU and write it into the ledger, both or neither.

        Raises SkuNotFound, InsufficientStock, InvalidInput. Emits StockChanged.
        """
        named = require_text(sku, path=("input", "sku"))
        (item,) = await queries.hold_items(tx, await self._owners(tx, [named]))
        movement = ledger.movement_of(item, available, reserved)
        (moved,) = await queries.apply(tx, [movement])
        tx.emit(_changed([moved]))
        return await data.stock_movement.create(tx, ledger.entry(moved, movement, kind, tx.actor, reason, reference))

    async def set_stock(
        self,
        tx: Tx,
        counts: Sequence[StockCount],
        *,
        kind: MovementType = MovementType.ADJUSTMENT,
        reason: str | None = None,
        reference: str | None = None,
    ) -> int:
        """Bring the free stock of SKUs to what was counted; how many changed. Five statements per 1,000 SKUs.

        Locks are taken in the order of SKUs. Reserved units stay reserved. Raises SkuNotFound (naming the unknown),
        InvalidInput. Emits StockChanged, one for each 1,000.
        """
        wanted = ledger.require_counts(counts)
        owners = sorted(await self._owners(tx, list(wanted)), key=lambda owner: owner.sku)
        changed = 0
        for start in range(0, len(owners), BATCH):
            items = await queries.hold_items(tx, owners[start : start + BATCH])
            changed += await self._move(tx, ledger.movements_to(items, wanted), kind, reason, reference)
        return changed

    async def follow_sku(self, tx: Tx, product_id: UUID, variant_id: UUID | None, sku: str | None) -> None:
        """Let stock go by the SKU that its product or variant now has; what was never stocked has none.

        Raises InvalidInput when a SKU with stock was taken away, or the new one has a history of its own.
        """
        where: data.InventoryItemWhere = {"product_id": product_id, "variant_id": variant_id}
        item = await data.inventory_item.find_first(tx, where=where, lock=True)
        if item is None or item.sku == sku:
            return
        if sku is None:
            if item.total_stock:
                raise InvalidInput(f"There are {item.total_stock} of {item.sku!r} in stock.", path=("input", "sku"))
            return
        if await data.inventory_item.find_unique(tx, sku=sku) is not None:
            raise InvalidInput(f"{sku!r} was stocked before, and has a history.", path=("input", "sku"))
        await data.inventory_item.update(tx, id=item.id, data={"sku": sku})

    async def products_in_stock(self, db: Reader, product_ids: Sequence[UUID]) -> dict[UUID, bool]:
        """Of each product, whether it can be bought: something on sale that is not tracked, or has stock."""
        items = await self.stock_of(db, product_ids)
        stocked = {item.sku for item in items if item.available_stock > 0}
        owners = await self._catalog.skus_of(db, product_ids)
        sellable = {
            owner.product_id for owner in owners if owner.is_sold and (not owner.is_tracked or owner.sku in stocked)
        }
        return {product_id: product_id in sellable for product_id in product_ids}

    async def show_stock(self, tx: Tx, product_ids: Sequence[UUID]) -> None:
        """Tell the catalogue which products are in stock, as it is now."""
        await self._catalog.project_stock(tx, sorted(set(product_ids)), self.products_in_stock)

    async def _owners(self, tx: Tx, skus: Sequence[str]) -> list[SkuOwner]:
        """What the SKUs stand for. Raises SkuNotFound for those of nothing, or of what was deleted."""
        owners = [owner for owner in await self._catalog.sku_owners(tx, skus) if not owner.is_archived]
        if len(owners) < len(skus):
            known = {owner.sku for owner in owners}
            raise SkuNotFound([sku for sku in skus if sku not in known])
        return owners

    async def _move(
        self, tx: Tx, movements: Sequence[Movement], kind: MovementType, reason: str | None, reference: str | None
    ) -> int:
        if not movements:
            return 0
        items = {item.id: item for item in await queries.apply(tx, movements)}
        await data.stock_movement.create_many(
            tx, [ledger.entry(items[m.item_id], m, kind, tx.actor, reason, reference) for m in movements]
        )
        tx.emit(_changed(list(items.values())))
        return len(items)


def _changed(items: Sequence[InventoryItem]) -> StockChanged:
    return StockChanged(
        first_item_id=items[0].id,
        product_ids=sorted({item.product_id for item in items}),
        skus=sorted(item.sku for item in items),
    )
