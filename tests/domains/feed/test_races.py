"""Imports that run at once."""

import asyncio

import asyncpg
import pytest

from domains.catalog import saving
from domains.feed import importing
from domains.feed.drafting import draft_of
from domains.feed.errors import ImportRunning
from domains.feed.models import FeedProduct
from domains.feed.products import read_products
from domains.feed.rows import RowReader
from domains.kernel.actor import Actor
from domains.kernel.money import UnitPrices
from tests.domains.feed.files import csv_bytes, mug
from tests.domains.feed.shops import Shop

ROWS = [mug(Variant_Inventory_Qty="3", Type=f"Cups {n % 7}") | {"Handle": f"mug-{n:02}"} for n in range(40)]
FORWARDS, BACKWARDS = csv_bytes(*ROWS), csv_bytes(*reversed(ROWS))


@pytest.mark.parametrize("strict", [False, True])
async def test_two_imports_at_once_end_as_one(shop: Shop, monkeypatch: pytest.MonkeyPatch, strict: bool) -> None:
    monkeypatch.setattr(importing, "BATCH_PRODUCTS", 5)
    reports = await asyncio.gather(*(shop.take_in(file, strict=strict) for file in (FORWARDS, BACKWARDS, FORWARDS)))
    assert sum(report.products_created for report in reports) == 40
    assert sum(report.stock_changes for report in reports) == 40
    assert all(report.applied and not report.bad_rows for report in reports)
    counts = await shop.counts()
    assert (counts["products"], counts["categories"], counts["stock_movements"]) == (40, 7, 40)


async def test_an_import_that_waits_too_long_says_why(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def locked(_: object) -> None:
        raise asyncpg.LockNotAvailableError

    monkeypatch.setattr("domains.feed.queries.lock_imports", locked)
    with pytest.raises(ImportRunning, match="Another import into this company is running"):
        await shop.take_in(FORWARDS)


async def test_what_refers_to_a_product_does_not_wait_for_an_import(shop: Shop) -> None:
    file = csv_bytes(mug())
    await shop.take_in(file)
    (product,) = read_products(RowReader(iter([file])), UnitPrices("EUR", 2))
    assert isinstance(product, FeedProduct)
    async with shop.database.transaction(Actor.system(shop.id)) as tx:
        await saving.save_products(tx, UnitPrices("EUR", 2), [draft_of(product)])
        # What the check of a foreign key does, when somebody puts the product into a cart or reviews it.
        held = "select slug from products where company_id = $1 for key share nowait"
        assert await shop.owner.fetchval(held, shop.id) == "mug"
