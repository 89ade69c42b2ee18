"""Importing a product file: read it through once to know it is sound, then save it batch by batch."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import IO

import asyncpg

from domains.catalog.models import Outcome, SavedProduct
from domains.catalog.service import CatalogService
from domains.feed import queries
from domains.feed.drafting import counts_of, draft_of
from domains.feed.errors import ImportRunning
from domains.feed.models import FeedProduct, ImportReport
from domains.feed.products import RefusedProduct, read_products
from domains.feed.rows import RowReader
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.money import UnitPrices

CHUNK = 65_536
BATCH_PRODUCTS = 250
BATCH_FORMS = 1_000
TRIES = 3
Entries = Sequence[FeedProduct | RefusedProduct]
Progress = Callable[[int, int], None]


class NotKept(Exception):
    """Ends a transaction that must leave nothing behind, with the report of what it would have done."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__()
        self.report = report


@dataclass(frozen=True, slots=True)
class ProductImport:
    """One import into one company, whose unit prices are such as `prices`."""

    catalog: CatalogService
    inventory: InventoryService
    db: Database
    actor: Actor
    prices: UnitPrices

    async def run(self, file: IO[bytes], blank: ImportReport, on_progress: Progress) -> ImportReport:
        """Import a seekable file in the way that the blank report says; see FeedService.import_products."""
        survey = await asyncio.to_thread(self._survey, file, blank)
        if blank.strict and survey.bad_row_count:
            return survey
        ground = replace(blank, ignored_columns=survey.ignored_columns, bad_rows=[])
        tell = partial(_tell, on_progress, survey.rows)
        if not (blank.strict or blank.dry_run):
            return await self._each(file, ground, tell)
        try:
            return await self._again(partial(self._whole, file, ground, tell))
        except NotKept as ended:
            return ended.report

    def _survey(self, file: IO[bytes], blank: ImportReport) -> ImportReport:
        """Read the whole file and save nothing. Raises UnreadableFile."""
        report = replace(blank, bad_rows=[])
        reader = _reader(file)
        for entry in read_products(reader, self.prices):
            if isinstance(entry, RefusedProduct):
                report.refuse(entry.handle, entry.bad_rows)
        report.rows, report.ignored_columns = reader.count, reader.heading.ignored
        return report

    async def _each(self, file: IO[bytes], report: ImportReport, tell: Callable[[int], None]) -> ImportReport:
        async for entries, rows in self._batches(file):
            report.add(await self._again(partial(self._save, entries)))
            report.rows = rows
            tell(rows)
        report.applied = True
        return report

    async def _whole(
        self, file: IO[bytes], ground: ImportReport, tell: Callable[[int], None], tx: Tx
    ) -> ImportReport:
        report = replace(ground, bad_rows=[])
        async for entries, rows in self._batches(file):
            report.add(await self._save(entries, tx))
            report.rows = rows
            tell(rows)
        if report.dry_run or report.bad_row_count:
            raise NotKept(report)
        report.applied = True
        return report

    async def _batches(self, file: IO[bytes]) -> AsyncIterator[tuple[Entries, int]]:
        """Products for one transaction each, and the rows read so far; read beside the event loop."""
        reader = _reader(file)
        entries = read_products(reader, self.prices)
        while batch := await asyncio.to_thread(_take, entries):
            yield batch, reader.count

    async def _save(self, entries: Entries, tx: Tx) -> ImportReport:
        """Save a batch, its stock included; what came of it."""
        report = ImportReport()
        products = [entry for entry in entries if isinstance(entry, FeedProduct)]
        await self._take_turn(tx)
        saved = await self.catalog.save_products(tx, [draft_of(product) for product in products])
        report.stock_changes = await self._set_stock(tx, zip(products, saved, strict=True))
        outcomes = {product.slug: product for product in saved}
        for entry in entries:
            if isinstance(entry, RefusedProduct):
                report.refuse(entry.handle, entry.bad_rows)
            else:
                report.count(entry, outcomes[entry.handle])
        return report

    async def _set_stock(self, tx: Tx, pairs: Iterable[tuple[FeedProduct, SavedProduct]]) -> int:
        kept = [(product, saved) for product, saved in pairs if saved.outcome is not Outcome.REFUSED]
        counts = [count for product, saved in kept for count in counts_of(product, saved)]
        changed = await self.inventory.set_stock(tx, counts, reason="Import") if counts else 0
        shown = [saved.product_id for _, saved in kept if saved.product_id and saved.outcome is not Outcome.UNCHANGED]
        if shown:
            await self.inventory.show_stock(tx, shown)
        return changed

    async def _take_turn(self, tx: Tx) -> None:
        """Wait for other imports of the company: two of the same products would otherwise lock each other out."""
        try:
            await queries.lock_imports(tx)
        except asyncpg.LockNotAvailableError as error:
            raise ImportRunning from error

    async def _again(self, work: Callable[[Tx], Awaitable[ImportReport]]) -> ImportReport:
        """Run work in a transaction; once more when somebody took a slug or a SKU between its look and its write."""
        for _ in range(TRIES - 1):
            try:
                return await self.db.run(work, self.actor)
            except asyncpg.UniqueViolationError:
                continue
        return await self.db.run(work, self.actor)


def _reader(file: IO[bytes]) -> RowReader:
    file.seek(0)
    return RowReader(iter(partial(file.read, CHUNK), b""))


def _take(entries: Iterator[FeedProduct | RefusedProduct]) -> Entries:
    """The next entries that make a batch: bounded by products and by the forms they are sold in."""
    batch: list[FeedProduct | RefusedProduct] = []
    forms = 0
    for entry in entries:
        batch.append(entry)
        forms += len(entry.variants) if isinstance(entry, FeedProduct) else len(entry.bad_rows)
        if len(batch) == BATCH_PRODUCTS or forms >= BATCH_FORMS:
            break
    return batch


def _tell(on_progress: Progress, total: int, rows: int) -> None:
    on_progress(rows, total)
