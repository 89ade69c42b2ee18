"""What the tests of activity through GraphQL share."""

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from gateway.graphql.schema import build_schema
from tests.gateway.asking import Asking, services_of


@pytest.fixture
def ask_as(database: Database, clock: FixedClock) -> Asking:
    return Asking(build_schema(), database, services_of(clock, database))
