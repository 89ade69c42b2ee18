"""PgBouncer, as Debian has it, in front of a PostgreSQL server."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from tests.faults.servers import NotAvailable, OwnServer, folder_of, running, system_user
from tests.ports import free_port

PLACES: Final = f"{os.environ.get('PATH', '')}:/usr/sbin"
# Clients log in without a password, as the user of the server's URL.
SETTINGS: Final = """
[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 60
"""


class PgBouncer(OwnServer):
    """A pooler; `url` is the URL of the server's database by way of it."""

    ready_line = "process up"

    def __init__(self, program: str, server: str, mode: str, folder: Path, user: str | None) -> None:
        port, parts = free_port(), urlsplit(server)
        self.url = f"postgresql://{parts.username or 'postgres'}@127.0.0.1:{port}{parts.path}"
        settings = folder / "pgbouncer.ini"
        settings.write_text(SETTINGS.format(server=_connection(server), port=port, mode=mode))
        super().__init__([program, settings], folder / "log", user=user)


@asynccontextmanager
async def pgbouncer(server: str, mode: str) -> AsyncIterator[PgBouncer]:
    """A running PgBouncer in front of the server of a URL. Raises NotAvailable."""
    program = shutil.which("pgbouncer", path=PLACES)
    if program is None:
        raise NotAvailable("pgbouncer is not installed")
    user = system_user()
    with folder_of(user) as folder:
        async with running(PgBouncer(program, server, mode, folder, user)) as pooler:
            yield pooler


def _connection(url: str) -> str:
    """How PgBouncer writes the server of a URL."""
    parts = urlsplit(url)
    given = {
        "host": parts.hostname or parse_qs(parts.query)["host"][0],
        "port": parts.port or 5432,
        "user": parts.username or "postgres",
        "password": unquote(parts.password or ""),
    }
    return " ".join(f"{name}='{str(value).replace(chr(39), chr(39) * 2)}'" for name, value in given.items() if value)
