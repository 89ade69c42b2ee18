"""The typed handles on PostgreSQL: a Reader borrows a connection per statement, a Tx is one transaction."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import asyncpg
from asyncpg.pool import Pool

from domains.kernel import outbox, statement_counts
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.errors import Busy, DomainError
from domains.kernel.events import Event
from domains.kernel.prisma.parts import Part, combined

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # generic in its type stubs only

T = TypeVar("T")
ATTEMPTS = 3
KEPT_FOR_READERS = 3
TURN_SECONDS = 10.0
# A deleted row is still referred to (a class of its own since PostgreSQL 18), or a row that is referred to is gone.
REFERRED_TO = (asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError)
RETRIABLE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, *REFERRED_TO)
LOCKED = "This is being changed by other requests. Try again later."
SET_COMPANY = "select set_config('app.company_id', $1, false)"


class Session(Connection):
    """A pooled connection that remembers the company last set for row-level security."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._company: UUID | str | None = "unknown"

    async def use_company(self, company_id: UUID | None) -> None:
        """Set the company for row-level security, unless it is set already. Not to be called inside a transaction."""
        if self._company == company_id:
            return
        self.forget_company()
        statement_counts.count_tenant()
        await self.fetchval(SET_COMPANY, str(company_id) if company_id else "")
        self._company = company_id

    def forget_company(self) -> None:
        """Forget the setting, which is unknown after an error; the next use sets it again."""
        self._company = "unknown"


class Reader:
    """Reads in one company, each statement on its own connection, so that concurrent fields read concurrently."""

    def __init__(self, pool: "Pool[asyncpg.Record]", company_id: UUID | None) -> None:
        self._pool = pool
        self.company_id = company_id

    @asynccontextmanager
    async def _borrow(self) -> AsyncIterator[Any]:
        async with self._pool.acquire() as session:
            try:
                await session.use_company(self.company_id)  # type: ignore[attr-defined]
                yield session
            except BaseException:
                session.forget_company()  # type: ignore[attr-defined]
                raise

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """All rows of one statement."""
        statement_counts.count_data(sql)
        async with self._borrow() as session:
            rows: list[asyncpg.Record] = await session.fetch(sql, *args)
        return rows

    async def fetch_row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """The first row of one statement, or None."""
        statement_counts.count_data(sql)
        async with self._borrow() as session:
            row: asyncpg.Record | None = await session.fetchrow(sql, *args)
        return row

    async def fetch_value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        statement_counts.count_data(sql)
        async with self._borrow() as session:
            return await session.fetchval(sql, *args)


