"""Background work ends when it is cancelled while the database does not answer."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from domains.notification.delivery import Delivery
from gateway.answers.cache import AnswerCache
from gateway.answers.outbox import ChangeReader
from gateway.infra.postgres import opened_pool
from gateway.messaging.background import BackgroundWork
from gateway.messaging.delivery import InProcessDelivery
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.jobs import Jobs, ScheduledJob
from gateway.messaging.notification_queue import NotificationDelivery
from gateway.messaging.relay import Relay
from gateway.messaging.wake import Notifier, Wake
from gateway.monitoring.backlog import Backlog
from gateway.monitoring.metrics import Metrics
from tests.conditions import wait_until
from tests.domains.notification.mailbox import Mailbox

OFTEN = timedelta(milliseconds=1)
Work = Callable[[], Coroutine[Any, Any, None]]


class UnansweredConnection:
    """A connection that answers the first statements as told, and is lost when a later one is cancelled.

    It is a pool of itself.
    """

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self._is_lost = self.is_asked = self.is_terminated = False

    @asynccontextmanager
    async def acquire(self) -> Any:
        yield self

    async def execute(self, *_: Any) -> Any:
        if self._answers:
            return self._answers.pop(0)
        if self._is_lost:
            raise asyncpg.InterfaceError("the connection is closed")
        self.is_asked = True
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self._is_lost = True
            if not self._keeps_cancellation:
                raise asyncpg.InterfaceError("the connection is closed") from None
            raise

    fetch = fetchrow = fetchval = execute
    _keeps_cancellation = True

    def terminate(self) -> None:
        self.is_terminated = True


class MaskingConnection(UnansweredConnection):
    """One that reports its loss instead of the cancellation."""

    _keeps_cancellation = False


async def rest() -> None:
    return


def relay(connection: Any, database: Database) -> Work:
    return Relay(connection, InProcessDelivery(EventEmitter(database))).run


def jobs(connection: Any, _: Database) -> Work:
    return Jobs(connection, [ScheduledJob("rest", OFTEN, rest)], SystemClock()).run


def notifications(connection: Any, database: Database) -> Work:
    unused: Any = None
    delivery = Delivery(Mailbox().outbound, unused, unused, unused, unused, unused)
    return NotificationDelivery(connection, database, delivery, Wake(), Metrics()).run


def notifier(connection: Any, _: Database) -> Work:
    wake = Wake()
    work = Notifier(connection, [wake]).run
    wake.set()
    return work


def changes(connection: Any, _: Database) -> Work:
    return ChangeReader(connection, AnswerCache(SystemClock()), []).run


def backlog(connection: Any, _: Database) -> Work:
    return Backlog(connection, SystemClock(), Metrics()).run


@pytest.mark.parametrize("kind", [UnansweredConnection, MaskingConnection])
@pytest.mark.parametrize(
    ("work", "answers"),
    [
        (relay, ["UPDATE 0", "BEGIN"]),  # the claim is not answered
        (jobs, [True]),  # the lock is taken
        (jobs, []),
        (notifications, []),
        (notifier, []),
        (changes, []),
        (backlog, []),
    ],
)
async def test_work_ends_though_the_loss_of_its_connection_hides_the_cancellation(
    database: Database,
    kind: type[UnansweredConnection],
    work: Callable[[Any, Database], Work],
    answers: Sequence[Any],
) -> None:
    connection = kind(*answers)
    running = asyncio.create_task(work(connection, database)())
    await wait_until(lambda: connection.is_asked)
    running.cancel()
    await asyncio.wait([running], timeout=10)
    assert running.done()
    assert connection.is_terminated == bool(answers)


async def test_a_job_that_hides_its_cancellation_is_not_repeated() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise asyncpg.InterfaceError("the connection is closed") from None

    connection: Any = UnansweredConnection(True, None, None)
    running = asyncio.create_task(Jobs(connection, [ScheduledJob("stuck", OFTEN, work)], SystemClock()).run())
    await asyncio.wait_for(begun.wait(), 10)
    with capture_logs() as logs:
        running.cancel()
        await asyncio.wait([running], timeout=10)
    assert running.done()
    assert logs == []


async def test_the_end_does_not_wait_for_work_that_does_not_stop() -> None:
    released = asyncio.Event()

    async def insist() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    with capture_logs() as logs:
        async with BackgroundWork({"first": rest_long, "stuck": insist, "last": rest_long}, 0.05) as background:
            await asyncio.sleep(0)
    stuck = background._tasks[1]
    assert [task.done() for task in (background._tasks[2], stuck)] == [True, False]
    assert [(entry["event"], entry["task"]) for entry in logs] == [
        ("background work does not stop", "first"),
        ("background work does not stop", "stuck"),
    ]
    released.set()
    await asyncio.wait(background._tasks)


async def rest_long() -> None:
    await asyncio.Event().wait()


async def test_a_pool_is_closed_though_a_connection_is_in_use(
    admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.infra.postgres.CLOSE_SECONDS", 0.05)
    with capture_logs() as logs:
        async with opened_pool(admin_url, size=1) as pool:
            borrowed: Any = await pool.acquire()
            connection = borrowed._con
    assert connection.is_closed()
    assert [entry["event"] for entry in logs] == ["connections terminated"]
