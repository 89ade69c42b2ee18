"""The database roles: created by a user with the privilege, and a clear message for a user without it."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from gateway.infra.migrations import MigrationFailed, migrate
from gateway.infra.postgres import connected
from gateway.infra.roles import ensure_roles


@dataclass(frozen=True, slots=True)
class Tenant:
    """A database user of a shared cluster."""

    name: str
    url: str

    @property
    def role(self) -> str:
        return f"{self.name}_role"


@pytest.fixture(params=["createrole", "nocreaterole"])
async def tenant(request: pytest.FixtureRequest, empty_database: str) -> AsyncIterator[Tenant]:
    name = f"platform_test_{secrets.token_hex(4)}"
    parts = urlsplit(empty_database)
    url = urlunsplit(parts._replace(netloc=f"{name}@{parts.netloc.rpartition('@')[2]}"))
    database = parts.path.removeprefix("/")
    async with connected(empty_database) as administrator:
        await administrator.execute(f"create role {name} login {request.param}")
        await administrator.execute(f'alter database "{database}" owner to {name}')
        await administrator.execute(f"alter schema public owner to {name}")
        yield Tenant(name, url)
        for each in ("commerce_gateway", "commerce_relay"):
            await administrator.execute(f"revoke {each} from {name}")
        await administrator.execute(f"drop owned by {name} cascade")
        await administrator.execute(f"drop role if exists {name}_role")
        await administrator.execute(f'alter database "{database}" owner to current_user')
        await administrator.execute(f"drop role {name}")


@pytest.mark.parametrize("tenant", ["createrole"], indirect=True)
async def test_a_privileged_user_creates_the_roles_once_and_may_use_them(tenant: Tenant) -> None:
    async with connected(tenant.url) as connection:
        for _ in range(2):
            await ensure_roles(connection, [tenant.role])
        await connection.execute(f"set role {tenant.role}")
        row = await connection.fetchrow(
            "select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = current_user"
        )
    assert tuple(row.values()) == (False, False, False)


@pytest.mark.parametrize("tenant", ["nocreaterole"], indirect=True)
async def test_an_unprivileged_user_gets_the_statements_for_an_administrator(
    tenant: Tenant, empty_database: str, owner: Any
) -> None:
    with pytest.raises(MigrationFailed) as refused:
        await migrate(tenant.url)
    advised = [line.strip() for line in str(refused.value).splitlines() if line.startswith("    ")]
    async with connected(empty_database) as administrator:
        for line in advised:
            for statement in line.split("; "):
                try:
                    await administrator.execute(statement)
                except asyncpg.DuplicateObjectError:
                    continue
    applied = await migrate(tenant.url)
    assert applied[0] == "20261121000000_init"
    async with connected(tenant.url) as connection:
        assert await connection.fetchval("select count(*) from roles") == 5
        await connection.execute("set role commerce_gateway")
        assert await connection.fetchval("select count(*) from roles") == 5


async def test_two_databases_can_create_the_same_role_in_parallel(empty_database: str) -> None:
    role = f"platform_test_{secrets.token_hex(4)}"
    async with connected(empty_database) as one, connected(empty_database) as two:
        await asyncio.gather(*(ensure_roles(each, [role]) for each in (one, two)))
        assert await one.fetchval("select count(*) from pg_roles where rolname = $1", role) == 1
        await one.execute(f"drop role {role}")
