"""Imports of product files: a file is read once for validation, then saved batch by batch."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import IO

from domains.feed.csv.rows import RowReader
from domains.feed.imports.batches import BatchSaver
from domains.feed.imports.products import read_products
from domains.feed.imports.reports import ImportReport
from domains.feed.imports.row_groups import SplitGroups
from domains.feed.models import Entry, FeedProduct, ImportOptions, RefusedProduct
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.values.money import UnitPrices

CHUNK = 65_536
BATCH_PRODUCTS = 250
BATCH_VARIANTS = 1_000
Entries = Sequence[Entry]
Progress = Callable[[int, int], None]


class RolledBack(Exception):
    """Rolls a transaction back, with the report of what it would have done."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__()
        self.report = report


@dataclass(frozen=True, slots=True)
class FileScan:
    """The result of the first reading of a file."""

    format: str
    rows: int
    ignored: tuple[str, ...]
    split_groups: SplitGroups


@dataclass(frozen=True, slots=True)
class ProductImport:
    """One import into one company; prices follow the rules `prices`, sales count if they run on `today`."""

    saver: BatchSaver
    db: Database
    actor: Actor
    prices: UnitPrices
    options: ImportOptions
    today: date

    async def run(self, file: IO[bytes], on_progress: Progress) -> ImportReport:
        """Import a seekable file; see FeedService.import_products."""
        scan = await asyncio.to_thread(self._scan, file)
        if self.options.strict and (refused := await asyncio.to_thread(self._refused, file, scan)):
            refused.rows = scan.rows
            return refused
        report_progress = partial(_report_progress, on_progress, scan.rows)
        if not (self.options.strict or self.options.dry_run):
            return await self._save_batches(file, scan, report_progress)
        try:
            return await self.db.run(partial(self._save_in_one_transaction, file, scan, report_progress), self.actor)
        except RolledBack as ended:
            return ended.report

    def _scan(self, file: IO[bytes]) -> FileScan:
        """Read the whole file and save nothing. Raises UnreadableFile."""
        reader = _reader(file)
        dialect = reader.heading.dialect
        split_groups = SplitGroups(dialect.groups())
        split_groups.scan(reader)
        return FileScan(dialect.name, reader.count, reader.heading.ignored, split_groups)

    def _refused(self, file: IO[bytes], scan: FileScan) -> ImportReport | None:
        """A report of the rows that are invalid in themselves, or None."""
        report = self._new_report(scan)
        for entry in self._entries(_reader(file), scan):
            if isinstance(entry, RefusedProduct):
                report.refuse(entry.handle, entry.bad_rows)
        return report if report.bad_row_count else None

    async def _save_batches(
        self, file: IO[bytes], scan: FileScan, report_progress: Callable[[int], None]
    ) -> ImportReport:
        report = self._new_report(scan)
        async with aclosing(self._batches(file, scan)) as batches:
            async for entries, rows in batches:
                report.add(await self.db.run(partial(self.saver.save, entries), self.actor))
                report.rows = rows
                report_progress(rows)
        report.applied = True
        return report

    async def _save_in_one_transaction(
        self, file: IO[bytes], scan: FileScan, report_progress: Callable[[int], None], tx: Tx
    ) -> ImportReport:
        report = self._new_report(scan)
        async with aclosing(self._batches(file, scan)) as batches:
            async for entries, rows in batches:
                report.add(await self.saver.save(entries, tx))
                report.rows = rows
                report_progress(rows)
        if report.dry_run or report.bad_row_count:
            raise RolledBack(report)
        report.applied = True
        return report

    def _new_report(self, scan: FileScan) -> ImportReport:
        options = self.options
        report = ImportReport(scan.format, dry_run=options.dry_run, strict=options.strict)
        report.ignored_columns = scan.ignored
        return report

    async def _batches(self, file: IO[bytes], scan: FileScan) -> AsyncGenerator[tuple[Entries, int], None]:
        """Products for one transaction each, and the rows read so far.

        A thread reads the next ones while these are saved. It has ended when this generator is closed, so that the
        file can be.
        """
        reader = _reader(file)
        entries = self._entries(reader, scan)

        def take() -> tuple[Entries, int]:
            return _take(entries), reader.count

        reading = asyncio.ensure_future(asyncio.to_thread(take))
        try:
            while (taken := await asyncio.shield(reading))[0]:
                reading = asyncio.ensure_future(asyncio.to_thread(take))
                yield taken
        finally:
            await asyncio.gather(reading, return_exceptions=True)

    def _entries(self, reader: RowReader, scan: FileScan) -> Iterator[Entry]:
        duplicates = self.options.duplicate_skus
        return read_products(reader, self.prices, scan.split_groups, duplicate_skus=duplicates, today=self.today)


def _reader(file: IO[bytes]) -> RowReader:
    file.seek(0)
    return RowReader(iter(partial(file.read, CHUNK), b""))


def _take(entries: Iterator[Entry]) -> Entries:
    """The next batch of entries, bounded by the numbers of products and variants."""
    batch: list[Entry] = []
    variants = 0
    for entry in entries:
        batch.append(entry)
        variants += _weight(entry)
        if len(batch) == BATCH_PRODUCTS or variants >= BATCH_VARIANTS:
            break
    return batch


def _weight(entry: Entry) -> int:
    if isinstance(entry, FeedProduct):
        return len(entry.variants)
    return len(entry.bad_rows) if isinstance(entry, RefusedProduct) else 1


def _report_progress(on_progress: Progress, total: int, rows: int) -> None:
    on_progress(rows, total)
