"""`commerce demo`: loads the demo catalogue and its accounts, and prints the logins."""

import asyncio

from gateway import logs
from gateway.bootstrap import Platform, wired
from gateway.commands.databases import database_url
from gateway.commands.output import write_lines
from gateway.demo.loader import Demo
from gateway.demo.stand_ins import StandInUrls
from gateway.demo.welcome import shown_logins, welcome
from gateway.infra.migrations import migrate
from gateway.settings import Settings


def run(settings: Settings) -> None:
    """Load the missing parts of the demo into the default company."""
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        write_lines(asyncio.run(_load(settings, url)).splitlines())


async def _load(settings: Settings, url: str) -> str:
    await migrate(url)
    async with wired(settings, url) as platform:
        demo = await _demo(platform)
        done = "The demo is loaded." if await demo.load() else "The demo is already loaded."
        return f"{done} Log in as\n{shown_logins(await demo.logins())}"


async def load_if_empty(settings: Settings, url: str) -> str:
    """Load the demo if the default company has no product; return the welcome text if the demo's accounts exist."""
    async with wired(settings, url) as platform:
        demo = await _demo(platform)
        if await demo.is_empty():
            await demo.load()
        return welcome(await demo.logins(), await demo.purchase())


async def open_logins(settings: Settings, url: str) -> list[str]:
    """The demo's accounts that still have their public passwords."""
    async with wired(settings, url) as platform:
        return await (await _demo(platform)).open_logins()


async def _demo(platform: Platform) -> Demo:
    company = await platform.companies.find(None)
    stand_ins = StandInUrls.of(platform.settings)
    return Demo(platform.services, platform.database, company, platform.mock_payments, stand_ins)
