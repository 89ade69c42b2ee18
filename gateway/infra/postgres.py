"""The pool of PostgreSQL connections under a role that is subject to row-level security."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import orjson
import structlog

from domains.kernel.transactions.connections import Session, SessionPool

log = structlog.get_logger("gateway.postgres")
GATEWAY_ROLE = "commerce_gateway"
RELAY_ROLE = "commerce_relay"
CONNECT_SECONDS = 10
STATEMENT_SECONDS = 30
LOCK_SECONDS = 10
IDLE_SECONDS = 300
CLOSE_SECONDS = 3
# The statements that a connection keeps prepared until it ends: more than a shop executes. asyncpg's default of 100
# prepares them again and again, and forgets each after five minutes.
PREPARED_STATEMENTS = 300
# asyncpg replaces a connection after 50,000 statements by default, in the time of the request that gets it.
STATEMENTS_OF_CONNECTION = 2**62
UNANSWERED = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)

# One round trip per new connection. A statement and not start-up parameters, which PgBouncer refuses or is configured
# to ignore: the role must never be dropped silently. JIT never pays off for statements this short. The page cost is
# that of solid-state disks; the default is for spinning disks and makes the planner scan whole tables. One statement
# uses one process: parallel workers take the cores of other requests, and starting them costs more than they gain.
PREPARE_SESSION = """
select (select oid from pg_database where datname = current_database()),
       set_config('role', $1, false), set_config('jit', 'off', false), set_config('timezone', 'UTC', false),
       set_config('random_page_cost', '1.1', false), set_config('max_parallel_workers_per_gather', '0', false),
       set_config('client_min_messages', 'warning', false),
       set_config('statement_timeout', $2, false), set_config('lock_timeout', $3, false),
       set_config('idle_in_transaction_session_timeout', $2, false)
"""


class DatabaseUnavailable(Exception):
    """PostgreSQL does not answer or refuses the connection; the message names the server and says what to do."""


def server_of(url: str) -> str:
    """The server and database of a URL for messages, without user and password."""
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", ["the local socket"])[0]
    port = f":{parts.port}" if parts.port else ""
    return f"{host}{port}{parts.path}"


async def open_pool(
    url: str, *, role: str | None = GATEWAY_ROLE, size: int = 10, is_kept: bool = False
) -> "asyncpg.Pool[asyncpg.Record]":
    """A pool of at most `size` connections that act as `role` (None: as the user of the URL).

    It opens one, and others when they are needed; those that are idle for five minutes are closed unless `is_kept`.
    Statements stay prepared on each.
    Close it with `await pool.close()`. Raises DatabaseUnavailable when the server does not answer, refuses the user,
    or does not know the role yet.
    """

    async def prepare(connection: Any) -> None:
        await set_codecs(connection)
        seconds = f"{STATEMENT_SECONDS}s"
        database = await connection.fetchval(PREPARE_SESSION, role or "none", seconds, f"{LOCK_SECONDS}s")
        await connection.read_types(database)

    try:
        return await SessionPool(
            url,
            min_size=1,
            max_size=size,
            max_inactive_connection_lifetime=0 if is_kept else IDLE_SECONDS,
            max_queries=STATEMENTS_OF_CONNECTION,
            statement_cache_size=PREPARED_STATEMENTS,
            max_cached_statement_lifetime=0,
            connection_class=Session.of_pool(),
            record_class=asyncpg.Record,
            loop=None,
            init=prepare,
            reset=_skip_reset,
            timeout=CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS + 5,
        )
    except (*UNANSWERED, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise connection_error(error, url, role) from error


async def fill(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    """Open all connections of a pool. Those that are refused now, such as while another server stops, open later."""
    acquiring = [pool.acquire() for _ in range(pool.get_max_size())]
    acquired = await asyncio.gather(*acquiring, return_exceptions=True)
    refused = [each for each in acquired if isinstance(each, BaseException)]
    for each in acquired:
        if not isinstance(each, BaseException):
            await pool.release(each)
    if refused:
        log.warning("connections not opened yet", number=len(refused), error=str(refused[0]))


@asynccontextmanager
async def opened_pool(
    url: str, *, role: str | None = GATEWAY_ROLE, size: int = 10, is_kept: bool = False
) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """The pool of `open_pool`, closed at the end. Raises the same.

    Connections that are still used after three seconds, or whose server does not answer, are terminated.
    """
    pool = await open_pool(url, role=role, size=size, is_kept=is_kept)
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await pool.close()
        except TimeoutError:  # the pool has terminated its connections
            log.warning("connections terminated", role=role, seconds=CLOSE_SECONDS)


async def connect(url: str) -> Any:
    """One connection as the user of the URL, for migrations and other work of the owner. Raises as `open_pool`."""
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
        await set_codecs(connection)
    except (*UNANSWERED, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise connection_error(error, url, None) from error
    return connection


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    """One connection as the user of the URL, closed at the end."""
    connection = await connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def close(connection: Any) -> None:
    """Close a connection, which may be lost already; waits a second at most."""
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        await connection.close(timeout=1)


async def set_codecs(connection: Any) -> None:
    """Set the codec of `jsonb` columns to Python objects; documents of products, which are `json`, stay texts."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_to_json, decoder=orjson.loads, format="text"
    )


def connection_error(error: Exception, url: str, role: str | None) -> DatabaseUnavailable:
    """The message of a failed connection: the server, the reason, and what to do."""
    where = server_of(url)
    if isinstance(error, asyncpg.InvalidParameterValueError | asyncpg.InsufficientPrivilegeError) and role:
        return DatabaseUnavailable(
            f"{where} has no role {role} that this user may set ({error}). Run `commerce migrate` first."
        )
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return DatabaseUnavailable(f"{where}: {error}. Create the database or correct DATABASE_URL.")
    if isinstance(error, UNANSWERED):
        reason = str(error) or type(error).__name__
        return DatabaseUnavailable(f"PostgreSQL at {where} does not answer ({reason}). Check DATABASE_URL.")
    return DatabaseUnavailable(f"PostgreSQL at {where} refuses the connection: {error}. Check DATABASE_URL.")


async def _skip_reset(connection: Any) -> None:
    """Do nothing: a reset on release would clear the role and the company, and need a round trip."""


def _to_json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
