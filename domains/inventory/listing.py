"""Lists of stock and of its ledger, the timeline of one SKU, and all stock page by page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.catalog.variants.skus import SkuOwner
from domains.inventory import data, level_sql, sql
from domains.inventory.errors import SkuNotFound
from domains.inventory.level_sql import LEVELS_OF_WAREHOUSE, STOCKED_IN
from domains.inventory.models import (
    InventoryItem,
    InventoryLevel,
    ItemFilter,
    MovementFilter,
    ReservationStatus,
    SkuTimeline,
    StockLevel,
    StockMovement,
    StoredLevel,
)
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Column, Condition, Direction, Keyset, Sort, fetch_page
from domains.kernel.pagination.pages import MAX_PAGE, Page, PageArgs
from domains.kernel.pagination.sql_lists import fetch_list, fetch_related, present_conditions
from domains.kernel.prisma.conditions import escaped
from domains.kernel.prisma.filters import FieldReference
from domains.kernel.text.validation import normalize_key, normalize_search
from domains.kernel.values.ranges import require_range

# The maximum number of SKUs whose entries a search of the ledger returns; a longer search text finds the others.
MAX_SEARCHED_ITEMS: Final = 500
# Shorter texts are the end of too many SKUs.
MIN_SUFFIX_LENGTH: Final = 3
IS_LOW: Final = {"available_stock": {"lte": FieldReference("reorder_point")}}
_ID: Final = Column("i.id", UUID)
_COLUMNS: Final = {
    "sku": (Column("i.sku", str), _ID),
    "available_stock": (Column("i.available_stock", int), _ID),
}
ALL_ITEMS: Final = ItemFilter()
ALL_MOVEMENTS: Final = MovementFilter()


class Listing:
    """Reads stock and the entries of its ledger."""

    def __init__(self, catalog: CatalogService) -> None:
        self._catalog = catalog

    async def items_of_products(self, db: Reader, product_ids: Collection[UUID]) -> list[InventoryItem]:
        """The items of products and their variants, by SKU; a SKU without an item has no stock. One statement."""
        where: data.InventoryItemWhere = {"product_id": {"in": list(product_ids)}}
        return await data.inventory_item.find_many(db, where=where, order_by=[{"sku": "asc"}])

    async def default_units(self, db: Reader, product_ids: Collection[UUID]) -> dict[str, int]:
        """The available units in the default warehouse, of each stocked SKU of products. One statement."""
        return await level_sql.default_units(db, product_ids)

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
        filters: ItemFilter = ALL_ITEMS,
        *,
        search: str | None = None,
        order: str = "sku",
        direction: Direction = "asc",
    ) -> Page[InventoryItem]:
        """One page of the items, ordered by `sku` or `available_stock`.

        `search` is the beginning of the SKU or, from three characters on, its end; if no SKU matches, words of the
        product. Raises RangeInverted, TooLong, and what `fetch_page` raises.
        """
        require_range(filters.available_at_least, filters.available_at_most, field=("available_at_most",))
        searched = await _find_searched(db, self._catalog, search)
        keyset = Keyset.of(args, _COLUMNS[order], order=order, descending=direction == "desc")
        page = await fetch_list(
            db,
            keyset,
            select=data.inventory_item.columns("i"),
            source="from inventory_items i where i.company_id = $1",
            conditions=[*_item_conditions(filters), *(searched.conditions if searched else ())],
        )
        return page.map(data.inventory_item.from_record)

    async def find_movements(
        self,
        db: Reader,
        args: PageArgs,
        filters: MovementFilter = ALL_MOVEMENTS,
        *,
        search: str | None = None,
        direction: Direction = "desc",
    ) -> Page[StockMovement]:
        """One page of the ledger, newest first; `search` is as in `find_items`, or the beginning of a reference."""
        require_range(filters.since, filters.until, field=("until",))
        where = {
            "AND": [*_movement_conditions(filters), *await _reference_conditions(db, self._catalog, filters, search)]
        }
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

    async def levels_by_id(self, db: Reader, ids: Collection[UUID]) -> list[InventoryLevel]:
        """The levels of these ids, in no order. One statement."""
        return await data.inventory_level.find_many(db, where={"id": {"in": list(ids)}})

    async def levels_by_item(self, db: Reader, item_ids: Collection[UUID]) -> dict[UUID, list[StoredLevel]]:
        """The levels of items with their warehouses, by item and in the order of codes. One statement."""
        return await level_sql.levels_by_item(db, item_ids)

    async def level_pages(self, db: Reader, keys: Sequence[tuple[UUID, PageArgs]]) -> list[Page[InventoryLevel]]:
        """A page of the levels of each warehouse, in no order that means anything.

        One statement for all warehouses with the same page arguments, and one more when they are counted.
        """
        pages = await fetch_related(db, LEVELS_OF_WAREHOUSE, keys)
        return [page.map(data.inventory_level.from_record) for page in pages]

    async def levels(self, db: Reader, skus: Collection[str]) -> dict[str, StockLevel]:
        """The available units of each SKU and whether it is tracked; an unknown SKU has no units. One statement."""
        return await sql.levels(db, skus)

    async def visible_owner(self, db: Reader, actor: Actor, sku: str) -> SkuOwner:
        """The product or variant of a SKU. Raises SkuNotFound, also when the actor may not see it. One statement."""
        owner = await self._catalog.skus.find_visible(db, actor, sku)
        if owner is None:
            raise SkuNotFound([sku])
        return owner

    async def timeline(self, db: Reader, sku: str) -> SkuTimeline:
        """The stock of a SKU, its ledger entries and active reservations, oldest first. Raises SkuNotFound."""
        sku = normalize_key(sku)
        owners = await self._catalog.skus.owners(db, [sku])
        item = await data.inventory_item.find_unique(db, sku=sku)
        if item is None and not owners:
            raise SkuNotFound([sku])
        if item is None:
            return SkuTimeline(sku, owners[0], None, (), (), ())
        movements = await data.stock_movement.find_many(
            db, where={"inventory_id": item.id}, order_by=[{"created_at": "asc"}, {"id": "asc"}]
        )
        reservations = await data.reservation.find_many(
            db,
            where={"inventory_id": item.id, "status": ReservationStatus.ACTIVE},
            order_by=[{"created_at": "asc"}, {"id": "asc"}],
        )
        levels = (await level_sql.levels_by_item(db, [item.id])).get(item.id, ())
        owner = owners[0] if owners else None
        return SkuTimeline(sku, owner, item, tuple(levels), tuple(movements), tuple(reservations))


@dataclass(frozen=True, slots=True)
class _Searched:
    """What a search text means: SKUs that begin or end with it, or the products whose words it is."""

    sku: str | None
    product_ids: Sequence[UUID] = ()

    @property
    def where(self) -> Any:
        """The search as a filter of items."""
        if self.sku is None:
            return {"product_id": {"in": list(self.product_ids)}}
        alternatives: list[Any] = [{"sku": {"startswith": self.sku, "mode": "insensitive"}}]
        if len(self.sku) >= MIN_SUFFIX_LENGTH:
            alternatives.append({"sku": {"endswith": self.sku, "mode": "insensitive"}})
        return {"OR": alternatives}

    @property
    def conditions(self) -> list[Condition]:
        """The search as conditions in SQL on items."""
        if self.sku is None:
            return [("i.product_id = any({}::uuid[])", (list(self.product_ids),))]
        text = escaped(self.sku)
        patterns = [f"{text}%", *([f"%{text}"] if len(self.sku) >= MIN_SUFFIX_LENGTH else [])]
        return [("i.sku ilike any({}::text[])", (patterns,))]


async def _find_searched(db: Reader, catalog: CatalogService, search: str | None) -> _Searched | None:
    """What a search text means: the SKU begins or ends with it, in any case; otherwise the product's words.

    A search for a SKU finds that SKU alone, not the others of its product. None without a text.
    """
    text = normalize_search(search)
    if text is None or db.company_id is None:
        return None
    if not text:
        return _Searched(None)
    searched = _Searched(normalize_key(text))
    if await data.inventory_item.find_first(db, where=searched.where) is not None:
        return searched
    search_result = await catalog.search_products(db, Actor.system(db.company_id), text, PageArgs(first=MAX_PAGE))
    products = () if search_result.corrected else search_result.page.items  # corrected words are not the search text
    return _Searched(None, [product.id for product in products])


def _item_conditions(filters: ItemFilter) -> list[Condition]:
    return present_conditions(
        {
            "i.available_stock <= {}": filters.available_at_most,
            "i.available_stock >= {}": filters.available_at_least,
            "(i.available_stock <= i.reorder_point) = {}": filters.is_low,
            "(i.reserved_stock > 0) = {}": filters.is_reserved,
            "i.product_id = {}": filters.product_id,
            STOCKED_IN: filters.warehouse_id,
        }
    )


def _movement_conditions(filters: MovementFilter) -> list[Any]:
    conditions: list[Any] = []
    if filters.warehouse_id is not None:
        conditions.append({"warehouse_id": filters.warehouse_id})
    if filters.type is not None:
        conditions.append({"type": filters.type})
    if filters.types is not None:
        conditions.append({"type": {"in": filters.types}})
    if filters.reference is not None:
        conditions.append({"reference": filters.reference})
    if filters.performed_by is not None:
        conditions.append({"performed_by": filters.performed_by})
    if filters.since is not None:
        conditions.append({"created_at": {"gte": filters.since}})
    if filters.until is not None:
        conditions.append({"created_at": {"lt": filters.until}})
    return conditions


async def _reference_conditions(
    db: Reader, catalog: CatalogService, filters: MovementFilter, search: str | None
) -> Sequence[Any]:
    """The conditions on the SKU, the product, and the search text: of an item, or the beginning of a reference."""
    conditions: list[Any] = []
    if filters.sku is not None:
        item = await data.inventory_item.find_unique(db, sku=normalize_key(filters.sku))
        conditions.append({"inventory_id": {"in": [item.id] if item else []}})
    if filters.product_id is not None:
        stocked = await data.inventory_item.find_many(db, where={"product_id": filters.product_id})
        conditions.append({"inventory_id": {"in": [item.id for item in stocked]}})
    if searched := await _find_searched(db, catalog, search):
        where: Any = searched.where
        items = await data.inventory_item.find_many(
            db, where=where, order_by=[{"sku": "asc"}], take=MAX_SEARCHED_ITEMS
        )
        alternatives: list[Any] = [{"inventory_id": {"in": [item.id for item in items]}}]
        if reference := normalize_search(search):
            alternatives.append({"reference": {"startswith": reference}})
        conditions.append({"OR": alternatives})
    return conditions
