"""A shop that sells gift cards beside goods, its mail, a buyer and a member of the staff."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.domains.notification.mailbox import Mailbox, watched
from tests.domains.order.storefront import Storefront
from tests.gateway.site import services_of


@pytest.fixture
def mailbox() -> Mailbox:
    """The mail of the shop."""
    return Mailbox()


@pytest.fixture
async def shop(
    database: Database, clock: FixedClock, company: UUID, owner: Any, mailbox: Mailbox
) -> AsyncIterator[Storefront]:
    """The shop: CARD is a gift card of 25.00 EUR, A is sold for 10.00."""
    made = Storefront(services_of(clock, database, mailbox), watched(database, mailbox), clock, company, owner)
    await made.stock("CARD", None, "25.00", is_gift_card=True)
    await made.stock("A", 9)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    return await shop.customer()


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()
