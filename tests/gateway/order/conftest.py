"""The storefront of the order domain's tests, asked over HTTP."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from gateway.graphql.schema import Schema, build_schema
from tests.domains.order.storefront import Storefront
from tests.gateway.asking import Asking, services_of


@pytest.fixture(scope="session")
def schema() -> Schema:
    return build_schema()


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: UUID, owner: Any) -> AsyncIterator[Storefront]:
    """The shop behind the gateway; after every test all invariants of the house hold in it."""
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
def ask(schema: Schema, shop: Storefront) -> Asking:
    return Asking(schema, shop.database, shop.services)
