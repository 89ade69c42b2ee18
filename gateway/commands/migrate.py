"""`commerce migrate`: brings the database up to date and says what it did."""

import asyncio
import sys

from gateway.commands.databases import database_url
from gateway.infra.migrations import migrate
from gateway.settings import Settings


def run(settings: Settings) -> None:
    """Apply what is missing. Raises MigrationFailed."""
    with database_url(settings) as url:
        applied = asyncio.run(migrate(url, on_applied=lambda name: _say(f"Applied {name}")))
    if not applied:
        _say("The database is up to date.")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
