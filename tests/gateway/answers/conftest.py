"""A gateway with a cache of answers."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from tests.domains.order.storefront import Storefront
from tests.gateway.answers.questions import Questions, questions
from tests.gateway.answers.shops import Server
from tests.gateway.answers.single_changes import Shown, show


@pytest.fixture
async def gateway(pool: Any, relay_pool: Any, company: UUID, clock: FixedClock) -> Server:
    """A server process that has begun to read changes."""
    made = Server(pool, relay_pool, company, clock)
    await made.changes.read()
    return made


@pytest.fixture
async def servers(pool: Any, relay_pool: Any, company: UUID, clock: FixedClock) -> list[Server]:
    """Two servers of one company: things happen at the first one."""
    made = [Server(pool, relay_pool, company, clock) for _ in range(2)]
    for server in made:
        await server.changes.read()
    return made


@pytest.fixture
async def storefront(servers: list[Server], company: UUID, owner: Any, clock: FixedClock) -> Storefront:
    here = servers[0]
    return Storefront(here.site.services, here.database, clock, company, owner)


@pytest.fixture
async def shown(storefront: Storefront, other_company: UUID) -> Shown:
    """A product on sale, with a review and units of stock."""
    return await show(storefront, other_company)


@pytest.fixture
def asked(shown: Shown) -> Questions:
    """Questions about that product and the rest of the shop."""
    return questions(shown.product_id, shown.shop.category_id, shown.review_id)
