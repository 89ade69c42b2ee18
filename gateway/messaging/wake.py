"""Waking the relay of another process: one NOTIFY per process and interval after commits, and LISTEN."""

import asyncio
import random
from collections.abc import Sequence
from typing import Final, Protocol

import asyncpg
import structlog

from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.infra.postgres import DatabaseUnavailable, close, connect

log = structlog.get_logger("gateway.wake")
CHANNEL: Final = "commerce_outbox"
GATHER_SECONDS: Final = 0.05  # a NOTIFY in every writing transaction would cost a fifth of the throughput
RETRY_SECONDS: Final = 2.0


class Signal(Protocol):
    """What is set when there is work, and is waited for: an `asyncio.Event`, or a `Turn`."""

    def set(self) -> object:
        """Say that there is work."""
        ...

    async def wait(self) -> object:
        """Wait until there is work."""
        ...


class Turn:
    """A signal to one of several workers: each time that it is set, one of those that wait goes on."""

    def __init__(self) -> None:
        self._set: asyncio.Queue[None] = asyncio.Queue(1)

    def set(self) -> None:
        """Let one worker go on, or the next that waits."""
        if self._set.empty():
            self._set.put_nowait(None)

    async def wait(self) -> None:
        """Wait for the turn."""
        await self._set.get()


class Wake:
    """Wakes what waits for work in this process, such as the relay."""

    def __init__(self) -> None:
        self._events: list[Signal] = []

    def add(self, event: Signal) -> None:
        """Set this event too; what waits for it clears it."""
        self._events.append(event)

    def set(self) -> None:
        """Set all events."""
        for event in self._events:
            event.set()


async def wait_for_work(woken: Signal, seconds: float) -> bool:
    """Wait until an event is set, or for about so many seconds; whether it was set.

    Raises CancelledError also when a library has swallowed an earlier cancellation of the task.
    """
    raise_if_cancelled()
    try:
        async with asyncio.timeout(seconds * random.uniform(0.75, 1.25)):  # noqa: S311 - jitter, no secret
            await woken.wait()
    except TimeoutError:
        return False
    return True


class Notifier:
    """Notifies other processes when this one is woken, at most once in 50 ms.

    A lost notification only delays work: relays and mail delivery also poll.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", wakes: Sequence[Wake]) -> None:
        self._pool = pool
        self._committed = asyncio.Event()
        for wake in wakes:
            wake.add(self._committed)

    async def run(self) -> None:
        """Send notifications until cancelled."""
        while True:
            await self._committed.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._committed.clear()
            try:
                await self._pool.execute(f"notify {CHANNEL}")
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                raise_if_cancelled()
                log.warning("relay not notified", error=repr(error))


class Listener:
    """Wakes this process for each notification of another one, on a direct connection of its own."""

    def __init__(self, url: str, wakes: Sequence[Wake]) -> None:
        self._url = url
        self._wakes = wakes

    async def run(self) -> None:
        """Listen until cancelled; after a lost connection, listen again."""
        while True:
            try:
                await self._listen()
            except (DatabaseUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                raise_if_cancelled()
                log.warning("not listening for events", error=str(error))
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        connection = await connect(self._url)
        ended = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _connection: ended.set())
            await connection.add_listener(CHANNEL, lambda *_: self._set())
            self._set()  # for what was committed before
            await ended.wait()
        finally:
            await close(connection)

    def _set(self) -> None:
        for wake in self._wakes:
            wake.set()
