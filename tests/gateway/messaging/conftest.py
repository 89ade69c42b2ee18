"""Fixtures of messaging: a handler of the sample event, an emitter that calls it, and a shop that emits events."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.domain import Subscription
from domains.kernel.events import EventQueue
from gateway.messaging.event_emitter import EventEmitter
from tests.domains.order.storefront import Storefront
from tests.gateway.messaging.samples import TOPIC, CountingHandler
from tests.gateway.site import services_of


@pytest.fixture
def handler() -> CountingHandler:
    """A handler that counts."""
    return CountingHandler()


@pytest.fixture
def emitter(database: Database, handler: CountingHandler) -> EventEmitter:
    """An emitter that knows version 1 of the sample event and calls the handler."""
    emitter = EventEmitter(database, {TOPIC: 1})
    emitter.on(Subscription("sample.count", [TOPIC], handler), EventQueue.PRODUCT)
    return emitter


@pytest.fixture
def shop(database: Database, clock: FixedClock, company: UUID, owner: Any) -> Storefront:
    """A shop in a company of this test only."""
    return Storefront(services_of(clock, database), database, clock, company, owner)
