"""A site of the test's own company."""

from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.gateway.site import Site


@pytest.fixture
def site(database: Database, company: UUID, clock: FixedClock) -> Site:
    return Site(database, company, clock)
