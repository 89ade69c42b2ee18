"""`commerce import`: product files into a company, with a progress bar and a report."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import uvloop
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from domains.company.models import Company
from domains.feed.models import DuplicateSkus, ImportOptions, ImportReport, default_stock_of
from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError
from gateway import logs
from gateway.bootstrap import Platform, wired
from gateway.commands.databases import database_url
from gateway.commands.output import write_line, write_lines
from gateway.infra.migrations import migrate
from gateway.settings import Settings
from gateway.spelling import respelled

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line; `company` is a slug, None the default company."""

    company: str | None = None
    of_import: ImportOptions = field(default_factory=ImportOptions)


def options_of(
    company: str | None, *, strict: bool, dry_run: bool, duplicate_skus: str, default_stock: str | None
) -> Options:
    """The options from the command line. Raises ValueError."""
    if duplicate_skus not in set(DuplicateSkus):
        raise ValueError(f"--duplicate-skus must be one of {', '.join(DuplicateSkus)}.")
    try:
        stock, is_untracked = default_stock_of(default_stock)
    except ValueError as error:
        raise ValueError(f"--default-stock {error}.") from None
    duplicates = DuplicateSkus(duplicate_skus)
    return Options(company, ImportOptions(strict, dry_run, duplicates, stock, is_untracked))


def run(settings: Settings, files: Sequence[str], options: Options) -> int:
    """Import the files one after the other; 0 when all rows are valid, otherwise 1.

    Raises NotFound for an unknown company, and errors of the database.
    """
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        return uvloop.run(import_files(settings, url, files, options))


async def import_files(settings: Settings, url: str, files: Sequence[str], options: Options) -> int:
    """Import into the database of a URL, brought up to date first; see `run`."""
    await migrate(url)
    async with wired(settings, url) as platform:
        company = await platform.companies.find(options.company)
        results = [await _import(platform, company, name, options) for name in files]
    return 0 if all(results) else 1


async def _import(platform: Platform, company: Company, name: str, options: Options) -> bool:
    try:
        with opened(name) as file, progress_bar() as progress:
            task = progress.add_task(name, total=None)
            report = await platform.services.feed.import_products(
                platform.database,
                Actor.system(company.id),
                file,
                options.of_import,
                on_progress=lambda rows, total: progress.update(task, completed=rows, total=total),
            )
    except DomainError as error:
        write_line(f"{name}: {respelled(error.message)} Nothing was imported.", sys.stderr)
        return False
    except OSError as error:
        write_line(f"{name}: {error.strerror or error}.", sys.stderr)
        return False
    write_lines(described(name, report))
    return not report.bad_row_count


def progress_bar() -> Progress:
    """A progress bar on the standard error stream, where that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """The file, seekable: a pipe (`-` is standard input) is copied to disk first."""
    with sys.stdin.buffer if name == STANDARD_INPUT else Path(name).open("rb") as file:
        if file.seekable():
            yield file
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            yield copy


def described(name: str, report: ImportReport) -> Iterator[str]:
    """The report in lines for a person."""
    skipped = f", {report.products_skipped:,} skipped" if report.products_skipped else ""
    yield (
        f"{name}: {report.rows:,} rows in {report.seconds:.1f} s ({report.rows_per_second:,} rows a second), "
        f"{report.format}'s product CSV: "
        f"{report.products_created:,} products new, {report.products_updated:,} changed, "
        f"{report.products_unchanged:,} as they were, {report.products_failed:,} failed{skipped}; "
        f"{report.variants:,} variants, {report.stock_rows:,} quantities, {report.stock_changes:,} changes of stock."
    )
    for bad in report.bad_rows:
        yield f"  line {bad.line}: {bad.handle or '(no handle)'}: {bad.reason}"
    if report.bad_row_count > len(report.bad_rows):
        yield f"  and {report.bad_row_count - len(report.bad_rows):,} more bad rows"
    for warning in report.warnings:
        yield f"  warning, line {warning.line}: {warning.handle or '(no handle)'}: {warning.reason}"
    if report.warning_count > len(report.warnings):
        yield f"  and {report.warning_count - len(report.warnings):,} more warnings"
    for hint in report.hints:
        yield f"  Hint: {hint}"
    if report.ignored_columns:
        yield f"  Columns that are not read: {', '.join(report.ignored_columns)}"
    if not report.applied:
        yield (
            "  Nothing was imported: a dry run."
            if report.dry_run
            else "  Nothing was imported, because rows are invalid (--strict)."
        )
