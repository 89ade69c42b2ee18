"""The export of stock as CSV, streamed page by page in the order of SKUs."""

import csv
import io
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.catalog.documents.products import ShownProduct
from domains.catalog.service import CatalogService
from domains.inventory.level_sql import stored_after
from domains.inventory.models import StoredItem, StoredLevel
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

        Three statements for 500 SKUs.
        """
        rows: list[tuple[object, ...]] = [HEADER]
        after = ""
        while page := await stored_after(db, after, PAGE_SIZE):
            products = await self._catalog.products.find_many(db, actor, {each.item.product_id for each in page})
            variants = await self._catalog.variants.find_many(
                db, actor, {each.item.variant_id for each in page if each.item.variant_id}
            )
            by_id = {product.id: product for product in products}
            names = {variant.id: variant.name for variant in variants}
            yield _lines([*rows, *(_cells(each, by_id, names) for each in page)])
            rows = []
            after = page[-1].item.sku
        yield _lines(rows)


def _cells(
    stored: StoredItem, products: Mapping[UUID, ShownProduct], variants: Mapping[UUID, str]
) -> tuple[object, ...]:
    item = stored.item
    product = products.get(item.product_id)
    return (
        item.sku,
        product.name if product else "",
        variants.get(item.variant_id, "") if item.variant_id else "",
        product.slug if product else "",
        *_units(stored.stored),
        item.reorder_point,
        item.reorder_quantity,
        *_place(stored),
    )


def _units(stored: StoredLevel | None) -> tuple[int, int, int]:
    if stored is None:
        return (0, 0, 0)
    return (stored.level.available_stock, stored.level.reserved_stock, stored.level.total_stock)


def _place(each: StoredItem) -> tuple[object, ...]:
    """The location, the times, the warehouse and the units in quarantine."""
    if each.stored is None:
        return ("", "", _time(each.item.updated_at), "", 0)
    level = each.stored.level
    updated_at = max(each.item.updated_at, level.updated_at)
    return (
        level.location or "",
        _time(level.last_restocked),
        _time(updated_at),
        each.stored.warehouse.code,
        level.quarantined_stock,
    )


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds")


def _lines(rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=CRLF).writerows(rows)
    return text.getvalue().encode()
