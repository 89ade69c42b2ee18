"""`commerce migrate`: applies pending migrations and reports them."""

import asyncio
from time import monotonic

from gateway.commands.databases import database_url
from gateway.commands.output import write_lines
from gateway.infra.migrations import migrate
from gateway.settings import Settings


def run(settings: Settings) -> None:
    """Apply pending migrations. Raises MigrationFailed."""
    with database_url(settings) as url:
        started = monotonic()
        applied = asyncio.run(
            migrate(
                url,
                on_begin=warn,
                on_applied=lambda name: say(f"Applied {name}"),
                on_warning=lambda message: say(f"Warning: {message}"),
            )
        )
    say(f"Applied {len(applied)} in {monotonic() - started:.1f} s." if applied else "The database is up to date.")


def warn(migrations: int, seconds: int) -> None:
    """Print that the tables of a database with data are locked, and the estimated duration."""
    say(
        f"{migrations} migrations to apply to a database with data. They lock its tables for up to about "
        f"{shown(seconds)}: requests wait or fail. Stop servers and workers of the earlier version first."
    )


def shown(seconds: int) -> str:
    """A duration in words."""
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes > 1 else "a minute"


def say(text: str) -> None:
    """Print a text of one or more lines at once."""
    write_lines(text.split("\n"))
