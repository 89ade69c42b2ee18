"""Fixtures of notifications: the queue, and its delivery by two processes."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from gateway.messaging.notification_queue import NotificationDelivery
from tests.gateway.messaging.notifications.samples import RecordingChannel, Sending


@pytest.fixture(autouse=True)
async def empty_queue(owner: Any) -> None:
    """No notification waits."""
    await owner.execute("truncate queued_notifications")


@pytest.fixture
def sending(pool: Any, relay_pool: Any, owner: Any, clock: FixedClock, company: UUID) -> Sending:
    """What the processes share, with a fixed clock."""
    return Sending(database=Database(pool, clock), company=company, relay_pool=relay_pool, owner=owner, clock=clock)


@pytest.fixture
def channel(sending: Sending) -> RecordingChannel:
    """The channel of the processes."""
    return sending.channel


@pytest.fixture
def process(sending: Sending) -> NotificationDelivery:
    """A process that sends."""
    return sending.process()


@pytest.fixture
def other(sending: Sending) -> NotificationDelivery:
    """Another process that sends."""
    return sending.process()
