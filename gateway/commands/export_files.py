"""`commerce export`: products, stock, stock takes, orders, the journal, tax rates or coupon codes, as over HTTP."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Literal
from uuid import UUID

from domains.kernel.actor import Actor
from gateway import logs
from gateway.bootstrap import Platform, wired
from gateway.commands.databases import database_url
from gateway.infra.migrations import migrate
from gateway.settings import Settings

ExportKind = Literal["products", "stock", "orders", "journal", "tax-rates", "coupon-codes", "stock-takes"]
STANDARD_OUTPUT = Path("-")


class ExportFailed(Exception):
    """The file cannot be written; the message says which and why."""


def run(settings: Settings, kind: ExportKind, output: Path, company: str | None = None) -> None:
    """Write the file; `company` is a slug, None the default company.

    Raises ExportFailed, NotFound for an unknown company, and errors of the database.
    """
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        asyncio.run(export(settings, url, kind, output, company))


async def export(settings: Settings, url: str, kind: ExportKind, output: Path, company: str | None = None) -> None:
    """Export from the database of a URL, brought up to date first; see `run`."""
    await migrate(url)
    async with wired(settings, url) as platform:
        company_id = (await platform.companies.find(company)).id
        with opened(output) as file:
            async for chunk in chunks(platform, kind, company_id):
                file.write(chunk)


def chunks(platform: Platform, kind: ExportKind, company_id: UUID) -> AsyncIterator[bytes]:
    """The bytes of the file, a batch of rows at a time."""
    services, reader = platform.services, platform.database.reader(company_id)
    files: Mapping[ExportKind, Callable[[], AsyncIterator[bytes]]] = {
        "products": lambda: services.feed.export_products(reader),
        "stock": lambda: services.inventory.export.read(reader, Actor.system(company_id)),
        "stock-takes": lambda: services.inventory.stock_takes.export.csv(reader),
        "orders": lambda: services.order.export.csv(reader),
        "journal": lambda: services.ledger.report_files.journal(reader, date.min, date.max),
        "tax-rates": lambda: services.tax.export.csv(reader),
        "coupon-codes": lambda: services.promotion.coupons.codes.csv(reader),
    }
    return files[kind]()


@contextmanager
def opened(output: Path) -> Iterator[IO[bytes]]:
    """The standard output, or a file that gets its name when it is complete. Raises ExportFailed."""
    if output == STANDARD_OUTPUT:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:  # the reader has closed the pipe; the buffer must not be flushed again at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    draft = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(output)
    except OSError as error:
        raise ExportFailed(f"{output}: {error.strerror or error}.") from error
    finally:
        draft.unlink(missing_ok=True)
