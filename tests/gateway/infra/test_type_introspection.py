"""The types of the database: asyncpg's query for them runs once for a pool, and again when they have changed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import asyncpg
import pytest
from asyncpg.connection import Connection
from structlog.testing import capture_logs

from domains.kernel.transactions.connections import Session
from gateway.infra.postgres import fill, open_pool

ORDER = "select status, payment_status from orders where status = any($1::order_status[]) limit 1"


@pytest.fixture
def introspections(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of types of each query for them."""
    asked: list[int] = []
    original = vars(Connection)["_introspect_types"]

    async def counted(self: Any, typeoids: Any, timeout: Any) -> Any:  # noqa: ASYNC109
        asked.append(len(typeoids))
        return await original(self, typeoids, timeout)

    monkeypatch.setattr(Connection, "_introspect_types", counted)
    return asked


async def on_all(pool: "asyncpg.Pool[asyncpg.Record]", connections: int, sql: str, *args: object) -> None:
    """Execute a statement on so many connections at once."""
    together = asyncio.Barrier(connections)

    async def use() -> None:
        async with pool.acquire() as connection:
            await together.wait()
            await connection.fetch(sql, *args)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(use())


@pytest.fixture
async def full_pool(admin_url: str, introspections: list[int]) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    pool = await open_pool(admin_url, size=5)
    await fill(pool)
    yield pool
    await pool.close()


async def test_a_full_pool_has_all_connections_at_once_and_asks_for_types_once(
    full_pool: "asyncpg.Pool[asyncpg.Record]", introspections: list[int]
) -> None:
    assert full_pool.get_size() == 5
    await on_all(full_pool, 5, ORDER, ["PAID"])
    assert len(introspections) == 1


async def test_a_full_pool_begins_with_the_connections_that_the_server_accepts(
    admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_types, accepted = Session.read_types, iter(range(3))

    async def limited(self: Session, database: int) -> None:
        if next(accepted, None) is None:
            raise asyncpg.TooManyConnectionsError("sorry, too many clients already")
        await read_types(self, database)

    monkeypatch.setattr(Session, "read_types", limited)
    pool = await open_pool(admin_url, size=5)
    try:
        with capture_logs() as logs:
            await fill(pool)
        assert (pool.get_size(), pool.get_idle_size()) == (3, 3)
        assert [(line["event"], line["number"]) for line in logs] == [("connections not opened yet", 2)]
        monkeypatch.setattr(Session, "read_types", read_types)
        await on_all(pool, 5, "select 1")
        assert pool.get_size() == 5
    finally:
        await pool.close()


async def test_a_type_that_is_new_is_asked_for_once(
    full_pool: "asyncpg.Pool[asyncpg.Record]", introspections: list[int], owner: Any
) -> None:
    await owner.execute("create type introspected as enum ('a')")
    try:
        await on_all(full_pool, 5, "select $1::introspected", "a")
    finally:
        await owner.execute("drop type introspected")
    assert len(introspections) == 2


async def test_a_type_of_another_shape_is_read_again(
    full_pool: "asyncpg.Pool[asyncpg.Record]", introspections: list[int], owner: Any
) -> None:
    await owner.execute("create type introspected as (a int)")
    try:
        await on_all(full_pool, 5, "select null::introspected")
        await owner.execute("alter type introspected add attribute b text")
        async with full_pool.acquire() as connection:
            await connection.reload_schema_state()
            row = await connection.fetchval("select row(1, 'x')::introspected")
    finally:
        await owner.execute("drop type introspected")
    assert (row["a"], row["b"]) == (1, "x")
    assert len(introspections) == 3


async def test_as_many_statements_as_a_shop_has_stay_prepared(admin_url: str) -> None:
    pool = await open_pool(admin_url, size=1, is_kept=True)
    try:
        for _ in range(2):
            for number in range(200):
                await pool.fetchval(f"select {number}")
        prepared = "select count(*), min(generic_plans + custom_plans) from pg_prepared_statements"
        rows = await pool.fetch(f"{prepared} where statement ~ '^select [0-9]+$'")
        assert [tuple(row) for row in rows] == [(200, 2)]
    finally:
        await pool.close()


def test_pools_share_no_types() -> None:
    one, two = Session.of_pool(), Session.of_pool()
    assert one.types is not two.types


def test_the_types_of_another_database_are_forgotten() -> None:
    types = Session.of_pool().types
    types.of_database(1)
    types.add([cast("asyncpg.Record", {"oid": 20001})])
    assert types.find([20001])
    assert types.find([20001, 20002]) is None
    types.of_database(1)
    assert types.find([20001])
    types.of_database(2)
    assert types.find([20001]) is None
