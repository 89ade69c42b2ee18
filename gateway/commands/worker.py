"""`commerce worker`: the outbox relay, consumers, mail and jobs, without a server."""

import asyncio
import sys

import uvloop

from gateway import logs
from gateway.bootstrap import running
from gateway.commands.databases import database_url
from gateway.commands.output import write_line
from gateway.messaging.background import BackgroundWorkEnded
from gateway.messaging.processes import Process
from gateway.server import STOPS
from gateway.settings import Settings


def run(settings: Settings) -> int:
    """Work until stopped, and return the exit code: 1 with a message when a part of the work has ended by itself.

    Raises the errors that prevent the start.
    """
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        try:
            uvloop.run(_work(settings, url))
        except BackgroundWorkEnded as error:
            write_line(str(error), sys.stderr)
            return 1
    return 0


async def _work(settings: Settings, url: str) -> None:
    stopped = asyncio.Event()
    for each in STOPS:
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    async with running(settings, url, Process.WORKER) as platform:
        write_line("Delivering events and mail, running jobs (stop with Ctrl+C)")
        await platform.background.until(stopped)