class Tx(Reader):
    """One transaction on one connection, with its actor and its clock. Only `Database` creates and commits one."""

    def __init__(
        self, pool: "Pool[asyncpg.Record]", session: Any, actor: Actor, clock: Clock, *, platform: bool = False
    ) -> None:
        super().__init__(pool, None if platform else actor.company_id)
        self._session = session
        self.clock = clock
        self.actor = actor
        self.events: list[Event] = []
        self._deferred: list[Part] = []
        self._after_commit: list[Callable[[], None]] = []
        self._flushed = 0  # events that are written
        self._level = 0  # of savepoints that are open
        self._standing = 0  # of savepoints that are open, or over and not released yet

    @asynccontextmanager
    async def _borrow(self) -> AsyncIterator[Any]:
        yield self._session

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """All rows of one statement of the transaction."""
        statement_counts.count_data(sql)
        rows: list[asyncpg.Record] = await self._session.fetch(sql, *args)
        return rows

    async def fetch_row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """The first row of one statement of the transaction, or None."""
        statement_counts.count_data(sql)
        row: asyncpg.Record | None = await self._session.fetchrow(sql, *args)
        return row

    async def fetch_value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        statement_counts.count_data(sql)
        return await self._session.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> int:
        """Run one statement; the number of rows that it changed."""
        statement_counts.count_data(sql)
        status: str = await self._session.execute(sql, *args)
        last = status.rpartition(" ")[2]
        return int(last) if last.isdigit() else 0

    def emit(self, event: Event) -> None:
        """Write an event to the outbox with the transaction's last statement."""
        self.events.append(event)

    def defer(self, part: Part) -> None:
        """Write rows with the transaction's last statement, together with its events and other deferred writes.

        This saves round trips for rows that the transaction does not read. No row may be written by two parts. A
        constraint that a deferred write breaks is raised at the end.
        """
        self._deferred.append(part)

    def on_commit(self, call: Callable[[], None]) -> None:
        """Call a function once this transaction has committed; never when it is rolled back."""
        self._after_commit.append(call)

    def committed(self) -> None:
        """Call what waits for the commit."""
        for call in self._after_commit:
            call()

    @property
    def has_deferred(self) -> bool:
        """Whether there are deferred writes."""
        return bool(self._deferred)

    async def flush(self) -> None:
        """Write the events and deferred writes so far, by one statement or none, as the transaction's end does."""
        parts = [*self._deferred, outbox.insertion(self.events[self._flushed :], self.company_id, self.actor)]
        self._deferred, self._flushed = [], len(self.events)
        args: list[Any] = []
        if sql := combined(parts, args):
            await self.execute(sql, *args)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part of the transaction that an error inside rolls back, with its events and deferred writes.

        A completed savepoint is released with the next one of its level, or with the transaction: that saves a round
        trip.
        """
        emitted, deferred, flushed, level = len(self.events), list(self._deferred), self._flushed, self._level
        name, over = f"part_{level}", self._standing > level
        statement_counts.count_control()
        await self._session.execute(f"release savepoint {name}; savepoint {name}" if over else f"savepoint {name}")
        self._level = self._standing = level + 1
        try:
            yield
        except BaseException:
            del self.events[emitted:]
            self._deferred, self._flushed = deferred, flushed
            statement_counts.count_control()
            await self._session.execute(f"rollback to savepoint {name}")
            self._standing = level + 1
            raise
        finally:
            self._level = level


class Database:
    """Hands out readers and transactions on one pool of connections; `clock` gives the time to transactions.

    A few connections are kept for readers: they continue however many transactions wait for one row. `on_events` is
    called with the events of each transaction that committed.
    """

    def __init__(
        self,
        pool: "Pool[asyncpg.Record]",
        clock: Clock,
        on_events: Callable[[Sequence[Event]], None] = lambda _events: None,
        *,
        patience: float = TURN_SECONDS,
    ) -> None:
        self._pool = pool
        self.clock = clock
        self._on_events = on_events
        self._patience = patience
        self._turns = asyncio.Semaphore(max(1, pool.get_max_size() - KEPT_FOR_READERS))

    def reader(self, company_id: UUID | None) -> Reader:
        """A handle that reads as this company; None reads only rows of no company."""
        return Reader(self._pool, company_id)

    @asynccontextmanager
    async def transaction(self, actor: Actor, *, platform: bool = False) -> AsyncIterator[Tx]:
        """One transaction in the actor's company: it commits at the end and rolls back on any error.

        With `platform` it is in no company and writes only rows of none, such as the system's roles.
        A DomainError with `commits = True` is raised after the commit.
        Raises Busy when no connection is free within `patience` (seconds), or a lock is not granted within the
        connection's `lock_timeout`.
        """
        reader = self.reader(None if platform else actor.company_id)
        async with self._turn(), reader._borrow() as session:  # noqa: SLF001 - the same module
            transaction = session.transaction()
            statement_counts.count_control()
            await transaction.start()
            tx = Tx(self._pool, session, actor, self.clock, platform=platform)
            try:
                yield tx
                await tx.flush()
            except DomainError as error:
                if error.commits:
                    await tx.flush()
                    await self._commit(transaction, tx)
                else:
                    await transaction.rollback()
                raise
            except asyncpg.LockNotAvailableError as error:
                await transaction.rollback()
                raise Busy(LOCKED) from error
            except BaseException:
                await transaction.rollback()
                raise
            else:
                await self._commit(transaction, tx)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._turns.locked():
            await self._wait_for_turn()
        else:
            await self._turns.acquire()
        try:
            yield
        finally:
            self._turns.release()

    async def _wait_for_turn(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise Busy("The server is busy. Try again in a moment.") from None

    async def _commit(self, transaction: Any, tx: Tx) -> None:
        statement_counts.count_control()
        await transaction.commit()
        tx.committed()
        if tx.events:
            self._on_events(tx.events)

    async def run_alone(self, statement: Callable[[Tx], Awaitable[T]], actor: Actor) -> T:
        """Run a command of one writing statement, which is a transaction by itself; it emits and defers nothing.

        Rows that it reads before are not locked, so the statement itself must check what must not have changed. After
        a lost race it runs again, as `run` does. Raises Busy.
        """

        async def once() -> T:
            reader = self.reader(actor.company_id)
            try:
                async with self._turn(), reader._borrow() as session:  # noqa: SLF001 - the same module
                    tx = Tx(self._pool, session, actor, self.clock)
                    made = await statement(tx)
            except asyncpg.LockNotAvailableError as error:
                raise Busy(LOCKED) from error
            if tx.events or tx.has_deferred:
                raise RuntimeError("What emits events or defers writes needs a transaction.")
            return made

        return await _again(once)

    async def run(self, work: Callable[[Tx], Awaitable[T]], actor: Actor, *, platform: bool = False) -> T:
        """Run a command in one transaction, again from the start after a deadlock or a lost race.

        A row that is deleted, or gets a reference to it, between a command's read and its write is such a race: the
        second run finds it. Raises what `work` raises, and the database's error when the third try fails too.
        """

        async def once() -> T:
            async with self.transaction(actor, platform=platform) as tx:
                return await work(tx)

        return await _again(once)


async def _again(once: Callable[[], Awaitable[T]]) -> T:
    for attempt in range(1, ATTEMPTS):
        try:
            return await once()
        except RETRIABLE:
            await asyncio.sleep(random.uniform(0.002, 0.02) * attempt)  # noqa: S311 - jitter, no secret
    return await once()
