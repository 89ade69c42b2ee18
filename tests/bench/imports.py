"""Measures the import of 100,000 CSV rows: `python -m tests.bench.imports [rows]` prints one JSON report.

It works in a database of its own on the server of DATABASE_URL, or on an embedded one. The floor reads the same file
and copies its rows into the tables of products and stock, without checks, search entries, ledger or events.
"""

import csv
import io
import json
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import IO, Any, Final
from uuid import UUID

import uvloop

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.feed.imports.file_import import BATCH_PRODUCTS
from domains.feed.models import ImportOptions, ImportReport
from domains.feed.service import FeedService
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected, open_pool
from tests.databases import Server
from tests.read_model import READING

ROWS = 100_000
VARIANTS = 4
CATEGORY: Final = """
insert into categories (id, company_id, name, slug, updated_at) values ($1, $2, 'All', 'all', $3) returning id
"""
HEADING = (
    b"Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,"
    b"Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src\n"
)
WAREHOUSE: Final = """
insert into warehouses (id, company_id, code, name, is_default, updated_at)
values ($1, $2, 'MAIN', 'Main warehouse', true, now()) returning id
"""
COLUMNS: Final = {
    "products": (
        *("id", "company_id", "name", "slug", "long_description", "brand"),
        *("base_price", "currency", "category_id", "updated_at"),
    ),
    "product_variants": ("id", "company_id", "product_id", "sku", "name", "size", "updated_at"),
    "inventory_items": (
        *("id", "company_id", "sku", "product_id", "variant_id"),
        *("available_stock", "total_stock", "updated_at"),
    ),
    "inventory_levels": (
        *("id", "company_id", "inventory_id", "warehouse_id", "available_stock", "total_stock", "updated_at"),
    ),
}
SIZES = ("Small", "Medium", "Large", "Extra Large")


def write_file(file: IO[bytes], rows: int, variants: int = VARIANTS) -> None:
    """Products with up to four variants each, in a hundred categories."""
    file.write(HEADING)
    for number in range(rows // variants):
        handle = f"product-{number:06}"
        body = f"<p>Made by hand in batch {number % 977}, in wool and linen of the colour {number % 61}.</p>"
        image = f"https://images.example.com/{handle}.jpg"
        head = f"Product {number},{body.replace(',', ';')},Maker {number % 300},Type {number % 100}"
        for place, size in enumerate(SIZES[:variants]):
            whole = f'{head},"tag {number % 40}, tag {number % 7}",true,Size' if place == 0 else ",,,,,,"
            stock = f",shopify,{number % 90},{10 + number % 500}.90,,{image if place == 0 else ''}"
            file.write(f"{handle},{whole},{size},{stock}\n".encode())


async def imported(url: str, file: IO[bytes], *, strict: bool) -> tuple[ImportReport, list[float]]:
    """The report of an import into the default company, and the memory of this process along the way (MiB)."""
    pool = await open_pool(url)
    clock = SystemClock()
    cache = SettingsCache(clock)
    companies = CompanyService(clock, cache)
    catalog = CatalogService(companies, cache, clock, READING)
    db = Database(pool, clock)
    company = await companies.default_company(db.reader(None))
    memory: list[float] = [memory_mib()]

    def watch(rows: int, _total: int) -> None:
        memory.append(memory_mib())
        sys.stderr.write(f"{rows:,} rows\r")

    feed = FeedService(catalog, InventoryService(catalog, cache), companies, clock)
    options = ImportOptions(strict=strict)
    report = await feed.import_products(db, Actor.system(company.id), file, options, on_progress=watch)
    await pool.close()
    return report, memory


async def copied(url: str, file: IO[bytes]) -> int:
    """The rows a second of the floor, in transactions of as many products as those of an import."""
    started, count = perf_counter(), 0
    file.seek(0)
    async with connected(url) as connection:
        company = await connection.fetchval("select id from companies limit 1")
        category = await connection.fetchval(CATEGORY, new_id(), company, SystemClock().now())
        warehouse = await connection.fetchval(WAREHOUSE, new_id(), company)
        batch: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
        for row in csv.DictReader(io.TextIOWrapper(io.BytesIO(file.read()), "utf-8")):
            if row["Title"] and len(batch["products"]) == BATCH_PRODUCTS:
                await _copy(connection, batch)
            _add(batch, row, company, category, warehouse)
            count += 1
        await _copy(connection, batch)
    return round(count / (perf_counter() - started))


def _add(
    batch: dict[str, list[tuple[Any, ...]]], row: dict[str, str], company: UUID, category: UUID, warehouse: UUID
) -> None:
    now, price = SystemClock().now(), Decimal(row["Variant Price"])
    if row["Title"]:
        texts = (row["Title"], row["Handle"], row["Body (HTML)"], row["Vendor"])
        batch["products"].append((new_id(), company, *texts, price, "EUR", category, now))
    product, variant, stock = batch["products"][-1][0], new_id(), int(row["Variant Inventory Qty"])
    sku, size = f"{row['Handle']}.{row['Option1 Value']}", row["Option1 Value"]
    batch["product_variants"].append((variant, company, product, sku, size, size, now))
    item = new_id()
    batch["inventory_items"].append((item, company, sku, product, variant, stock, stock, now))
    batch["inventory_levels"].append((new_id(), company, item, warehouse, stock, stock, now))


async def _copy(connection: Any, batch: dict[str, list[tuple[Any, ...]]]) -> None:
    async with connection.transaction():
        await connection.execute("discard plans")  # as an import does
        for table, rows in batch.items():
            await connection.copy_records_to_table(table, records=rows, columns=COLUMNS[table])
            rows.clear()


def memory_mib() -> float:
    """Resident memory of this process, in MiB."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def shown(report: ImportReport, memory: list[float]) -> dict[str, object]:
    """The figures of one import for the report."""
    return {
        "rows": report.rows,
        "products_created": report.products_created,
        "products_unchanged": report.products_unchanged,
        "bad_rows": report.bad_row_count,
        "seconds": round(report.seconds, 1),
        "rows_per_second": report.rows_per_second,
        "memory_mib": {
            "before": round(memory[0]),
            "after_a_tenth": round(memory[len(memory) // 10]),
            "at_most": round(max(memory)),
        },
    }


async def measured(server: Server, rows: int) -> dict[str, object]:
    """Import a file twice, and once more strictly into a database of its own."""
    result: dict[str, object] = {}
    with tempfile.TemporaryFile() as file:
        write_file(file, rows)
        async with server.database() as url:
            await migrate(url)
            report, memory = await imported(url, file, strict=False)
            result["first"] = shown(report, memory)
            result["again"] = shown(*await imported(url, file, strict=False))
        async with server.database() as url:
            await migrate(url)
            floor = await copied(url, file)
        result["floor"] = {"rows_per_second": floor, "first": round(report.rows_per_second / floor, 2)}
        async with server.database() as url:
            await migrate(url)
            result["strict"] = shown(*await imported(url, file, strict=True))
    return result


def main(rows: int) -> None:
    """Print the report."""
    server = Server()
    server.start()
    try:
        report = uvloop.run(measured(server, rows))
    finally:
        server.stop()
    sys.stdout.write(f"{json.dumps(report, indent=2)}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
