"""`commerce reindex`: builds the search entries and documents of all products again, and shows the progress."""

import asyncio
import sys
from collections.abc import Callable
from uuid import UUID

from domains.catalog.search.rebuilds import rebuild
from domains.kernel.actor import Actor
from gateway.bootstrap import Platform, wired
from gateway.commands.databases import database_url
from gateway.commands.output import write_line
from gateway.settings import Settings


def run(settings: Settings, company: str | None) -> None:
    """Reindex the products of one company, by default of all. Raises NotFound for an unknown company."""

    async def work(url: str) -> None:
        async with wired(settings, url) as platform:
            await platform.check_schema()
            for company_id, slug in await _companies(platform, company):
                count = await rebuild(platform.database, Actor.system(company_id), _progress(slug))
                write_line(f"{slug}: {count} products were indexed.")

    with database_url(settings) as url:
        asyncio.run(work(url))


async def _companies(platform: Platform, slug: str | None) -> list[tuple[UUID, str]]:
    if slug is None:
        rows = await platform.database.reader(None).fetch("select id, slug from companies order by id")
        return [(row["id"], row["slug"]) for row in rows]
    company = await platform.companies.find(slug, include_inactive=True)
    return [(company.id, company.slug)]


def _progress(slug: str) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        write_line(f"{slug}: {done} of {total}", sys.stderr)

    return report
