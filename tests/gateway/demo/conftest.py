"""A database in which `make run` has started once, for all tests of the demo: a clone of one that is loaded once."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.bootstrap import Platform, wired
from gateway.commands.demo import load_if_empty
from gateway.demo.loader import LOGINS, Demo
from gateway.demo.welcome import welcome
from gateway.infra.migrations import migrate
from gateway.server import application
from gateway.settings import Settings
from tests.databases import Server


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(commerce_home=tmp_path_factory.mktemp("home"), access_log=False, database_url=None)


@pytest.fixture(scope="session")
async def demo_template(server: Server, settings: Settings) -> AsyncIterator[str]:
    """The name of a database in which `make run` has started once, to copy. Loading the demo takes seconds."""
    async with server.database() as url:
        await migrate(url)
        message = await load_if_empty(settings, url)
        assert message.startswith(welcome(LOGINS))
        assert "HARBOUR15" in message.removeprefix(welcome(LOGINS))
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture(scope="package")
async def url(server: Server, demo_template: str) -> AsyncIterator[str]:
    """A database in which `make run` has started once."""
    async with server.database(demo_template) as url:
        yield url


@pytest.fixture(scope="package")
async def platform(url: str, settings: Settings) -> AsyncIterator[Platform]:
    async with wired(settings, url) as made:
        yield made


@pytest.fixture
async def demo(platform: Platform) -> Demo:
    company = await platform.services.company.default_company(platform.database.reader(None))
    return Demo(platform.services, platform.database, company, platform.mock_payments)


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(application(platform)), base_url="http://shop.test"
    ) as made:
        yield made
