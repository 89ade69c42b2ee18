"""The roles that row-level security binds; what they may do is said in the migrations."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg

from gateway.infra.postgres import GATEWAY_ROLE, RELAY_ROLE

ROLES: Final = (GATEWAY_ROLE, RELAY_ROLE)
# Since PostgreSQL 16 whoever makes a role is its member, but may not take it before it is granted once more.
MAY_TAKE = """
select pg_has_role(current_user, $1,
                   case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)
"""


async def let_read_history(connection: Any, roles: Sequence[str] = ROLES) -> None:
    """Let the roles see which migrations were applied, so that a server can refuse a schema that is not its own."""
    await connection.execute(f"grant select on _prisma_migrations to {', '.join(roles)}")


async def ensure_roles(connection: Any, roles: Sequence[str] = ROLES) -> None:
    """Make the roles that the cluster lacks and let the connection's user take them.

    Roles belong to the whole cluster, so that another database's migration may make the same one at the same moment.
    Raises asyncpg.InsufficientPrivilegeError when the user may do neither.
    """
    known = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
    for role in roles:
        if role not in known:
            with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
                await connection.execute(f"create role {role} nologin nosuperuser nobypassrls")
        if not await connection.fetchval(MAY_TAKE, role):
            await connection.execute(f"grant {role} to current_user")


def advice(user: str) -> str:
    """What an administrator of the cluster has to run, once, when the user may not do it."""
    lines = [f'    create role {role} nologin; grant {role} to "{user}";' for role in ROLES]
    return "\n".join(lines)
