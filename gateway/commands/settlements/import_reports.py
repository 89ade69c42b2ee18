"""`commerce settlements import`: settlement reports into a company, with a progress bar."""

import sys
from collections.abc import Sequence

import uvloop

from domains.company.models import Company
from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError
from domains.payment.settlements.models import ImportedReport, report_sums
from gateway import logs
from gateway.bootstrap import Platform, wired
from gateway.commands.databases import database_url
from gateway.commands.import_products import opened, progress_bar
from gateway.commands.output import write_line
from gateway.infra.migrations import migrate
from gateway.settings import Settings


def run(settings: Settings, files: Sequence[str], provider: str, company: str | None) -> int:
    """Import the files one after the other; 0 when none was refused, otherwise 1.

    Raises NotFound for an unknown company, and errors of the database.
    """
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        return uvloop.run(import_files(settings, url, files, provider, company))


async def import_files(
    settings: Settings, url: str, files: Sequence[str], provider: str, company: str | None = None
) -> int:
    """Import into the database of a URL, brought up to date first; see `run`."""
    await migrate(url)
    async with wired(settings, url) as platform:
        found = await platform.companies.find(company)
        results = [await _import(platform, found, name, provider.upper()) for name in files]
    return 0 if all(results) else 1


async def _import(platform: Platform, company: Company, name: str, provider: str) -> bool:
    settlements, database = platform.services.payment.settlements, platform.database
    try:
        with opened(name) as file, progress_bar() as progress:
            task = progress.add_task(name, total=None)
            imported = await settlements.imports.run(
                database,
                Actor.system(company.id),
                provider,
                file,
                on_progress=lambda lines, total: progress.update(task, completed=lines, total=total),
            )
    except DomainError as error:
        write_line(f"{name}: {error.message} Nothing was imported.", sys.stderr)
        return False
    except OSError as error:
        write_line(f"{name}: {error.strerror or error}.", sys.stderr)
        return False
    counts = await settlements.open_counts(database.reader(company.id), [imported.report.id])
    write_line(described(name, imported, counts[imported.report.id]))
    return True


def described(name: str, imported: ImportedReport, open_differences: int) -> str:
    """The report in a line for a person."""
    report, sums = imported.report, report_sums(imported.report)
    earlier = "" if imported.is_new else f"imported before, at {report.created_at:%Y-%m-%d %H:%M} UTC; "
    return (
        f"{name}: {earlier}{report.line_count:,} rows of {report.provider}, {report.repeated_count:,} of them known, "
        f"gross {sums['gross']:f}, fees {sums['fee']:f}, net {sums['net']:f} {report.currency}; "
        f"{open_differences:,} open differences."
    )
