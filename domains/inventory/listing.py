"""Lists of stock and of its ledger, the timeline of one SKU, and all stock page by page."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.inventory import data, sql
from domains.inventory.errors import SkuNotFound
from domains.inventory.models import (
    InventoryItem,
    ItemFilter,
    Level,
    MovementFilter,
    ReservationStatus,
    SkuTimeline,
    StockMovement,
)
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import MAX_PAGE, Page, PageArgs
from domains.kernel.pagination.sql_lists import fetch_related
from domains.kernel.prisma.filters import FieldReference
from domains.kernel.text.validation import normalize_key, searched_text
from domains.kernel.values.ranges import require_range

# How many SKUs a search of the ledger looks through at most; the rest is found by typing more of the SKU.
MOST_FOUND: Final = 500
# By fewer characters too many SKUs end.
LEAST_END: Final = 3
IS_LOW: Final = {"available_stock": {"lte": FieldReference("reorder_point")}}
EVERY_ITEM: Final = ItemFilter()
EVERY_MOVEMENT: Final = MovementFilter()


class Listing:
    """Finds stock and the entries of its ledger."""

    def __init__(self, catalog: CatalogService) -> None:
        self._catalog = catalog

    async def items_of_products(self, db: Reader, product_ids: Collection[UUID]) -> list[InventoryItem]:
        """The items of products and their variants, by SKU; what has no item has no stock. One statement."""
        where: data.InventoryItemWhere = {"product_id": {"in": list(product_ids)}}
        return await data.inventory_item.find_many(db, where=where, order_by=[{"sku": "asc"}])

    async def items_by_id(self, db: Reader, ids: Collection[UUID]) -> list[InventoryItem]:
        """The items of these ids, in no order."""
        return await data.inventory_item.find_many(db, where={"id": {"in": list(ids)}})

    async def items_by_sku(self, db: Reader, skus: Collection[str]) -> list[InventoryItem]:
        """The items of these SKUs, in the order of SKUs."""
        where: data.InventoryItemWhere = {"sku": {"in": [normalize_key(sku) for sku in skus]}}
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
        kind = str if order == "sku" else int
        require_range(wanted.available_at_least, wanted.available_at_most, field=("filter", "available_at_most"))
        where = {"AND": [*_items(wanted), *await _searched(db, self._catalog, search)]}
        return await fetch_page(data.inventory_item, db, args, sort=Sort(order, kind, direction), where=where)

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
        require_range(wanted.since, wanted.until, field=("filter", "until"))
        where = {"AND": [*_movements(wanted), *await _named(db, self._catalog, wanted, search)]}
        sort = Sort("created_at", datetime, direction)
        return await fetch_page(data.stock_movement, db, args, sort=sort, where=where)

    async def movements_by_id(self, db: Reader, ids: Collection[UUID]) -> list[StockMovement]:
        """The entries of the ledger with these ids, in no order. One statement."""
        return await data.stock_movement.find_many(db, where={"id": {"in": list(ids)}})

    async def movement_pages(self, db: Reader, keys: Sequence[tuple[UUID, PageArgs]]) -> list[Page[StockMovement]]:
        """A page of the ledger, newest first, for each item.

        One statement for all items with the same page arguments, and one more when they are counted.
        """
        pages = await fetch_related(db, sql.MOVEMENTS, keys)
        return [page.map(data.stock_movement.from_record) for page in pages]

    async def levels(self, db: Reader, skus: Collection[str]) -> dict[str, Level]:
        """How many of each SKU can be sold, and whether that is counted; a SKU of nothing has none. One statement."""
        return await sql.levels(db, skus)

    async def timeline_of(self, db: Reader, sku: str) -> SkuTimeline:
        """Everything that happened to the stock of a SKU, oldest first. Raises SkuNotFound."""
        sku = normalize_key(sku)
        owners = await self._catalog.skus.owners(db, [sku])
        item = await data.inventory_item.find_unique(db, sku=sku)
        if item is None and not owners:
            raise SkuNotFound([sku])
        if item is None:
            return SkuTimeline(sku, owners[0], None, (), ())
        movements = await data.stock_movement.find_many(
            db, where={"inventory_id": item.id}, order_by=[{"created_at": "asc"}, {"id": "asc"}]
        )
        held = await data.reservation.find_many(
            db,
            where={"inventory_id": item.id, "status": ReservationStatus.ACTIVE},
            order_by=[{"created_at": "asc"}, {"id": "asc"}],
        )
        return SkuTimeline(sku, owners[0] if owners else None, item, tuple(movements), tuple(held))


async def items_after(db: Reader, sku: str, take: int) -> list[InventoryItem]:
    """The next items in the order of SKUs, after this one."""
    order: list[data.InventoryItemOrder] = [{"sku": "asc"}]
    return await data.inventory_item.find_many(db, order_by=order, take=take, cursor={"sku": sku})


async def _searched(db: Reader, catalog: CatalogService, search: str | None) -> list[Any]:
    """The search as a condition on items: how the SKU begins or ends, in any case; if none does, the product's words.

    People type SKUs as they read them out. Whoever types one wants it alone, not all that its product has beside it.
    """
    text = searched_text(search)
    if text is None or db.company_id is None:
        return []
    if not text:
        return [{"OR": []}]
    sku = normalize_key(text)
    ways: list[Any] = [{"sku": {"startswith": sku, "mode": "insensitive"}}]
    if len(sku) >= LEAST_END:
        ways.append({"sku": {"endswith": sku, "mode": "insensitive"}})
    if await data.inventory_item.find_first(db, where={"OR": ways}) is not None:
        return [{"OR": ways}]
    found = await catalog.search_products(db, Actor.system(db.company_id), text, PageArgs(first=MAX_PAGE))
    named = () if found.corrected else found.page.items  # another word is not what was asked for
    return [{"product_id": {"in": [product.id for product in named]}}]


def _items(wanted: ItemFilter) -> list[Any]:
    found: list[Any] = []
    if wanted.available_at_most is not None:
        found.append({"available_stock": {"lte": wanted.available_at_most}})
    if wanted.available_at_least is not None:
        found.append({"available_stock": {"gte": wanted.available_at_least}})
    if wanted.is_low is not None:
        found.append(IS_LOW if wanted.is_low else {"NOT": IS_LOW})
    if wanted.is_reserved is not None:
        found.append({"reserved_stock": {"gt": 0} if wanted.is_reserved else 0})
    if wanted.product_id is not None:
        found.append({"product_id": wanted.product_id})
    return found


def _movements(wanted: MovementFilter) -> list[Any]:
    found: list[Any] = []
    if wanted.type is not None:
        found.append({"type": wanted.type})
    if wanted.types is not None:
        found.append({"type": {"in": wanted.types}})
    if wanted.reference is not None:
        found.append({"reference": wanted.reference})
    if wanted.performed_by is not None:
        found.append({"performed_by": wanted.performed_by})
    if wanted.since is not None:
        found.append({"created_at": {"gte": wanted.since}})
    if wanted.until is not None:
        found.append({"created_at": {"lt": wanted.until}})
    return found


async def _named(db: Reader, catalog: CatalogService, wanted: MovementFilter, search: str | None) -> Sequence[Any]:
    """The conditions that name a SKU or a product, and what is searched: an item, or how a reference begins."""
    found: list[Any] = []
    if wanted.sku is not None:
        item = await data.inventory_item.find_unique(db, sku=normalize_key(wanted.sku))
        found.append({"inventory_id": {"in": [item.id] if item else []}})
    if wanted.product_id is not None:
        stocked = await data.inventory_item.find_many(db, where={"product_id": wanted.product_id})
        found.append({"inventory_id": {"in": [item.id for item in stocked]}})
    if conditions := await _searched(db, catalog, search):
        where: Any = {"AND": conditions}
        items = await data.inventory_item.find_many(db, where=where, order_by=[{"sku": "asc"}], take=MOST_FOUND)
        ways: list[Any] = [{"inventory_id": {"in": [item.id for item in items]}}]
        if reference := searched_text(search):
            ways.append({"reference": {"startswith": reference}})
        found.append({"OR": ways})
    return found
