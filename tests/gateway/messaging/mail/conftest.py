"""Fixtures of mail: the queue, and its delivery by two processes."""

from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from gateway.infra.encryption import Cipher
from gateway.messaging.mail_queue import MailDelivery, MailQueue
from gateway.messaging.wake import Wake
from gateway.monitoring.metrics import Metrics
from tests.gateway.messaging.mail.samples import KEYS, RecordingTransport


@pytest.fixture(autouse=True)
async def empty_queue(owner: Any) -> None:
    """No mail waits."""
    await owner.execute("truncate queued_mails")


@pytest.fixture
def transport() -> RecordingTransport:
    """A transport that records mails."""
    return RecordingTransport()


@pytest.fixture
def wake() -> Wake:
    """What commits set."""
    return Wake()


@pytest.fixture
def metrics() -> Metrics:
    """The metrics of a process."""
    return Metrics()


@pytest.fixture
def cipher() -> Cipher:
    """A cipher with the keys of the samples."""
    return Cipher(KEYS, b"mail")


@pytest.fixture
def queue(cipher: Cipher, wake: Wake) -> MailQueue:
    """The queue."""
    return MailQueue(cipher, wake)


@pytest.fixture
def deliveries(
    relay_pool: Any,
    transport: RecordingTransport,
    cipher: Cipher,
    clock: FixedClock,
    wake: Wake,
    metrics: Metrics,
) -> list[MailDelivery]:
    """The deliveries of two processes."""
    return [MailDelivery(relay_pool, transport, cipher, clock, wake, metrics) for _ in range(2)]


@pytest.fixture
def delivery(deliveries: list[MailDelivery]) -> MailDelivery:
    """The delivery of a process."""
    return deliveries[0]


@pytest.fixture
def other(deliveries: list[MailDelivery]) -> MailDelivery:
    """The delivery of another process."""
    return deliveries[1]


@pytest.fixture
def database(pool: Any, clock: FixedClock) -> Database:
    """The database with a fixed clock."""
    return Database(pool, clock)
