"""The databases of a test run: a migrated template, a clone of it per worker, and empty ones on demand."""

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from gateway.infra.embedded_postgres import EmbeddedPostgres
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected

HOME = Path(__file__).parents[1] / ".commerce" / "test"
PREFIX = "commerce_test"
STAMP = "%Y%m%d%H%M"
ABANDONED = timedelta(hours=6)
# Test data does not need to survive a power failure.
UNSAFE_SETTINGS = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")


def start_run() -> str:
    """Set a unique name of this run, which xdist's workers inherit."""
    made = f"{datetime.now(UTC):{STAMP}}_{secrets.token_hex(4)}"
    return os.environ.setdefault("TEST_RUN", made)


class Server:
    """The PostgreSQL server of this run: that of DATABASE_URL, or an embedded one of this checkout."""

    def __init__(self) -> None:
        self._embedded: EmbeddedPostgres | None = None
        self._answers = False
        self.url = os.environ.get("TEST_SERVER_URL") or os.environ.get("DATABASE_URL", "")

    @property
    def prefix(self) -> str:
        """The prefix of the names of this run's databases."""
        return f"{PREFIX}_{start_run()}"

    def start(self) -> str:
        """Start the embedded server if needed and return the URL; raises when the server is not available."""
        if not self.url:
            self._embedded = EmbeddedPostgres(HOME)
            self.url = self._embedded.start()
            asyncio.run(self._disable_durability())
        else:
            asyncio.run(self._check_connection())
        self._answers = True
        return self.url

    def stop(self) -> None:
        """Drop the databases of this run, and old ones of crashed runs."""
        if self._answers:
            asyncio.run(self._clean())
        if self._embedded:
            self._embedded.stop()

    async def template(self) -> str:
        """The name of the migrated template, which the first worker creates."""
        name = f"{self.prefix}_template"
        async with connected(self.url) as connection:
            await connection.execute("select pg_advisory_lock(hashtext($1))", name)
            if not await connection.fetchval("select exists (select from pg_database where datname = $1)", name):
                await connection.execute(f'create database "{name}" template template0')
                await migrate(database_url(self.url, name))
        return name

    @asynccontextmanager
    async def database(self, template: str = "template0") -> AsyncIterator[str]:
        """The URL of a new database, dropped at the end."""
        name = f"{self.prefix}_{secrets.token_hex(4)}"
        async with connected(self.url) as connection:
            await connection.execute(f'create database "{name}" template "{template}"')
        try:
            yield database_url(self.url, name)
        finally:
            async with connected(self.url) as connection:
                await connection.execute(f'drop database "{name}" with (force)')

    async def _check_connection(self) -> None:
        async with connected(self.url):
            pass

    async def _disable_durability(self) -> None:
        async with connected(self.url) as connection:
            for setting in UNSAFE_SETTINGS:
                await connection.execute(f"alter system set {setting}")
            await connection.execute("select pg_reload_conf()")

    async def _clean(self) -> None:
        async with connected(self.url) as connection:
            rows = await connection.fetch("select datname from pg_database where datname like $1", f"{PREFIX}%")
            for row in rows:
                name = row["datname"]
                if name.startswith(self.prefix):
                    await connection.execute(f'drop database if exists "{name}" with (force)')
                elif _abandoned(name):
                    with suppress(asyncpg.ObjectInUseError):
                        await connection.execute(f'drop database if exists "{name}"')


def database_url(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def name_of(url: str) -> str:
    """The name of the database of a URL."""
    return urlsplit(url).path.lstrip("/")


def _abandoned(name: str) -> bool:
    stamp = re.match(rf"{PREFIX}_(\d{{12}})_", name)
    return (
        stamp is not None and datetime.now(UTC) - datetime.strptime(stamp[1], STAMP).replace(tzinfo=UTC) > ABANDONED
    )
