"""Fixtures of messaging: a handler of the sample event, and an emitter that calls it."""

import pytest

from domains.kernel.database import Database
from domains.kernel.domain import Subscription
from domains.kernel.events import EventQueue
from gateway.messaging.event_emitter import EventEmitter
from tests.gateway.messaging.samples import TOPIC, CountingHandler


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
