"""Files of many batches: what is saved is not read again for each row, and the file is read beside the saving."""

import asyncio
import io
import time
from typing import Any

import pytest

from domains.feed.imports import file_import
from domains.feed.imports.batches import BatchSaver
from domains.feed.models import ImportOptions
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock, SystemClock
from domains.kernel.database import Database
from gateway.infra.postgres import open_pool, opened_pool
from tests.conftest import make_company
from tests.databases import Server
from tests.domains.feed.conftest import make_feed
from tests.domains.feed.files import csv_bytes, mug
from tests.domains.feed.shops import Shop

READ = "select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relname = $1"
# The rows that are read for each row of a file of 3,000: half the file for each reference that is checked, or fewer.
FEW = 1_000
SIZES = ("S", "M", "L")


def sized_mugs(count: int) -> bytes:
    """Mugs with three variants in stock."""
    first = [mug(Option1_Name="Size") | {"Handle": f"mug-{number}"} for number in range(count)]
    rows = [
        row | {"Option1 Value": size, "Variant SKU": f"{row['Handle']}-{size}", "Variant Inventory Qty": "3"}
        for row in first
        for size in SIZES
    ]
    return csv_bytes(*rows)


class SlowFile(io.BytesIO):
    """A file that takes its time, and knows whether it is read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.is_read = False

    def read(self, size: int | None = -1) -> bytes:
        self.is_read = True
        time.sleep(0.02)
        try:
            return super().read(size)
        finally:
            self.is_read = False


async def test_a_growing_table_is_not_read_again_for_each_row(
    server: Server, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_import, "BATCH_PRODUCTS", 100)
    async with server.database(await server.template()) as url:
        async with opened_pool(url, role=None, size=1) as owner:
            company = await make_company(owner)
        pool = await open_pool(url)
        feed, file = make_feed(clock), io.BytesIO(sized_mugs(1000))
        report = await feed.import_products(Database(pool, SystemClock()), Actor.system(company), file)
        assert (report.products_created, report.stock_changes) == (1_000, 3_000)
        await pool.close()
        async with opened_pool(url, role=None, size=1) as owner:
            read = {table: await owner.fetchval(READ, table) for table in ("product_variants", "inventory_items")}
        assert {table: count for table, count in read.items() if count > 3_000 * FEW} == {}


@pytest.mark.parametrize("end", [RuntimeError, asyncio.CancelledError])
async def test_nothing_reads_the_file_after_an_import_that_was_ended(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    monkeypatch.setattr(file_import, "BATCH_PRODUCTS", 5)
    monkeypatch.setattr(file_import, "CHUNK", 512)
    file = SlowFile(sized_mugs(30))

    async def fail(*_: Any) -> None:
        await asyncio.sleep(0.01)  # the next batch is being read
        raise end

    monkeypatch.setattr(BatchSaver, "save", fail)
    with pytest.raises(end):
        await shop.feed.import_products(shop.database, Actor.system(shop.id), file, ImportOptions())
    assert not file.is_read
    place = file.tell()
    await asyncio.sleep(0.1)
    assert file.tell() == place
