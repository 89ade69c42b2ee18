"""`commerce person`: exports, erases and merges what is stored about a person."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import orjson

from domains.company.models import Company
from gateway import logs
from gateway.bootstrap import wired
from gateway.commands.databases import database_url
from gateway.commands.export_files import opened
from gateway.commands.output import write_line
from gateway.personal_data import PersonalData
from gateway.settings import Settings

T = TypeVar("T")


def export(settings: Settings, email: str, output: Path, company: str | None) -> None:
    """Write all that is stored about a person as JSON. Raises NotFound, InvalidInput, ExportFailed."""

    async def work(data: PersonalData, found: Company | None) -> bytes:
        return orjson.dumps(await data.export(email, found), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    text = _run(settings, company, work)
    with opened(output) as file:
        file.write(text)


def erase(settings: Settings, email: str, company: str | None) -> None:
    """Erase what is stored about a person, and print how much. Raises DomainError when that is refused."""
    count = _run(settings, company, lambda data, found: data.erase(email, found))
    where = f"in the company {company}" if company else "in all companies, with the account"
    write_line(f"Erased the data of {email} {where}: {_rows(count)}.")


def merge(settings: Settings, email: str, into: str) -> None:
    """Move what is stored about a person to another user, and print how much. Raises DomainError."""
    count = _run(settings, None, lambda data, _: data.merge(email, into))
    write_line(f"Moved the data of {email} to {into}: {_rows(count)}.")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _run(settings: Settings, slug: str | None, work: Callable[[PersonalData, Company | None], Awaitable[T]]) -> T:
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        return asyncio.run(_in_database(settings, url, slug, work))


async def _in_database(
    settings: Settings, url: str, slug: str | None, work: Callable[[PersonalData, Company | None], Awaitable[T]]
) -> T:
    async with wired(settings, url) as platform:
        await platform.check_schema()
        company = None if slug is None else await platform.companies.find(slug, include_inactive=True)
        return await work(PersonalData(platform.database, platform.services), company)
