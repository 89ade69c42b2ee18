"""`commerce worker`: the outbox relay and the jobs, without a server."""

import asyncio

import uvloop

from gateway import logs
from gateway.bootstrap import running
from gateway.commands.databases import database_url
from gateway.commands.output import write_line
from gateway.messaging.processes import Process
from gateway.server import STOPS
from gateway.settings import Settings


def run(settings: Settings) -> None:
    """Work until stopped. Raises the errors that prevent the start."""
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        uvloop.run(_work(settings, url))


async def _work(settings: Settings, url: str) -> None:
    stopped = asyncio.Event()
    for each in STOPS:
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    async with running(settings, url, Process.WORKER):
        write_line("Delivering events and running jobs (stop with Ctrl+C)")
        await stopped.wait()
