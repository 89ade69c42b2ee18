"""A storefront with a name, and what is told of it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.domains.notification.mailbox import Mailbox
from tests.domains.notification.told import Told
from tests.domains.order.storefront import Storefront
from tests.gateway.site import services_of


@pytest.fixture
def mailbox() -> Mailbox:
    """Where the mails of the shop end."""
    return Mailbox()


@pytest.fixture
async def shop(
    database: Database, clock: FixedClock, company: UUID, owner: Any, mailbox: Mailbox
) -> AsyncIterator[Storefront]:
    """The shop under test; all invariants are checked after every test."""
    made = Storefront(services_of(clock, database, mailbox), database, clock, company, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def told(shop: Storefront) -> Told:
    """What the shop tells; its settings say where it is, and who its staff are."""
    await shop.stock("A", 10)
    await shop.stock("B", 10)
    settings = {"storefront_url": "https://shop.example.com/", "staff_emails": ["staff@example.com"]}
    await shop.run(lambda tx: shop.services.notification.settings.update(tx, settings, "EUR"))
    return Told(shop)
