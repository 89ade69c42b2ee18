"""The roles that row-level security binds: made once per cluster, given their rights once per database."""

from contextlib import suppress
from typing import Any

import asyncpg

from gateway.infra.postgres import GATEWAY_ROLE, RELAY_ROLE

RIGHTS = """
grant usage on schema public to commerce_gateway, commerce_relay;
grant select, insert, update, delete on all tables in schema public to commerce_gateway;
grant usage, select on all sequences in schema public to commerce_gateway;
grant execute on all functions in schema public to commerce_gateway;
alter default privileges in schema public grant select, insert, update, delete on tables to commerce_gateway;
alter default privileges in schema public grant usage, select on sequences to commerce_gateway;
revoke all on _prisma_migrations from commerce_gateway;
"""
RELAY_RIGHTS = "grant select, update, delete on outbox_events to commerce_relay"


async def ensure_roles(connection: Any) -> bool:
    """Make the roles that the cluster lacks and let the connection's user take them; whether any was made.

    Roles belong to the whole cluster, so that another database's migration may make the same one at the same moment.
    """
    known = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
    missing = [role for role in (GATEWAY_ROLE, RELAY_ROLE) if role not in known]
    for role in missing:
        with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await connection.execute(f"create role {role} nologin nosuperuser nobypassrls")
    for role in (GATEWAY_ROLE, RELAY_ROLE):
        if not await connection.fetchval("select pg_has_role(current_user, $1, 'member')", role):
            await connection.execute(f"grant {role} to current_user")
    return bool(missing)


async def grant_rights(connection: Any) -> None:
    """Give the roles their rights on what this database holds, and on what later migrations add."""
    async with connection.transaction():
        await connection.execute(RIGHTS)
        if await connection.fetchval("select to_regclass('outbox_events') is not null"):
            await connection.execute(RELAY_RIGHTS)
