"""Readiness: the database must be writable, and simultaneous probes share one run of the checks."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from gateway.bootstrap import running, wired
from gateway.graphql.core.schema import Schema
from gateway.infra.migrations import SchemaMismatch, migrate
from gateway.infra.postgres import connected
from gateway.settings import Settings
from tests.gateway.conftest import client_of, make_api, make_app
from tests.gateway.toy_shop import RecordingDatabase


async def test_a_writable_database_is_ready_and_the_check_leaves_nothing(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database)
    async with wired(Settings(commerce_home=tmp_path), empty_database) as platform:
        for _ in range(2):
            await platform.check_database()
        assert await platform.relay_pool.fetchval("select to_regclass('pg_temp.readiness')") is None


async def test_a_read_only_database_is_not_ready(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        name = await connection.fetchval("select current_database()")
        await connection.execute(f'alter database "{name}" set default_transaction_read_only = on')
    async with wired(Settings(commerce_home=tmp_path), empty_database) as platform:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await platform.check_database()


async def test_a_schema_of_another_version_is_not_ready(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database)
    async with (
        wired(Settings(commerce_home=tmp_path), empty_database) as platform,
        connected(empty_database) as owner,
    ):
        await platform.check_schema()
        name = await owner.fetchval("select max(migration_name) from _prisma_migrations")
        await owner.execute(
            "update _prisma_migrations set migration_name = 'x' || $1 where migration_name = $1", name
        )
        with pytest.raises(SchemaMismatch, match=f"has x{name}, which this version does not have"):
            await platform.check_schema()
        await owner.execute("delete from _prisma_migrations where migration_name like 'x%'")
        with pytest.raises(SchemaMismatch, match=f"lacks {name}: run `commerce migrate`"):
            await platform.check_schema()
        with pytest.raises(SchemaMismatch):
            async with running(Settings(commerce_home=tmp_path), empty_database):
                pass


async def test_reading_is_enough_where_temporary_tables_are_forbidden(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        name = await connection.fetchval("select current_database()")
        await connection.execute(f'revoke temporary on database "{name}" from public')
    async with wired(Settings(commerce_home=tmp_path), empty_database) as platform:
        await platform.check_database()
        assert await platform.relay_pool.fetchval("select 1") == 1


async def test_parallel_probes_share_one_run_of_the_checks(schema: Schema) -> None:
    rounds = 0
    begun, release = asyncio.Event(), asyncio.Event()

    async def database() -> None:
        nonlocal rounds
        rounds += 1
        begun.set()
        await release.wait()

    api = make_api(schema, RecordingDatabase())
    async with client_of(make_app(api, checks={"database": database})) as client:
        waiting = [asyncio.create_task(client.get("/readyz")) for _ in range(20)]
        await begun.wait()
        release.set()
        assert [(await each).status_code for each in waiting] == [200] * 20
        assert rounds == 1
        assert (await client.get("/readyz")).status_code == 200
        assert rounds == 2
