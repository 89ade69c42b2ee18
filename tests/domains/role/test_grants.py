"""The grants of roles: cached by version, and current at the next request after a change in every process."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role import grants
from domains.role.models import NewRole, Role, grant_of
from domains.role.service import RoleService
from tests.conftest import Undo
from tests.domains.actors import ADMIN_ID, CUSTOMER_ID, EVERYTHING, SUPER_ADMIN_ID

READ = Grant(PermissionResource.ORDERS, PermissionAction.READ)
EXPORT = Grant(PermissionResource.ORDERS, PermissionAction.EXPORT)


@pytest.fixture
def roles() -> RoleService:
    return RoleService()


@pytest.fixture
async def ids(reader: Reader) -> dict[Grant, UUID]:
    page = await RoleService().permissions.find(reader, PageArgs(first=100))
    return {grant_of(permission): permission.id for permission in page.items}


@pytest.fixture
async def role(database: Database, actor: Actor, ids: dict[Grant, UUID]) -> Role:
    new = NewRole(name="Clerk", permission_ids=[ids[READ]])
    return await database.run(lambda tx: RoleService().create_role(tx, actor, new), actor)


async def test_grants_are_read_once_and_then_cached(roles: RoleService, reader: Reader, role: Role) -> None:
    with counting() as first:
        assert await roles.grants.get(reader, role.id, role.version) == {READ}
    with counting() as second:
        assert await roles.grants.get(reader, role.id, role.version) == {READ}
    assert (first.data, second.data) == (1, 0)


async def test_a_change_takes_effect_at_the_next_request_in_every_process(
    roles: RoleService, database: Database, actor: Actor, reader: Reader, role: Role, ids: dict[Grant, UUID]
) -> None:
    elsewhere = RoleService()
    assert await elsewhere.grants.get(reader, role.id, role.version) == {READ}
    changed = await database.run(lambda tx: roles.assign_permissions(tx, actor, role.id, [ids[EXPORT]]), actor)
    with counting() as count:
        assert await elsewhere.grants.get(reader, role.id, changed.version) == {EXPORT}
    assert count.data == 1


async def test_a_role_without_permissions_is_cached(roles: RoleService, reader: Reader) -> None:
    with counting() as count:
        assert await roles.grants.get(reader, CUSTOMER_ID, 1) == frozenset()
        assert await roles.grants.get(reader, CUSTOMER_ID, 1) == frozenset()
    assert count.data == 1


@pytest.mark.parametrize("role_id", [SUPER_ADMIN_ID, ADMIN_ID])
async def test_administrators_have_every_permission(roles: RoleService, reader: Reader, role_id: UUID) -> None:
    assert await roles.grants.get(reader, role_id, 1) == EVERYTHING


async def test_an_unknown_role_grants_nothing(roles: RoleService, reader: Reader) -> None:
    assert await roles.grants.get(reader, new_id(), 1) == frozenset()


async def test_a_change_that_is_rolled_back_is_not_cached(
    roles: RoleService, database: Database, actor: Actor, reader: Reader, role: Role, ids: dict[Grant, UUID]
) -> None:
    with suppress(Undo):
        async with database.transaction(actor) as tx:
            changed = await roles.assign_permissions(tx, actor, role.id, [ids[READ], ids[EXPORT]])
            assert await roles.grants.get(tx, role.id, changed.version) == {READ, EXPORT}
            raise Undo
    after = await database.run(lambda tx: roles.assign_permissions(tx, actor, role.id, []), actor)
    assert after.version == changed.version
    assert await roles.grants.get(reader, role.id, after.version) == frozenset()


async def test_a_late_result_is_cached_under_its_own_version(
    roles: RoleService, database: Database, actor: Actor, reader: Reader, role: Role, ids: dict[Grant, UUID]
) -> None:
    changed = await database.run(lambda tx: roles.assign_permissions(tx, actor, role.id, [ids[EXPORT]]), actor)
    assert await roles.grants.get(reader, role.id, role.version) == {EXPORT}
    with counting() as count:
        assert await roles.grants.get(reader, role.id, changed.version) == {EXPORT}
    assert count.data == 0


async def test_invalidation_makes_every_process_read_again(
    roles: RoleService, database: Database, actor: Actor, reader: Reader, role: Role, owner: Any
) -> None:
    assert await roles.grants.get(reader, role.id, role.version) == {READ}
    await owner.execute("delete from role_permissions where role_id = $1", role.id)
    raised = await database.run(lambda tx: roles.invalidate_cache(tx, role.id), actor)
    assert raised.version == role.version + 1
    assert await roles.grants.get(reader, role.id, raised.version) == frozenset()


async def test_the_most_recently_used_roles_are_cached(
    reader: Reader, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grants, "MAX_ENTRIES", 2)
    cache = grants.GrantCache()
    with counting() as count:
        for role_id in (ADMIN_ID, CUSTOMER_ID, ADMIN_ID, role.id, ADMIN_ID, CUSTOMER_ID):
            await cache.get(reader, role_id, 1)
    assert count.data == 4
