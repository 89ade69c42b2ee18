"""The typed handles on PostgreSQL: a Reader borrows a connection per statement, a Tx is one transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
from asyncpg.pool import Pool

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.errors import Busy, DomainError
from domains.kernel.events import Event
from domains.kernel.fail_points import reach
from domains.kernel.monitoring import statement_counts, traces
from domains.kernel.prisma.statements import Statement, combined
from domains.kernel.transactions import outbox
from domains.kernel.transactions.claims import IS_CLAIMED, Claiming
from domains.kernel.transactions.cleanup import clean_up
from domains.kernel.transactions.connections import BorrowedConnection, Session
from domains.kernel.transactions.outbox import IsRelayed, is_always_relayed
from domains.kernel.transactions.retries import retried
from domains.kernel.transactions.slots import TransactionSlots

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # generic in its type stubs only

T = TypeVar("T")
OnEvents: TypeAlias = Callable[[UUID | None, Sequence[Event]], None]
READER_CONNECTIONS = 3
STATEMENTS_AT_ONCE = 4  # of one reader
ACQUIRE_TIMEOUT = 10.0
LOCK_TIMEOUT_MESSAGE = "This is being changed by other requests. Try again later."
SET_COMPANY_LOCALLY = "select set_config('app.company_id', $1, true)"


def _statement(sql: str) -> AbstractContextManager[object]:
    """Count a data statement and record its span."""
    statement_counts.count_data(sql)
    return traces.statement(sql)


class Reader:
    """Reads in one company, each statement on its own connection, so that concurrent fields read concurrently.

    A few statements at once: one request does not take all connections.
    """

    def __init__(self, pool: "Pool[asyncpg.Record]", company_id: UUID | None) -> None:
        self._pool = pool
        self._turns = asyncio.Semaphore(STATEMENTS_AT_ONCE)
        self.company_id = company_id

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """All rows of one statement."""
        with _statement(sql):
            async with self._turns, BorrowedConnection(self._pool, self.company_id) as session:
                return await session.fetch(sql, *args)

    async def fetch_row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """The first row of one statement, or None."""
        with _statement(sql):
            async with self._turns, BorrowedConnection(self._pool, self.company_id) as session:
                return await session.fetchrow(sql, *args)

    async def fetch_value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        with _statement(sql):
            async with self._turns, BorrowedConnection(self._pool, self.company_id) as session:
                return await session.fetchval(sql, *args)


class Tx(Reader):
    """One transaction on one connection, with its actor and its clock. Only `Database` creates and commits one."""

    def __init__(
        self,
        pool: "Pool[asyncpg.Record]",
        session: Session,
        actor: Actor,
        clock: Clock,
        is_relayed: IsRelayed = is_always_relayed,
        *,
        platform: bool = False,
    ) -> None:
        super().__init__(pool, None if platform else actor.company_id)
        self._is_relayed = is_relayed
        self._session = session
        self.clock = clock
        self.actor = actor
        self.events: list[Event] = []
        self._other_events: list[tuple[UUID | None, Sequence[Event]]] = []
        self._deferred: list[Statement] = []
        self._commit_callbacks: list[Callable[[], None]] = []
        self._claim: Claiming | None = None
        self._has_to_begin = False
        self._is_begun = False
        self._flushed = 0  # events that are written
        self._level = 0  # number of open savepoints
        self._unreleased = 0  # number of savepoints that are open, or completed and not released

    def begin(self) -> None:
        """Begin the transaction together with its first statement, which saves a round trip."""
        self._has_to_begin = True

    def _begun(self) -> Session:
        """The session, for the next statement."""
        if self._has_to_begin and not self._session.is_closed():  # else the statement raises
            self._session.begin_with_next()
            self._has_to_begin, self._is_begun = False, True
        return self._session

    async def end(self, command: str) -> None:
        """COMMIT or ROLLBACK, unless the transaction had no statement or has ended.

        Raises InFailedSQLTransactionError when PostgreSQL rolls back instead, because a statement has failed.
        """
        if not self._is_begun:
            return
        done = await self._session.execute(command)
        self._is_begun = False
        if done != command.upper():
            raise asyncpg.InFailedSQLTransactionError("A statement has failed. The transaction was rolled back.")

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """All rows of one statement of the transaction."""
        if self._claim is not None:
            await self.settle_claim()
        with _statement(sql):
            return await self._begun().fetch(sql, *args)

    async def fetch_row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """The first row of one statement of the transaction, or None."""
        if self._claim is not None:
            await self.settle_claim()
        with _statement(sql):
            return await self._begun().fetchrow(sql, *args)

    async def fetch_value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        if self._claim is not None:
            await self.settle_claim()
        with _statement(sql):
            return await self._begun().fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> int:
        """Run one statement; the number of rows that it changed."""
        if self._claim is not None:
            await self.settle_claim()
        with _statement(sql):
            count = (await self._begun().execute(sql, *args)).rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def claim(self, claim: Claiming) -> None:
        """Claim a request before anything else of the transaction: in its first statement, or else just before it."""
        self._claim = claim

    async def fetch_first(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """All rows of a statement that the claim of the transaction can be a part of, if it is the first one.

        It locks nothing unless its condition `{is_claimed}` holds. What it reads may be older than its wait for that.
        """
        claim, self._claim = self._claim, None
        if claim is not None:
            if rows := await claim.fetch_first(self, sql, list(args)):
                return rows
            await claim.settle(self)
        return await self.fetch(sql.replace(IS_CLAIMED, "true"), *args)

    async def settle_claim(self) -> None:
        """Claim by a statement of its own, unless a statement has claimed."""
        claim, self._claim = self._claim, None
        if claim is not None:
            await claim.settle(self)

    def emit(self, event: Event) -> None:
        """Write an event to the outbox with the transaction's last statement."""
        self.events.append(event)

    def defer(self, statement: Statement) -> None:
        """Write rows with the transaction's last statement, together with its events and other deferred writes.

        This saves round trips for rows that the transaction does not read. No row may be written by two statements. A
        constraint that a deferred write breaks is raised at the end.
        """
        self._deferred.append(statement)

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call a function once this transaction has committed; never when it is rolled back."""
        self._commit_callbacks.append(callback)

    def run_commit_callbacks(self) -> None:
        """Call the functions of `on_commit`."""
        for callback in self._commit_callbacks:
            callback()

    def emitted(self) -> Iterator[tuple[UUID | None, Sequence[Event]]]:
        """The events of the transaction, by their company."""
        for company_id, events in (*self._other_events, (self.company_id, self.events)):
            if events:
                yield company_id, events

    @property
    def is_unwritten(self) -> bool:
        """Whether there are deferred writes, or events that no statement has written."""
        return bool(self._deferred) or self._flushed < len(self.events)

    def take_unwritten(self) -> list[Statement]:
        """The deferred writes and events so far, which the caller runs in a statement of its own (`alongside`)."""
        statements = [*self._deferred, self.insertion_of_events()]
        self._deferred = []
        return statements

    def insertion_of_events(self) -> Statement:
        """The insertion of the events so far, which the caller runs in a statement of its own (`alongside`)."""
        events, now = self.events[self._flushed :], self.clock.now()
        self._flushed = len(self.events)
        published = [None if self._is_relayed(event) else now for event in events]
        return outbox.insertion(events, self.company_id, self.actor, published)

    async def flush(self) -> None:
        """Write the events and deferred writes so far, by one statement or none, as the transaction's end does."""
        args: list[Any] = []
        if sql := combined(self.take_unwritten(), args):
            await self.execute(sql, *args)
            reach("outbox.written")

    @asynccontextmanager
    async def in_company(self, company_id: UUID) -> AsyncIterator["Tx"]:
        """The same transaction in another company, for work of the platform that spans companies.

        Its events and deferred writes are written at the end of the block. Not to be used inside a savepoint.
        """
        actor = replace(self.actor, company_id=company_id)
        inner = Tx(self._pool, self._session, actor, self.clock, self._is_relayed)
        await self._set_company(company_id)
        yield inner
        await inner.flush()
        await self._set_company(self.company_id)
        self._commit_callbacks.extend(inner._commit_callbacks)
        self._other_events.extend(inner.emitted())

    async def _set_company(self, company_id: UUID | None) -> None:
        """Set the company for row-level security until the transaction ends."""
        statement_counts.count_tenant()
        await self._begun().fetchval(SET_COMPANY_LOCALLY, str(company_id) if company_id else "")

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part of the transaction that an error inside rolls back, with its events and deferred writes.

        A completed savepoint is released with the next one of its level, or with the transaction: that saves a round
        trip.
        """
        await self.settle_claim()
        event_count, deferred, flushed, level = len(self.events), list(self._deferred), self._flushed, self._level
        name, is_unreleased = f"savepoint_{level}", self._unreleased > level
        statement_counts.count_control()
        await self._begun().execute(
            f"release savepoint {name}; savepoint {name}" if is_unreleased else f"savepoint {name}"
        )
        self._level = self._unreleased = level + 1
        try:
            yield
        except BaseException:
            del self.events[event_count:]
            self._deferred, self._flushed = deferred, flushed
            statement_counts.count_control()
            await clean_up(self._session, self._session.execute, f"rollback to savepoint {name}")
            self._unreleased = level + 1
            raise
        finally:
            self._level = level


class Database:
    """Hands out readers and transactions on one pool of connections; `clock` gives the time to transactions.

    A few connections are kept for readers: they continue however many transactions wait for one row. At most
    `write_connections` transactions run at a time. `on_events` is called with each company, and the events that a
    transaction which committed has emitted in it. Events that are not `is_relayed` are stored as published.
    """

    def __init__(
        self,
        pool: "Pool[asyncpg.Record]",
        clock: Clock,
        on_events: OnEvents = lambda _company_id, _events: None,
        is_relayed: IsRelayed = is_always_relayed,
        *,
        acquire_timeout: float = ACQUIRE_TIMEOUT,
    ) -> None:
        self._pool = pool
        self.clock = clock
        self._on_events = on_events
        self._is_relayed = is_relayed
        self.write_connections = max(1, pool.get_max_size() - READER_CONNECTIONS)
        self._slots = TransactionSlots(self.write_connections, acquire_timeout)

    def reader(self, company_id: UUID | None) -> Reader:
        """A handle that reads as this company; None reads only rows of no company."""
        return Reader(self._pool, company_id)

    @asynccontextmanager
    async def transaction(self, actor: Actor, *, platform: bool = False) -> AsyncIterator[Tx]:
        """One transaction in the actor's company: it commits at the end and rolls back on any error.

        With `platform` it is in no company and writes only rows of none, such as the system's roles.
        A DomainError with `commits = True` is raised after the commit.
        Raises Busy when no connection is free within `acquire_timeout` (seconds), or a lock is not granted within the
        connection's `lock_timeout`.
        """
        company_id = None if platform else actor.company_id
        with traces.span("transaction"):  # it includes the wait
            async with self._slots, BorrowedConnection(self._pool, company_id) as session:
                statement_counts.count_control()
                tx = Tx(self._pool, session, actor, self.clock, self._is_relayed, platform=platform)
                tx.begin()
                try:
                    try:
                        yield tx
                    except DomainError as error:
                        if error.commits:
                            await self._commit(tx)
                        raise
                    await self._commit(tx)
                except BaseException as error:
                    await clean_up(session, tx.end, "rollback")  # nothing after a commit
                    if isinstance(error, asyncpg.LockNotAvailableError):
                        raise Busy(LOCK_TIMEOUT_MESSAGE) from error
                    raise

    async def _commit(self, tx: Tx) -> None:
        await tx.flush()
        statement_counts.count_control()
        reach("command.before_commit")
        await tx.end("commit")
        reach("command.committed")
        tx.run_commit_callbacks()
        self._announce(tx)

    def _announce(self, tx: Tx) -> None:
        for company_id, events in tx.emitted():
            self._on_events(company_id, events)

    async def run_statement(self, work: Callable[[Tx], Awaitable[T]], actor: Actor) -> T:
        """Run a command of one writing statement, which is a transaction by itself; it defers nothing.

        Its events are written by that statement, see `Tx.insertion_of_events`.
        Rows that it reads before are not locked, so the statement itself must check what must not have changed. After
        a lost race it runs again, as `run` does. Raises Busy.
        """

        async def attempt() -> T:
            try:
                with traces.span("transaction"):
                    async with self._slots, BorrowedConnection(self._pool, actor.company_id) as session:
                        tx = Tx(self._pool, session, actor, self.clock, self._is_relayed)
                        result = await work(tx)
            except asyncpg.LockNotAvailableError as error:
                raise Busy(LOCK_TIMEOUT_MESSAGE) from error
            if tx.is_unwritten:
                raise RuntimeError("A command that emits events or defers writes needs a transaction.")
            self._announce(tx)
            return result

        return await retried(attempt)

    async def run(self, work: Callable[[Tx], Awaitable[T]], actor: Actor, *, platform: bool = False) -> T:
        """Run a command in one transaction, again from the start after a deadlock or a lost race.

        A row that is deleted, or gets a reference to it, between a command's read and its write is such a race: the
        second run finds it. Raises what `work` raises, and the database's error when the third attempt fails too.
        Raises Unauthenticated for a new row of a user who has been erased.
        """

        async def attempt() -> T:
            async with self.transaction(actor, platform=platform) as tx:
                return await work(tx)

        return await retried(attempt)
