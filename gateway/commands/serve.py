"""`commerce serve`: database, migrations, and one or more server processes."""

import socket
from typing import Final

import uvloop

from gateway import logs
from gateway.commands.databases import database_url
from gateway.commands.demo import load_if_empty
from gateway.commands.migrate import say, warn
from gateway.infra.migrations import migrate
from gateway.operations.allow_list import AllowList
from gateway.server import bind, listen_on, serve
from gateway.settings import Settings
from gateway.supervisor import Supervisor

DEMO_WARNING: Final = (
    "WARNING: --demo adds accounts with public passwords to an empty company, one of them an administrator, and "
    "DATABASE_URL names a database of your own. Do not use --demo in production; `commerce doctor` reports such "
    "accounts."
)


def run(settings: Settings, *, demo: bool = False) -> None:
    """Serve until stopped; with `demo`, load the demo into an empty company first.

    Raises the errors that prevent the start.
    """
    logs.configure(settings.log_level)
    AllowList.read(settings.operations_files)  # an invalid manifest fails at once, before the database starts
    if demo and settings.database_url is not None:
        say(DEMO_WARNING)
    # The port is bound before the database starts, so that a port in use fails at once and changes nothing.
    with bind(settings.host, settings.port, settings.write_timeout) as listening, database_url(settings) as url:
        uvloop.run(_serve(settings, url, listening, demo=demo))


async def _serve(settings: Settings, url: str, listening: socket.socket, *, demo: bool) -> None:
    await migrate(url, on_begin=warn, on_applied=lambda name: say(f"Applied {name}"))
    welcome = await load_if_empty(settings, url) if demo else ""

    def report() -> None:
        say(f"{_ready(settings)}\n{welcome}".rstrip())

    listen_on(listening)
    if settings.workers > 1:
        await Supervisor(settings, url, listening).run(report)
    else:
        await serve(settings, url, listening, report)


def _ready(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"Serving on http://{host}:{settings.port}/graphql (stop with Ctrl+C)"
