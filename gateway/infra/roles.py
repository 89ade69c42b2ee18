"""The database roles that are subject to row-level security; the migrations grant their privileges."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg

from gateway.infra.postgres import GATEWAY_ROLE, RELAY_ROLE

ROLES: Final = (GATEWAY_ROLE, RELAY_ROLE)
# Since PostgreSQL 16 the creator of a role is its member, but may not SET ROLE without a second grant.
MAY_TAKE = """
select pg_has_role(current_user, $1,
                   case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)
"""


async def grant_history(connection: Any) -> None:
    """Let the relay's role read the applied migrations, so that a server can refuse another version's schema."""
    await connection.execute(f"grant select on _prisma_migrations to {RELAY_ROLE}")


async def ensure_roles(connection: Any, roles: Sequence[str] = ROLES) -> None:
    """Create the missing roles and grant them to the connection's user.

    Roles belong to the whole cluster, so a migration of another database may create the same one concurrently.
    Raises asyncpg.InsufficientPrivilegeError when the user may not do so.
    """
    known = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
    for role in roles:
        if role not in known:
            with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
                await connection.execute(f"create role {role} nologin nosuperuser nobypassrls")
        if not await connection.fetchval(MAY_TAKE, role):
            await connection.execute(f"grant {role} to current_user")


def role_statements(user: str) -> str:
    """The statements that an administrator of the cluster must run once when the user may not."""
    lines = [f'    create role {role} nologin; grant {role} to "{user}";' for role in ROLES]
    return "\n".join(lines)
