"""The inventory: how many of each SKU there are, and the ledger of every change."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.catalog.variants.skus import SkuOwner
from domains.inventory import data, export, ledger, listing, reservations, sql
from domains.inventory.errors import SkuNotFound
from domains.inventory.events import StockChanged, StockRanLow
from domains.inventory.ledger import Entry, Moved
from domains.inventory.models import (
    InventoryItem,
    ItemFilter,
    Level,
    MovementFilter,
    MovementType,
    ReorderChanges,
    ReservationStatus,
    SkuStory,
    StockCount,
    StockLine,
    StockMovement,
)
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.keyset import Direction
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import key, require_text
from domains.kernel.validation import collect_errors

BATCH: Final = 1_000
SKU_FIELD: Final = ("sku",)
EVERY_ITEM: Final = ItemFilter()
EVERY_MOVEMENT: Final = MovementFilter()


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
        where: data.InventoryItemWhere = {"sku": {"in": [key(sku) for sku in skus]}}
        return await data.inventory_item.find_many(db, where=where, order_by=[{"sku": "asc"}])

    async def find_items(
        self,
        db: Reader,
        args: PageArgs,
        wanted: ItemFilter = EVERY_ITEM,
        *,
        search: str | None = None,
        order: str = "sku",
        direction: Direction = "asc",
    ) -> Page[InventoryItem]:
        """One page of the items, ordered by `sku` or `available_stock`.

        `search` is how the SKU begins or (from three characters on) ends; where none does, words of the product.
        Raises TooLong, InvalidInput.
        """
        return await listing.find_items(db, self._catalog, args, wanted, search, order, direction)

    async def find_movements(
        self,
        db: Reader,
        args: PageArgs,
        wanted: MovementFilter = EVERY_MOVEMENT,
        *,
        search: str | None = None,
        direction: Direction = "desc",
    ) -> Page[StockMovement]:
        """One page of the ledger, newest first; `search` as of items, or how a reference begins. Raises as there."""
        return await listing.find_movements(db, self._catalog, args, wanted, search, direction)

    async def movement_pages(self, db: Reader, keys: Sequence[tuple[UUID, PageArgs]]) -> list[Page[StockMovement]]:
        """A page of the ledger of each item, newest first; one statement for pages that begin without a cursor."""
        return await listing.movement_pages(db, keys)

    def export_stock(self, db: Reader, actor: Actor) -> AsyncIterator[bytes]:
        """All stock as CSV in the order of SKUs, page after page as it is read; two statements for 500 SKUs."""
        return export.export(self._catalog, db, actor)

    async def story_of(self, db: Reader, sku: str) -> SkuStory:
        """Everything that happened to the stock of a SKU, oldest first. Raises SkuNotFound."""
        story = await listing.story_of(db, self._catalog, key(sku))
        if story is None:
            raise SkuNotFound([sku])
        return story

    async def check_availability(self, db: Reader, sku: str, qty: int) -> bool:
        """Whether `qty` units of a SKU can be sold now: always when it is not tracked, never when nothing has it.

        A SKU without an item has no stock. Raises InvalidInput for a quantity below one.
        """
        if qty < 1:
            raise InvalidInput("A quantity is at least 1.", field=("quantity",))
        sku = key(sku)
        owners = await self._catalog.skus.owners(db, [sku])
        if not owners or not owners[0].is_sold:
            return False
        if not owners[0].is_tracked:
            return True
        item = await data.inventory_item.find_unique(db, sku=sku)
        return item is not None and item.available_stock >= qty

    async def levels(self, db: Reader, skus: Collection[str]) -> dict[str, Level]:
        """How many of each SKU can be sold, and whether that is counted; a SKU of nothing has none. One statement."""
        return await sql.levels(db, skus)

    async def get_low_stock(self, db: Reader, threshold: int | None = None) -> list[InventoryItem]:
        """What is to be ordered again, the scarcest first, at most 1,000: free stock at or below the threshold.

        Without a threshold, at or below each item's own reorder point. One statement.
        """
        return await listing.low_stock(db, threshold, BATCH)

    async def reserve(
        self, tx: Tx, actor: Actor, lines: Sequence[StockLine], *, order_id: UUID, expires_at: datetime | None
    ) -> None:
        """Set units aside for an order, of every line or of none. One statement whatever the number of lines.

        SKUs are locked in their order; untracked ones are skipped. Until `expires_at` (None: for ever) the units are
        the order's; whoever ends the order then releases them. Raises InsufficientStock with every SKU that is short,
        SkuNotFound, InvalidInput. Emits StockChanged, StockRanLow.
        """
        wanted = ledger.require_lines(lines)
        if wanted:
            _tell(tx, await reservations.reserve(tx, actor, wanted, order_id=order_id, expires_at=expires_at))

    async def keep(self, tx: Tx, order_id: UUID) -> None:
        """Let what an order holds never run out, because it was paid; at the end of `tx`."""
        reservations.keep(tx, order_id)

    async def hold_until(self, tx: Tx, order_id: UUID, until: datetime) -> None:
        """Let what an order holds run out at another time; at the end of `tx`."""
        reservations.hold_until(tx, order_id, until)

    async def release_order(self, tx: Tx, actor: Actor, order_id: UUID, *, reason: str | None = None) -> None:
        """Free everything that an order holds; nothing happens the second time. Emits StockChanged."""
        _tell(tx, await reservations.end(tx, actor, order_id, ReservationStatus.RELEASED, reason=reason))

    async def confirm_order(self, tx: Tx, actor: Actor, order_id: UUID) -> None:
        """Take everything that an order holds out of stock, as sold; nothing happens the second time."""
        _tell(tx, await reservations.end(tx, actor, order_id, ReservationStatus.CONFIRMED))

    async def reserve_stock(
        self, tx: Tx, sku: str, qty: int, order_id: UUID, *, expires_at: datetime | None = None
    ) -> None:
        """Set units of one SKU aside for an order, beside what it holds. Raises and emits as `reserve` does."""
        await self.reserve(tx, tx.actor, [StockLine(sku, qty)], order_id=order_id, expires_at=expires_at)

    async def release_stock(self, tx: Tx, sku: str, qty: int, order_id: UUID) -> None:
        """Free units of one SKU that an order holds.

        Raises NotReserved when it holds fewer, InvalidInput. Emits StockChanged.
        """
        await self._end_part(tx, ReservationStatus.RELEASED, sku, qty, order_id)

    async def confirm_sale(self, tx: Tx, sku: str, qty: int, order_id: UUID) -> None:
        """Take units of one SKU that an order holds out of stock, as sold.

        Raises NotReserved when it holds fewer, InvalidInput.
        """
        await self._end_part(tx, ReservationStatus.CONFIRMED, sku, qty, order_id)

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

        Raises what `record_movement` raises, and emits what it emits.
        """
        moved = await self._record(tx, sku, qty, kind, reason, reference)
        return moved.item

    async def record_movement(
        self,
        tx: Tx,
        sku: str,
        kind: MovementType,
        quantity: int,
        *,
        reason: str | None = None,
        reference: str | None = None,
    ) -> StockMovement:
        """Move free units of a SKU (below zero: out) and write it into the ledger, both or neither; the entry.

        Reserved units move with their reservations alone. Raises SkuNotFound, InsufficientStock (nothing goes below
        zero), InvalidInput also for a kind that moves units the other way. Emits StockChanged, StockRanLow.
        """
        moved = await self._record(tx, sku, quantity, kind, reason, reference)
        return moved.entry

    async def change_stock(
        self,
        tx: Tx,
        changes: Sequence[StockLine],
        *,
        kind: MovementType = MovementType.ADJUSTMENT,
        reason: str | None = None,
        reference: str | None = None,
    ) -> list[InventoryItem]:
        """Add units to the free stock of SKUs, or take them away, all or nothing; the items then. Four statements.

        Locks are taken in the order of SKUs. Raises and emits as `record_movement` does, of all changes at once, the
        change in the error's path; InsufficientStock carries every SKU that is short.
        """
        with collect_errors() as each:
            with each:
                wanted = ledger.require_changes(changes, kind)
            with each:
                entry = Entry.of(kind, reason, reference, tx.actor)
        owners = await self._owners(tx, ledger.fields_of(wanted, ledger.CHANGES, "sku"))
        items = await sql.hold_items(tx, owners)
        moved = await sql.move(tx, ledger.movements_by(items, wanted), entry)
        _tell(tx, moved)
        return sorted((move.item for move in moved), key=lambda item: item.sku)

    async def set_reorder(
        self,
        tx: Tx,
        sku: str,
        changes: ReorderChanges,
    ) -> InventoryItem:
        """Say when a SKU is to be ordered again, how many then, and where it lies; what is left out stays.

        Raises SkuNotFound, InvalidInput below zero and beyond a billion, TooLong.
        """
        with collect_errors() as each:
            with each:
                named = require_text(key(sku), field=SKU_FIELD)
            with each:
                checked: Any = ledger.require_reorder(changes)
        (item,) = await sql.hold_items(tx, await self._owners(tx, {named: SKU_FIELD}))
        return await data.inventory_item.update(tx, id=item.id, data=checked) if checked else item

    async def set_stock(
        self,
        tx: Tx,
        counts: Sequence[StockCount],
        *,
        kind: MovementType = MovementType.ADJUSTMENT,
        reason: str | None = None,
        reference: str | None = None,
    ) -> int:
        """Bring the free stock of SKUs to what was counted; how many changed. Four statements per 1,000 SKUs.

        Locks are taken in the order of SKUs. Reserved units stay reserved. Raises, of all counts at once,
        SkuNotFound, InvalidInput, Required, TooLong. Emits StockChanged and StockRanLow, at most one each per 1,000.
        """
        with collect_errors() as each:
            with each:
                wanted = ledger.require_counts(counts)
            with each:
                entry = Entry.of(kind, reason, reference, tx.actor)
        owners = await self._owners(tx, ledger.fields_of(wanted, ledger.LEVELS, "sku"))
        owners.sort(key=lambda owner: owner.sku)
        paths, changed = ledger.fields_of(wanted, ledger.LEVELS, "available"), 0
        for start in range(0, len(owners), BATCH):
            items = await sql.hold_items(tx, owners[start : start + BATCH])
            movements = ledger.movements_to(items, wanted, paths)
            if movements:
                _tell(tx, await sql.move(tx, movements, entry))
                changed += len(movements)
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
                raise InvalidInput(f"There are {item.total_stock} of {item.sku!r} in stock.", field=("sku",))
            return
        if await data.inventory_item.find_unique(tx, sku=sku) is not None:
            raise InvalidInput(f"{sku!r} was stocked before, and has a history.", field=("sku",))
        await data.inventory_item.update(tx, id=item.id, data={"sku": sku})

    async def follow_owners(self, tx: Tx, skus: Collection[str]) -> None:
        """Let stock belong to what its SKU stands for now, with what orders hold of it. Three statements.

        What was never stocked has none. Raises SkuNotFound.
        """
        owners = {owner.sku: owner for owner in await self._owners(tx, dict.fromkeys(skus, SKU_FIELD))}
        await sql.give_to(tx, await sql.hold_stocked(tx, owners), owners)

    async def products_in_stock(self, db: Reader, product_ids: Sequence[UUID]) -> dict[UUID, bool]:
        """Of each product, whether it can be bought: something on sale that is not tracked, or has stock."""
        items = await self.stock_of(db, product_ids)
        stocked = {item.sku for item in items if item.available_stock > 0}
        owners = await self._catalog.skus.of_products(db, product_ids)
        sellable = {
            owner.product_id for owner in owners if owner.is_sold and (not owner.is_tracked or owner.sku in stocked)
        }
        return {product_id: product_id in sellable for product_id in product_ids}

    async def show_stock(self, tx: Tx, product_ids: Sequence[UUID]) -> None:
        """Tell the catalogue which products are in stock, as it is now."""
        await self._catalog.search.project_stock(tx, sorted(set(product_ids)), self.products_in_stock)

    async def _owners(self, tx: Tx, skus: Mapping[str, Sequence[str]]) -> list[SkuOwner]:
        """What the SKUs, given with their paths, stand for.

        Raises SkuNotFound for each of those of nothing, or of what was deleted.
        """
        owners = [owner for owner in await self._catalog.skus.owners(tx, skus.keys()) if not owner.is_archived]
        if len(owners) < len(skus):
            known = {owner.sku for owner in owners}
            with collect_errors() as each:
                for sku, field in skus.items():
                    with each:
                        if sku not in known:
                            raise SkuNotFound([sku], field=field)
        return owners

    async def _record(
        self, tx: Tx, sku: str, quantity: int, kind: MovementType, reason: str | None, reference: str | None
    ) -> Moved:
        with collect_errors() as each:
            with each:
                named = require_text(key(sku), field=SKU_FIELD)
            with each:
                ledger.require_kind(kind, quantity)
            with each:
                entry = Entry.of(kind, reason, reference, tx.actor)
        (item,) = await sql.hold_items(tx, await self._owners(tx, {named: SKU_FIELD}))
        moved = await sql.move(tx, [ledger.movement_of(item, quantity)], entry)
        _tell(tx, moved)
        return moved[0]

    async def _end_part(self, tx: Tx, status: ReservationStatus, sku: str, qty: int, order_id: UUID) -> None:
        ((named, quantity),) = ledger.require_lines([StockLine(sku, qty)]).items()
        _tell(tx, await reservations.end_part(tx, tx.actor, order_id, status, named, quantity))


def _tell(tx: Tx, moved: Sequence[Moved]) -> None:
    """Tell others what these movements mean to them: what can be sold now or no more, and what ran low."""
    crossed = [move.item for move in moved if move.crossed_zero]
    if crossed:
        products = sorted({item.product_id for item in crossed})
        skus = sorted(item.sku for item in crossed)
        tx.emit(StockChanged(first_item_id=crossed[0].id, product_ids=products, skus=skus))
    low = [move.item for move in moved if move.ran_low]
    if low:
        tx.emit(StockRanLow(first_item_id=low[0].id, skus=sorted(item.sku for item in low)))
