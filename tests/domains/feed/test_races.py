"""Parallel imports."""

import asyncio
from collections.abc import Collection
from typing import Any

import asyncpg
import pytest

from domains.catalog.data import ProductRow
from domains.catalog.imports import import_sql
from domains.feed.csv.rows import RowReader
from domains.feed.errors import ImportRunning
from domains.feed.imports import file_import
from domains.feed.imports.batches import BatchSaver
from domains.feed.imports.product_drafts import draft_of
from domains.feed.imports.products import read_products
from domains.feed.imports.reports import ImportReport
from domains.feed.models import FeedProduct
from domains.inventory.models import StockLine
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.values.money import UnitPrices
from tests.domains.feed.files import csv_bytes, mug
from tests.domains.feed.shops import Shop

COPY = """
insert into products (id, company_id, name, slug, base_price, currency, category_id, updated_at)
select gen_random_uuid(), company_id, 'Other', 'mug-2', 1, currency, category_id, now()
from products where company_id = $1
"""
ROWS = [mug(Variant_Inventory_Qty="3", Type=f"Cups {n % 7}") | {"Handle": f"mug-{n:02}"} for n in range(40)]
FORWARDS, BACKWARDS = csv_bytes(*ROWS), csv_bytes(*reversed(ROWS))


@pytest.mark.parametrize("strict", [False, True])
async def test_two_parallel_imports_have_the_result_of_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, strict: bool
) -> None:
    monkeypatch.setattr(file_import, "BATCH_PRODUCTS", 5)
    reports = await asyncio.gather(
        *(shop.import_file(file, strict=strict) for file in (FORWARDS, BACKWARDS, FORWARDS))
    )
    assert sum(report.products_created for report in reports) == 40
    assert sum(report.stock_changes for report in reports) == 40
    assert all(report.applied and not report.bad_rows for report in reports)
    counts = await shop.counts()
    assert (counts["products"], counts["categories"], counts["stock_movements"]) == (40, 7, 40)


async def test_an_import_that_waits_too_long_is_refused_with_the_reason(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked(_: object) -> None:
        raise asyncpg.LockNotAvailableError

    monkeypatch.setattr("domains.feed.imports.import_sql.begin_batch", locked)
    with pytest.raises(ImportRunning, match="Another import into this company is running"):
        await shop.import_file(FORWARDS)


async def test_references_to_a_product_do_not_wait_for_an_import(shop: Shop) -> None:
    file = csv_bytes(mug())
    await shop.import_file(file)
    (product,) = read_products(RowReader(iter([file])), UnitPrices("EUR", 2))
    assert isinstance(product, FeedProduct)
    async with shop.database.transaction(Actor.system(shop.id)) as tx:
        await shop.feed._catalog.imports.save(tx, [draft_of(product)])
        # The lock of a foreign key check, as when the product is added to a cart or reviewed.
        locked_slug = "select slug from products where company_id = $1 for key share nowait"
        assert await shop.owner.fetchval(locked_slug, shop.id) == "mug"


async def test_a_product_created_during_an_import_is_updated_instead(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.import_file(csv_bytes(mug(Type="Cups") | {"Handle": "first"}))
    real = import_sql.lock_products
    made: list[str] = []

    async def overtaken(tx: Tx, slugs: Collection[str]) -> list[ProductRow]:
        found = await real(tx, slugs)
        if not made:
            made.append(await shop.owner.execute(COPY, shop.id))
        return found

    monkeypatch.setattr(import_sql, "lock_products", overtaken)
    report = await shop.import_file(csv_bytes(*(mug(Type="Cups") | {"Handle": f"mug-{n}"} for n in range(4))))
    assert (report.products_created, report.products_updated, report.bad_rows) == (3, 1, [])


async def test_an_import_and_a_parallel_edit_of_one_product_both_take_effect(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Vendor="Kiln")))
    catalog = shop.feed._catalog
    product_id = await shop.owner.fetchval("select id from products where company_id = $1", shop.id)

    async def edit(tx: Tx) -> None:
        await catalog.update_product(tx, product_id, {"model": "Edited"})

    await asyncio.gather(
        shop.import_file(csv_bytes(mug(Vendor="Clay"))), shop.database.run(edit, Actor.system(shop.id))
    )
    row = await shop.owner.fetchrow("select brand, model from products where company_id = $1", shop.id)
    assert (row["brand"], row["model"]) == ("Clay", "Edited")


async def test_an_interrupted_import_is_completed_by_the_next(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_import, "BATCH_PRODUCTS", 5)
    real = BatchSaver.save
    batches: list[int] = []

    async def dies(self: BatchSaver, entries: Any, tx: Tx) -> ImportReport:
        report = await real(self, entries, tx)
        batches.append(len(entries))
        if len(batches) == 4:
            raise asyncio.CancelledError
        return report

    monkeypatch.setattr(BatchSaver, "save", dies)
    with pytest.raises(asyncio.CancelledError):
        await shop.import_file(FORWARDS)
    assert len(await shop.products()) == len(await shop.stock()) == 15
    monkeypatch.setattr(BatchSaver, "save", real)
    report = await shop.import_file(FORWARDS)
    assert (report.products_unchanged, report.products_created, report.stock_changes) == (15, 25, 25)


async def test_reservations_follow_the_sku_to_the_variant(shop: Shop) -> None:
    tracked = mug(Variant_SKU="M-S", Variant_Inventory_Tracker="shopify")
    await shop.import_file(csv_bytes(tracked | {"Variant Inventory Qty": "6"}))
    inventory, order_id, actor = shop.feed._inventory, new_id(), Actor.system(shop.id)

    async def reserve(tx: Tx) -> None:
        await inventory.reservations.reserve(tx, actor, [StockLine("M-S", 2)], order_id=order_id, expires_at=None)

    async def sell(tx: Tx) -> None:
        await inventory.reservations.confirm(tx, actor, order_id)

    await shop.database.run(reserve, actor)
    await shop.import_file(csv_bytes(tracked | {"Option1 Name": "Size", "Option1 Value": "S"}))
    await shop.database.run(sell, actor)
    timeline = await inventory.listing.timeline(shop.database.reader(shop.id), "M-S")
    assert (timeline.available, timeline.reserved, timeline.is_consistent) == (4, 0, True)
    assert timeline.owner
    assert timeline.owner.variant_id == (timeline.item.variant_id if timeline.item else None)
