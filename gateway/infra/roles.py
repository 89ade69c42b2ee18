"""The roles that row-level security binds; what they may do is said in the migrations."""

from contextlib import suppress
from typing import Any

import asyncpg

from gateway.infra.postgres import GATEWAY_ROLE, RELAY_ROLE


async def ensure_roles(connection: Any) -> None:
    """Make the roles that the cluster lacks and let the connection's user take them.

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
