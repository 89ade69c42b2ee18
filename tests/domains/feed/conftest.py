"""A company to import into, and another one."""

from typing import Any
from uuid import UUID

import pytest

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.feed.service import FeedService
from domains.inventory.service import InventoryService
from domains.kernel.clock import Clock, FixedClock
from domains.kernel.database import Database
from domains.kernel.settings import SettingsCache
from tests.domains.feed.shops import Shop
from tests.read_model import READING


@pytest.fixture
def feed(clock: FixedClock) -> FeedService:
    """The service under test."""
    return make_feed(clock)


def make_feed(clock: Clock) -> FeedService:
    """The service with its dependencies."""
    cache = SettingsCache(clock)
    companies = CompanyService(clock, cache)
    catalog = CatalogService(companies, cache, clock, READING)
    return FeedService(catalog, InventoryService(catalog, cache), companies, clock)


@pytest.fixture
def shop(feed: FeedService, database: Database, owner: Any, company: UUID) -> Shop:
    """The company of the test."""
    return Shop(feed, database, owner, company)


@pytest.fixture
def other_shop(feed: FeedService, database: Database, owner: Any, other_company: UUID) -> Shop:
    """Another company."""
    return Shop(feed, database, owner, other_company)
