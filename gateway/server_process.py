"""One of several server processes, started by `gateway.supervisor` with its socket, on which it listens."""

import asyncio
import os
import signal
import socket
import sys

import typer
import uvloop

from gateway import logs
from gateway.commands.invocation import invoke
from gateway.server import serve
from gateway.settings import Settings, load
from gateway.supervisor import IS_READY


def main() -> None:
    """Serve until SIGTERM, or until the supervisor has ended; the arguments are the numbers of two open sockets."""
    listening, supervisor = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
    with listening, supervisor:
        try:
            invoke(lambda: _run(listening, supervisor))
        except typer.Exit as ended:
            sys.exit(ended.exit_code)


def _run(listening: socket.socket, supervisor: socket.socket) -> None:
    settings = load()
    logs.configure(settings.log_level)
    supervisor.setblocking(False)
    uvloop.run(_serve(settings, listening, supervisor))


async def _serve(settings: Settings, listening: socket.socket, supervisor: socket.socket) -> None:
    assert settings.database_url is not None  # noqa: S101 - the supervisor sets it
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_reader(supervisor)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(supervisor, stop)  # nothing is ever sent: it is readable when the supervisor has ended
    await serve(settings, settings.database_url.get_secret_value(), listening, lambda: _report(supervisor))


def _report(supervisor: socket.socket) -> None:
    supervisor.send(IS_READY)


if __name__ == "__main__":
    main()
