"""Lists of stock and of its ledger, the timeline of one SKU, and all stock page by page."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.catalog.variants.skus import SkuOwner
from domains.inventory import data, level_sql, sql
from domains.inventory.errors import SkuNotFound
from domains.inventory.models import (
    InventoryItem,
    ItemFilter,
    MovementFilter,
    ReservationStatus,
    SkuTimeline,
    StockLevel,
    StockMovement,
)
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import MAX_PAGE, Page, PageArgs
from domains.kernel.pagination.sql_lists import fetch_related
from domains.kernel.prisma.filters import FieldReference
from domains.kernel.text.validation import normalize_key, normalize_search
from domains.kernel.values.ranges import require_range

# The maximum number of SKUs whose entries a search of the ledger returns; a longer search text finds the others.
MAX_SEARCHED_ITEMS: Final = 500
# Shorter texts are the end of too many SKUs.
MIN_SUFFIX_LENGTH: Final = 3
IS_LOW: Final = {"available_stock": {"lte": FieldReference("reorder_point")}}
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
        sort_type = str if order == "sku" else int
        require_range(filters.available_at_least, filters.available_at_most, field=("available_at_most",))
        where = {"AND": [*_item_conditions(filters), *await _search_conditions(db, self._catalog, search)]}
        return await fetch_page(data.inventory_item, db, args, sort=Sort(order, sort_type, direction), where=where)

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
            return SkuTimeline(sku, owners[0], None, (), ())
        movements = await data.stock_movement.find_many(
            db, where={"inventory_id": item.id}, order_by=[{"created_at": "asc"}, {"id": "asc"}]
        )
        reservations = await data.reservation.find_many(
            db,
            where={"inventory_id": item.id, "status": ReservationStatus.ACTIVE},
            order_by=[{"created_at": "asc"}, {"id": "asc"}],
        )
        return SkuTimeline(sku, owners[0] if owners else None, item, tuple(movements), tuple(reservations))


async def _search_conditions(db: Reader, catalog: CatalogService, search: str | None) -> list[Any]:
    """The search as a condition on items: the SKU begins or ends with it, in any case; otherwise the product's words.

    A search for a SKU finds that SKU alone, not the others of its product.
    """
    text = normalize_search(search)
    if text is None or db.company_id is None:
        return []
    if not text:
        return [{"OR": []}]
    sku = normalize_key(text)
    alternatives: list[Any] = [{"sku": {"startswith": sku, "mode": "insensitive"}}]
    if len(sku) >= MIN_SUFFIX_LENGTH:
        alternatives.append({"sku": {"endswith": sku, "mode": "insensitive"}})
    if await data.inventory_item.find_first(db, where={"OR": alternatives}) is not None:
        return [{"OR": alternatives}]
    search_result = await catalog.search_products(db, Actor.system(db.company_id), text, PageArgs(first=MAX_PAGE))
    products = () if search_result.corrected else search_result.page.items  # corrected words are not the search text
    return [{"product_id": {"in": [product.id for product in products]}}]


def _item_conditions(filters: ItemFilter) -> list[Any]:
    conditions: list[Any] = []
    if filters.available_at_most is not None:
        conditions.append({"available_stock": {"lte": filters.available_at_most}})
    if filters.available_at_least is not None:
        conditions.append({"available_stock": {"gte": filters.available_at_least}})
    if filters.is_low is not None:
        conditions.append(IS_LOW if filters.is_low else {"NOT": IS_LOW})
    if filters.is_reserved is not None:
        conditions.append({"reserved_stock": {"gt": 0} if filters.is_reserved else 0})
    if filters.product_id is not None:
        conditions.append({"product_id": filters.product_id})
    return conditions


def _movement_conditions(filters: MovementFilter) -> list[Any]:
    conditions: list[Any] = []
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
    if searched := await _search_conditions(db, catalog, search):
        where: Any = {"AND": searched}
        items = await data.inventory_item.find_many(
            db, where=where, order_by=[{"sku": "asc"}], take=MAX_SEARCHED_ITEMS
        )
        alternatives: list[Any] = [{"inventory_id": {"in": [item.id for item in items]}}]
        if reference := normalize_search(search):
            alternatives.append({"reference": {"startswith": reference}})
        conditions.append({"OR": alternatives})
    return conditions
