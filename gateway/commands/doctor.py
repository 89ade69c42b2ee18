"""`commerce doctor`: looks at settings, database, migrations and invariants, and says what to do."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.commands.databases import database_url
from gateway.commands.demo import open_logins
from gateway.infra.migrations import MigrationFailed, pending
from gateway.infra.postgres import DatabaseUnavailable, connected, place
from gateway.services import rules_of
from gateway.settings import Settings

OLDEST_SERVER: Final = 150000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what it is, whether it is well, and if not what to do."""

    subject: str
    is_well: bool
    advice: str = ""


def run(settings: Settings) -> int:
    """Print what was found; the exit code: 0 when all is well."""
    with database_url(settings) as url:
        findings = asyncio.run(examine(settings, url))
    for finding in findings:
        sys.stdout.write(f"{'ok ' if finding.is_well else 'BAD'}  {finding.subject}\n")
        if finding.advice:
            sys.stdout.write("".join(f"       {line}\n" for line in finding.advice.splitlines()))
    ill = sum(not finding.is_well for finding in findings)
    sys.stdout.write(f"\n{'All is well.' if not ill else f'{ill} of {len(findings)} need you.'}\n")
    return 1 if ill else 0


async def examine(settings: Settings, url: str) -> list[Finding]:
    """All findings, up to the first that makes the next ones pointless."""
    return [finding async for finding in _examine(settings, url)]


async def _examine(settings: Settings, url: str) -> AsyncIterator[Finding]:
    yield _settings(settings)
    try:
        async with connected(url) as connection:
            yield await _server(connection, url)
            waiting = await pending(url)
            names = "\n".join(waiting)
            yield Finding(
                "Migrations are applied", not waiting, f"Run `commerce migrate`:\n{names}" if waiting else ""
            )
            if waiting:
                return
            for invariant in rules_of():
                rows = await invariant.breaches(connection)
                shown = "\n".join(str(dict(row)) for row in rows[:5])
                yield Finding(invariant.rule, not rows, f"{invariant.advice}\n{shown}" if rows else "")
        if settings.database_url is not None:
            yield await _demo(settings, url)
    except (DatabaseUnavailable, MigrationFailed) as error:
        yield Finding("The database can be used", is_well=False, advice=str(error))


def _settings(settings: Settings) -> Finding:
    notes = []
    if settings.database_url is None:
        notes.append("DATABASE_URL is not set: the embedded PostgreSQL is used, which is for one machine.")
    if settings.jwt_keys is None:
        notes.append(f"JWT_KEYS is not set: the key in {settings.commerce_home / 'jwt.key'} signs tokens.")
    if settings.smtp_host is None:
        notes.append(f"SMTP_HOST is not set: mail is written to {settings.commerce_home / 'outbox'}.")
    if settings.introspection:
        notes.append("INTROSPECTION is on: everybody may explore the API.")
    return Finding("Settings are good", is_well=True, advice="\n".join(notes))


async def _demo(settings: Settings, url: str) -> Finding:
    """The embedded database is for trying things out; one of one's own is taken for real use."""
    emails = ", ".join(await open_logins(settings, url))
    advice = f"Everybody knows the passwords of {emails}: disable these accounts, or change their passwords."
    return Finding("No login of the demo is open", not emails, advice if emails else "")


async def _server(connection: Any, url: str) -> Finding:
    number = await connection.fetchval("select current_setting('server_version_num')::int")
    subject = f"PostgreSQL {number // 10000}.{number % 10000} at {place(url)} answers"
    return Finding(subject, number >= OLDEST_SERVER, "" if number >= OLDEST_SERVER else "Version 15 is the oldest.")
