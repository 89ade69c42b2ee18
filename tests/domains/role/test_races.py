"""Races with real commits: roles that are changed, assigned and deleted in parallel."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domains.auth.sql import count_with_role
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.pagination.pages import PageArgs
from domains.role.errors import RoleCodeTaken, RoleInUse, RoleNotFound
from domains.role.models import NewRole, Role, RoleChanges
from domains.role.service import RoleService
from tests.domains.actors import make_membership, make_user
from tests.locks import waited_for

ROLES = RoleService()


@pytest.fixture
async def role(database: Database, actor: Actor) -> Role:
    return await database.run(lambda tx: ROLES.create_role(tx, actor, NewRole(name="Clerk")), actor)


async def test_two_parallel_changes_of_a_role_both_take_effect(
    database: Database, actor: Actor, reader: Reader, role: Role
) -> None:
    page = await ROLES.permissions.find(reader, PageArgs(first=8))
    sets = [[permission.id] for permission in page.items]

    async def assign(ids: list[UUID]) -> Role:
        return await database.run(lambda tx: ROLES.assign_permissions(tx, actor, role.id, ids), actor)

    async def change(changes: RoleChanges) -> Role:
        return await database.run(lambda tx: ROLES.update_role(tx, actor, role.id, changes), actor)

    await asyncio.gather(*map(assign, sets), change({"name": "Cashier"}), change({"priority": 7}))
    after = await ROLES.get_role(reader, role.id)
    assert (after.name, after.priority) == ("Cashier", 7)
    assert after.version == role.version + len(sets) + 2
    permission_ids = [permission.id for permission in await ROLES.get_role_permissions(reader, role.id)]
    assert permission_ids in sets


async def test_a_role_assigned_first_cannot_be_deleted(
    database: Database, actor: Actor, owner: Any, company: UUID, role: Role
) -> None:
    user = await make_user(owner)
    async with database.transaction(actor) as tx:
        await ROLES.require_assignable(tx, actor, role.id)
        deletion = asyncio.create_task(
            database.run(lambda tx: ROLES.delete_role(tx, actor, role.id, count_users=count_with_role), actor)
        )
        await waited_for(tx)
        await make_membership(tx, company, user, role.id)
    with pytest.raises(RoleInUse, match="One user still has"):
        await deletion


async def test_a_role_deleted_first_cannot_be_assigned(database: Database, actor: Actor, role: Role) -> None:
    async def give_out(tx: Tx) -> Role:
        return await ROLES.require_assignable(tx, actor, role.id)

    async with database.transaction(actor) as tx:
        await ROLES.delete_role(tx, actor, role.id, count_users=count_with_role)
        assignment = asyncio.create_task(database.run(give_out, actor))
        await waited_for(tx)
    with pytest.raises(RoleNotFound):
        await assignment


async def test_the_database_refuses_to_delete_an_assigned_role(owner: Any, company: UUID, role: Role) -> None:
    await make_membership(owner, company, await make_user(owner), role.id)
    with pytest.raises((asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError)):  # since PostgreSQL 18
        await owner.execute("delete from roles where id = $1", role.id)


async def test_one_of_several_parallel_roles_with_the_same_code_is_created(database: Database, actor: Actor) -> None:
    made = await asyncio.gather(
        *(database.run(lambda tx: ROLES.create_role(tx, actor, NewRole(name="Twin")), actor) for _ in range(4)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in made) == ["RoleCodeTaken"] * 3 + ["RoleRow"]
    assert all(isinstance(each, RoleCodeTaken | Role) for each in made)


async def test_the_database_refuses_a_companys_role_with_the_super_administrator_code(owner: Any, role: Role) -> None:
    for change in ("code = 'SUPER_ADMIN'", "priority = 100"):
        with pytest.raises(asyncpg.CheckViolationError, match="roles_super_admin_is_the_systems"):
            await owner.execute(f"update roles set {change} where id = $1", role.id)  # noqa: S608 - written above
