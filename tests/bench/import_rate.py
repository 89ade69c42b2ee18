"""New rows per second of an import, against the floor that copies the same file; see `imports`."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from gateway.infra.migrations import migrate
from tests.bench import catalogue
from tests.bench.imports import copied, imported, write_file
from tests.bench.shops import Shop
from tests.bench.turns import Progress, Report, ratio
from tests.databases import database_url

ROWS: Final = 20_000
DATABASES: Final = ("bench_import", "bench_copy")


async def compare(shop: Shop, report: Progress) -> Report:
    """Rows a second of both. The databases are made beside the shop's and dropped at the end."""
    async with database(shop, DATABASES[0]) as url, database(shop, DATABASES[1]) as copy_url:
        report(f"importing {ROWS:,} rows")
        with tempfile.TemporaryFile() as file:
            write_file(file, ROWS, catalogue.VARIANTS)
            found, _ = await imported(url, file, strict=False)
            floor = await copied(copy_url, file)
    return {
        "rows": found.rows,
        "rows_per_second": found.rows_per_second,
        "of_copy": ratio(found.rows_per_second, floor),
        "copy": {"rows_per_second": floor},
    }


@asynccontextmanager
async def database(shop: Shop, name: str) -> AsyncIterator[str]:
    """The URL of a migrated database beside the shop's."""
    url = database_url(shop.url, name)
    connection = await asyncpg.connect(shop.url)
    try:
        await connection.execute(f'drop database if exists "{name}" with (force)')
        await connection.execute(f'create database "{name}" template template0')
        await migrate(url)
        yield url
        await connection.execute(f'drop database "{name}" with (force)')
    finally:
        await connection.close()
