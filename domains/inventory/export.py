"""The export of stock as CSV, streamed page by page in the order of SKUs."""

import csv
import io
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.catalog.documents.products import ShownProduct
from domains.catalog.service import CatalogService
from domains.inventory import listing
from domains.inventory.level_sql import StoredLevel, levels_by_item
from domains.inventory.models import InventoryItem
from domains.kernel.actor import Actor
from domains.kernel.database import Reader

PAGE_SIZE: Final = 500
# RFC 4180, section 2.1. Cells are not changed, as in the export of products.
CRLF: Final = "\r\n"
HEADER: Final = (
    "SKU",
    "Product",
    "Variant",
    "Handle",
    "Available",
    "Reserved",
    "Total",
    "Reorder Point",
    "Reorder Quantity",
    "Location",
    "Last Restocked",
    "Updated",
    "Warehouse",
    "Quarantined",
)


class StockExport:
    """Writes all stock of a company as CSV."""

    def __init__(self, catalog: CatalogService) -> None:
        self._catalog = catalog

    async def read(self, db: Reader, actor: Actor) -> AsyncIterator[bytes]:
        """All stock as CSV in the order of SKUs, then of warehouses' codes, page after page as it is read.

        Four statements for 500 SKUs.
        """
        rows: list[tuple[object, ...]] = [HEADER]
        after = ""
        while items := await listing.items_after(db, after, PAGE_SIZE):
            products = await self._catalog.products.find_many(db, actor, {item.product_id for item in items})
            variants = await self._catalog.variants.find_many(
                db, actor, {item.variant_id for item in items if item.variant_id}
            )
            by_id = {product.id: product for product in products}
            names = {variant.id: variant.name for variant in variants}
            levels = await levels_by_item(db, [item.id for item in items])
            cells = (_cells(item, stored, by_id, names) for item in items for stored in levels.get(item.id, ()))
            yield _lines([*rows, *cells])
            rows = []
            after = items[-1].sku
        yield _lines(rows)


def _cells(
    item: InventoryItem, stored: StoredLevel, products: Mapping[UUID, ShownProduct], variants: Mapping[UUID, str]
) -> tuple[object, ...]:
    product, level = products.get(item.product_id), stored.level
    return (
        item.sku,
        product.name if product else "",
        variants.get(item.variant_id, "") if item.variant_id else "",
        product.slug if product else "",
        level.available_stock,
        level.reserved_stock,
        level.total_stock,
        item.reorder_point,
        item.reorder_quantity,
        level.location or "",
        _time(level.last_restocked),
        _time(max(item.updated_at, level.updated_at)),
        stored.warehouse.code,
        level.quarantined_stock,
    )


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds")


def _lines(rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=CRLF).writerows(rows)
    return text.getvalue().encode()
