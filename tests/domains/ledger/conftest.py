"""Fixtures of the ledger."""

from typing import Any

import pytest

from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.settings import SettingsCache
from domains.ledger.service import LedgerService
from tests.domains.ledger.postings import Books


@pytest.fixture
def books(database: Database, actor: Actor, owner: Any, clock: FixedClock) -> Books:
    """The ledger of the test's company."""
    return Books.of(database, actor, owner, clock)


@pytest.fixture
def ledger(clock: FixedClock) -> LedgerService:
    """The service alone."""
    return LedgerService(CompanyService(clock, SettingsCache(clock)))
