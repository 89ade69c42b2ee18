"""`commerce taxes import` and `commerce taxes install`: tax rates into a company."""

import sys
from collections.abc import Sequence

import uvloop

from domains.company.models import Company
from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError
from domains.kernel.validation import errors_of
from gateway import logs
from gateway.bootstrap import Platform, wired
from gateway.commands.databases import database_url
from gateway.commands.import_products import opened
from gateway.commands.output import write_line
from gateway.infra.migrations import migrate
from gateway.settings import Settings


def run_import(settings: Settings, files: Sequence[str], company: str | None) -> int:
    """Import the files one after the other; 0 when none was refused, otherwise 1.

    Raises NotFound for an unknown company, and errors of the database.
    """
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        return uvloop.run(import_files(settings, url, files, company))


def run_installation(settings: Settings, countries: Sequence[str], company: str | None) -> int:
    """Install the starter rates of countries; 0 when they were not refused, otherwise 1. Raises as `run_import`."""
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        return uvloop.run(install(settings, url, countries, company))


async def import_files(settings: Settings, url: str, files: Sequence[str], company: str | None = None) -> int:
    """Import into the database of a URL, brought up to date first; see `run_import`."""
    await migrate(url)
    async with wired(settings, url) as platform:
        found = await platform.companies.find(company)
        results = [await _import(platform, found, name) for name in files]
    return 0 if all(results) else 1


async def install(settings: Settings, url: str, countries: Sequence[str], company: str | None = None) -> int:
    """Install into the database of a URL, brought up to date first; see `run_installation`."""
    await migrate(url)
    async with wired(settings, url) as platform:
        return 0 if await _install(platform, await platform.companies.find(company), countries) else 1


async def _import(platform: Platform, company: Company, name: str) -> bool:
    try:
        with opened(name) as file:
            done = await platform.services.tax.imports.run(platform.database, Actor.system(company.id), file)
    except DomainError as error:
        return _refused(name, error)
    except OSError as error:
        write_line(f"{name}: {error.strerror or error}.", sys.stderr)
        return False
    write_line(f"{name}: {done.created:,} rates new, {done.updated:,} changed, {done.unchanged:,} as they were.")
    return True


async def _install(platform: Platform, company: Company, countries: Sequence[str]) -> bool:
    names, starter = ", ".join(countries), platform.services.tax.starter
    try:
        done = await platform.database.run(lambda tx: starter.install(tx, countries), Actor.system(company.id))
    except DomainError as error:
        return _refused(names, error)
    told = f"{done.created:,} rates new, {done.unchanged:,} as they were"
    write_line(f"{names}: {told}, in the tax class {done.tax_class.code!r}. Check them before you sell.")
    return True


def _refused(name: str, error: DomainError) -> bool:
    for single in errors_of(error):
        write_line(f"{name}: {single.message}", sys.stderr)
    write_line(f"{name}: Nothing was changed.", sys.stderr)
    return False
