"""Pooled connections: the company of row-level security, and the types of the database, which a pool reads once."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar, Final, cast
from uuid import UUID

import asyncpg
from asyncpg.connection import Connection
from asyncpg.pool import Pool

from domains.kernel.monitoring import statement_counts

SET_COMPANY: Final = "select set_config('app.company_id', $1, false)"
# BEGIN in the extended protocol: Parse, Bind and Execute of an unnamed statement, without the Sync after them.
BEGIN: Final = (
    b"P\x00\x00\x00\x0d\x00begin\x00\x00\x00"
    b"B\x00\x00\x00\x0c\x00\x00\x00\x00\x00\x00\x00\x00"
    b"E\x00\x00\x00\x09\x00\x00\x00\x00\x00"
)
_STATE: Final = attrgetter("_protocol", "_top_xact", "_listeners", "_log_listeners")
_TRANSPORT: Final = attrgetter("_transport")
_GENERATION: Final = attrgetter("_generation")
# All types of columns that are not built in, such as enums, and their arrays.
TYPES_OF_COLUMNS: Final = """
select distinct unnest(array[pg_type.oid, typarray]) as oid
from pg_attribute join pg_class on pg_class.oid = attrelid join pg_type on pg_type.oid = atttypid
where relnamespace = current_schema()::regnamespace and relkind = 'r' and attnum > 0 and pg_type.oid >= 16384
"""


@dataclass(frozen=True, slots=True)
class _Named:
    """In place of a statement that was not executed: one that has a name has not replaced the unnamed one."""

    name: str = "types of the pool"


class IntrospectedTypes:
    """What PostgreSQL has said of the types of a database, for all connections of a pool.

    asyncpg asks for them anew on each connection, with a recursive query over the catalogue that costs more than most
    statements. A database that was dropped and created again has another id, and other types.
    """

    def __init__(self) -> None:
        self._database: int | None = None
        self._rows: dict[int, asyncpg.Record] = {}
        self.reading = asyncio.Lock()

    def of_database(self, oid: int) -> None:
        """Forget the types of another database."""
        if self._database != oid:
            self.forget()
            self._database = oid

    @property
    def are_unknown(self) -> bool:
        """Whether no type is known."""
        return not self._rows

    def forget(self) -> None:
        """Read all types again when they are needed."""
        self._rows = {}

    def find(self, oids: Collection[int]) -> Sequence[asyncpg.Record] | None:
        """All known types, those that others consist of first, if these are among them."""
        return list(self._rows.values()) if self._rows.keys() >= set(oids) else None

    def add(self, rows: Sequence[asyncpg.Record]) -> None:
        """Keep types, in an order in which no type precedes those that it consists of."""
        self._rows |= {row["oid"]: row for row in rows}


class Session(Connection):
    """A pooled connection that remembers the company last set for row-level security."""

    types: ClassVar[IntrospectedTypes]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._company: UUID | str | None = "unknown"

    @classmethod
    def of_pool(cls) -> type["Session"]:
        """The class of a pool's connections, which share the types that one of them has read."""
        return type(cls.__name__, (cls,), {"types": IntrospectedTypes()})

    async def read_types(self, database: int) -> None:
        """Read the types of all columns of the database with this id, unless a connection of the pool has."""
        self.types.of_database(database)
        if self.types.are_unknown:
            oids = [row["oid"] for row in await self.fetch(TYPES_OF_COLUMNS)]
            await self._introspect_types(oids, None)

    async def use_company(self, company_id: UUID | None) -> None:
        """Set the company for row-level security, unless it is set already. Not to be called inside a transaction."""
        if self._company == company_id:
            return
        self.forget_company()
        statement_counts.count_tenant()
        await self.fetchval(SET_COMPANY, str(company_id) if company_id else "")
        self._company = company_id

    def begin_with_next(self) -> None:
        """Begin a transaction with the next statement, of which the server hears at the same time.

        Its answers come before those of the statement, where asyncpg ignores them. If the statement is not sent, they
        come with the next one, such as a rollback. An error of BEGIN is raised by the statement.
        """
        _TRANSPORT(self).write(BEGIN)

    @property
    def is_reusable(self) -> bool:
        """Whether the next user can have it as it is: it is open, idle, in no transaction, and listens to nothing."""
        protocol, *left_over = _STATE(self)
        is_busy = self.is_closed() or self.is_in_transaction() or protocol._is_cancelling()  # noqa: SLF001
        return not is_busy and not any(left_over)

    def forget_company(self) -> None:
        """Forget the setting, which is unknown after an error; the next use sets it again."""
        self._company = "unknown"

    async def reload_schema_state(self) -> None:
        """Forget all that is known of types, also for the other connections; asyncpg calls it after an error."""
        self.types.forget()
        await super().reload_schema_state()

    async def _introspect_types(self, typeoids: Collection[int], timeout: Any) -> tuple[Any, Any]:  # noqa: ASYNC109
        """The types that asyncpg asks for at the first statement with them, and the statement that was executed.

        It replaces a private method of asyncpg, whose version is pinned therefore.
        """
        async with self.types.reading:
            if (known := self.types.find(typeoids)) is not None:
                return known, _Named()
            original: Any = super()
            rows, statement = await original._introspect_types(typeoids, timeout)  # noqa: SLF001
            self.types.add(rows)
            return rows, statement


class SessionPool(Pool):
    """A pool of sessions that gives back reusable ones at once.

    asyncpg starts a task for it, which takes as long as a short statement: a reset could wait for the server. The
    private attributes are those of the version of asyncpg that is pinned.
    """

    __slots__ = ()

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as asyncpg
        """Give a connection back. One that is not reusable is reset or closed by asyncpg."""
        holder, session = connection._holder, connection._con  # noqa: SLF001
        if session is None or _GENERATION(holder) != _GENERATION(self) or not session.is_reusable:
            if session is not None:
                session.forget_company()  # a rollback restores the one before
            await super().release(connection, timeout=timeout)
            return
        session._on_release()  # noqa: SLF001
        holder._timeout = None  # noqa: SLF001
        holder._release()  # noqa: SLF001
        holder._setup_inactive_callback()  # noqa: SLF001


class BorrowedConnection:
    """A connection of a pool in a company, for a block. A class, which takes a third of a generator's time."""

    __slots__ = ("_company_id", "_pool", "_session")

    def __init__(self, pool: "Pool[asyncpg.Record]", company_id: UUID | None) -> None:
        self._pool = pool
        self._company_id = company_id

    async def __aenter__(self) -> Session:
        # The type of a pool does not say the class of its connections.
        self._session = session = cast("Session", await self._pool.acquire())
        try:
            await session.use_company(self._company_id)
        except BaseException:
            await self._give_back(is_certain=False)
            raise
        return session

    async def __aexit__(self, error: type[BaseException] | None, *_: object) -> None:
        await self._give_back(is_certain=error is None)

    async def _give_back(self, *, is_certain: bool) -> None:
        """Release the connection, whose company is not certain after an error."""
        session: Any = self._session
        if not is_certain:
            with suppress(AttributeError):  # it was terminated, and is given back
                session.forget_company()
        await self._pool.release(session)
