"""`commerce serve`: database, migrations, server, in one process."""

import sys

import uvloop

from gateway import logs
from gateway.commands.databases import database_url
from gateway.infra.migrations import migrate
from gateway.serving import serve
from gateway.settings import BadSettings, Settings


def run(settings: Settings) -> None:
    """Serve until stopped. Raises what keeps the server from starting."""
    if settings.workers > 1:
        raise BadSettings(
            f"WORKERS is {settings.workers}, but rate limits and caches cannot be shared through Redis yet. "
            "Set WORKERS=1."
        )
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        uvloop.run(_serve(settings, url))


async def _serve(settings: Settings, url: str) -> None:
    await migrate(url, on_applied=lambda name: _say(f"Applied {name}"))
    await serve(settings, url, lambda: _say(_ready(settings)))


def _ready(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"Serving on http://{host}:{settings.port}/graphql (Ctrl+C stops it)"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
