"""Creation, change and deletion of roles: what is stored, emitted and refused, also for other companies."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from domains.auth.sql import count_with_role
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role import events
from domains.role.errors import (
    GrantNotHeld,
    PermissionNotFound,
    PriorityTooHigh,
    RoleCodeTaken,
    RoleInUse,
    RoleNotFound,
    SystemRoleFixed,
)
from domains.role.models import NewRole, Role, SystemRole, grant_of
from domains.role.service import RoleService
from tests.conftest import Undo
from tests.domains.actors import (
    ADMIN_ID,
    SUPPORT_ID,
    administrator,
    make_membership,
    make_user,
    member,
    super_administrator,
)

READ_ORDERS = Grant(PermissionResource.ORDERS, PermissionAction.READ)


@pytest.fixture
def roles() -> RoleService:
    return RoleService()


async def permission_ids(db: Reader, *grants: Grant) -> list[UUID]:
    page = await RoleService().permissions.find(db, PageArgs(first=100))
    return [permission.id for permission in page.items if grant_of(permission) in grants]


async def all_rows(owner: Any, company: UUID) -> list[Any]:
    """All that a denied call must leave alone."""
    return [
        await owner.fetch("select * from roles where company_id = $1 or company_id is null order by id", company),
        await owner.fetch("select * from role_permissions order by role_id, permission_id"),
    ]


async def test_a_role_is_created_below_its_creators_with_their_permissions(
    roles: RoleService, tx: Tx, company: UUID
) -> None:
    ids = await permission_ids(tx, READ_ORDERS)
    with counting() as count:
        role = await roles.create_role(
            tx, administrator(company), NewRole(name=" Night shift ", priority=30, permission_ids=ids)
        )
    assert (role.name, role.code, role.priority, role.is_system, role.version, role.company_id) == (
        "Night shift",
        "NIGHT_SHIFT",
        30,
        False,
        1,
        company,
    )
    assert [grant_of(each) for each in await roles.get_role_permissions(tx, role.id)] == [READ_ORDERS]
    assert tx.events == [events.RoleCreated(role_id=role.id, code="NIGHT_SHIFT", name="Night shift")]
    assert count.data == 4


async def test_a_code_differs_from_those_of_system_roles(roles: RoleService, tx: Tx, company: UUID) -> None:
    admin = administrator(company)
    await roles.create_role(tx, admin, NewRole(name="Clerk"))
    for code in ("CLERK", *SystemRole):
        with pytest.raises(RoleCodeTaken):
            await roles.create_role(tx, admin, NewRole(name="Other", code=code))


async def test_permissions_of_a_new_role_require_the_permission_to_grant_them(
    roles: RoleService, tx: Tx, company: UUID
) -> None:
    ids = await permission_ids(tx, READ_ORDERS)
    clerk = member(
        company, "X", 50, frozenset({READ_ORDERS, Grant(PermissionResource.ROLES, PermissionAction.MANAGE)})
    )
    with pytest.raises(GrantNotHeld, match="PERMISSIONS UPDATE"):
        await roles.create_role(tx, clerk, NewRole(name="Friend", priority=10, permission_ids=ids))
    assert (await roles.create_role(tx, clerk, NewRole(name="Friend", priority=10))).code == "FRIEND"


async def test_a_permission_that_the_actor_lacks_cannot_be_granted(roles: RoleService, tx: Tx, company: UUID) -> None:
    boss = member(company, "X", 50, frozenset({Grant(PermissionResource.PERMISSIONS, PermissionAction.MANAGE)}))
    role = await roles.create_role(tx, administrator(company), NewRole(name="Clerk", priority=10))
    ids = await permission_ids(tx, READ_ORDERS)
    for attempt in (
        roles.assign_permissions(tx, boss, role.id, ids),
        roles.create_role(tx, boss, NewRole(name="Friend", permission_ids=ids)),
    ):
        with pytest.raises(GrantNotHeld, match="ORDERS READ"):
            await attempt
    assert await roles.get_role_permissions(tx, role.id) == []


async def test_unknown_permissions_are_named(roles: RoleService, tx: Tx, company: UUID) -> None:
    unknown = new_id()
    role = await roles.create_role(tx, administrator(company), NewRole(name="Clerk"))
    with pytest.raises(PermissionNotFound, match=str(unknown)):
        await roles.assign_permissions(tx, administrator(company), role.id, [unknown])


async def test_a_change_increments_the_version_and_emits_the_changed_fields(
    roles: RoleService, tx: Tx, company: UUID
) -> None:
    admin = administrator(company)
    role = await roles.create_role(tx, admin, NewRole(name="Clerk", description="Old", priority=10))
    with counting() as count:
        changed = await roles.update_role(
            tx, admin, role.id, {"name": "Cashier", "priority": 20, "description": None}
        )
    assert (changed.name, changed.priority, changed.description, changed.code) == ("Cashier", 20, None, "CLERK")
    assert changed.version == role.version + 1
    assert tx.events[-1] == events.RoleUpdated(
        role_id=role.id, role_version=2, changed=["description", "name", "priority"]
    )
    assert count.data == 2


async def test_a_change_without_a_difference_writes_and_emits_nothing(
    roles: RoleService, tx: Tx, company: UUID
) -> None:
    admin = administrator(company)
    role = await roles.create_role(tx, admin, NewRole(name="Clerk"))
    event_count = len(tx.events)
    assert await roles.update_role(tx, admin, role.id, {"name": "Clerk"}) == role
    assert await roles.assign_permissions(tx, admin, role.id, []) == role
    assert len(tx.events) == event_count


async def test_users_cannot_raise_their_own_role_or_one_as_high(roles: RoleService, tx: Tx, company: UUID) -> None:
    admin = administrator(company)
    own = await roles.create_role(tx, admin, NewRole(name="Boss", priority=50))
    boss = member(company, own.code, 50, admin.grants, role_id=own.id)
    ids = await permission_ids(tx, READ_ORDERS)
    for attempt in (
        roles.update_role(tx, boss, own.id, {"priority": 49}),
        roles.update_role(tx, boss, own.id, {"priority": 99}),
        roles.assign_permissions(tx, boss, own.id, ids),
        roles.delete_role(tx, boss, own.id, count_users=count_with_role),
        roles.create_role(tx, boss, NewRole(name="Twin", priority=50)),
    ):
        with pytest.raises(PriorityTooHigh):
            await attempt
    lower = await roles.create_role(tx, boss, NewRole(name="Clerk", priority=10))
    with pytest.raises(PriorityTooHigh):
        await roles.update_role(tx, boss, lower.id, {"priority": 50})


async def test_setting_permissions_replaces_the_previous_ones(roles: RoleService, tx: Tx, company: UUID) -> None:
    admin = administrator(company)
    read, export, manage = (
        Grant(PermissionResource.ORDERS, action)
        for action in (PermissionAction.READ, PermissionAction.EXPORT, PermissionAction.MANAGE)
    )
    role = await roles.create_role(
        tx, admin, NewRole(name="Clerk", permission_ids=await permission_ids(tx, read, export))
    )
    wanted = await permission_ids(tx, read, manage)
    with counting() as count:
        changed = await roles.assign_permissions(tx, admin, role.id, [*wanted, *wanted])
    assert {grant_of(each) for each in await roles.get_role_permissions(tx, role.id)} == {read, manage}
    assert changed.version == 2
    assert tx.events[-1] == events.RoleUpdated(role_id=role.id, role_version=2, changed=["permissions"])
    assert count.data == 6


async def test_an_assigned_role_cannot_be_deleted(
    roles: RoleService, database: Database, owner: Any, company: UUID
) -> None:
    admin = administrator(company)
    role = await database.run(lambda tx: roles.create_role(tx, admin, NewRole(name="Clerk")), admin)
    for holders, sentence in ((1, "One user still has"), (2, "2 users still have")):
        await make_membership(owner, company, await make_user(owner), role.id)
        with pytest.raises(RoleInUse, match=sentence) as caught:
            await database.run(lambda tx: roles.delete_role(tx, admin, role.id, count_users=count_with_role), admin)
        assert (caught.value.users, caught.value.code) == (holders, "ROLE_IN_USE")
    assert (await roles.get_role(database.reader(company), role.id)) == role


async def test_a_role_is_deleted_with_its_permissions(
    roles: RoleService, database: Database, owner: Any, company: UUID
) -> None:
    admin = administrator(company)
    ids = await permission_ids(database.reader(company), READ_ORDERS)
    role = await database.run(
        lambda tx: roles.create_role(tx, admin, NewRole(name="Clerk", permission_ids=ids)), admin
    )
    await database.run(lambda tx: roles.delete_role(tx, admin, role.id, count_users=count_with_role), admin)
    with pytest.raises(RoleNotFound):
        await roles.get_role(database.reader(company), role.id)
    assert await owner.fetchval("select count(*) from role_permissions where role_id = $1", role.id) == 0
    topics = await owner.fetch("select topic from outbox_events where company_id = $1 order by sequence", company)
    assert [row["topic"] for row in topics] == ["role.created", "role.deleted"]


@pytest.mark.parametrize("role_id", [ADMIN_ID, SUPPORT_ID])
async def test_a_company_cannot_change_system_roles(
    roles: RoleService, database: Database, owner: Any, company: UUID, role_id: UUID
) -> None:
    before = await all_rows(owner, company)
    for actor in (administrator(company), super_administrator(company)):
        for refused in (
            lambda tx, actor=actor: roles.update_role(tx, actor, role_id, {"name": "Mine"}),
            lambda tx, actor=actor: roles.assign_permissions(tx, actor, role_id, []),
            lambda tx, actor=actor: roles.delete_role(tx, actor, role_id, count_users=count_with_role),
        ):
            with pytest.raises(SystemRoleFixed):
                await database.run(refused, actor)
    assert await all_rows(owner, company) == before


async def test_a_super_administrator_changes_system_roles_within_limits(
    roles: RoleService, database: Database, owner: Any, company: UUID
) -> None:
    boss = super_administrator(company)
    before = await all_rows(owner, company)
    ids = await permission_ids(database.reader(company), READ_ORDERS)

    async def in_platform_and_undone(change: Any) -> Role:
        done: list[Role] = []
        with suppress(Undo):
            async with database.transaction(boss, platform=True) as tx:
                done.append(await change(tx))
                raise Undo
        return done[0]

    renamed = await in_platform_and_undone(lambda tx: roles.update_role(tx, boss, SUPPORT_ID, {"name": "Service"}))
    assert (renamed.name, renamed.code, renamed.version) == ("Service", "SUPPORT", 2)
    assert (await in_platform_and_undone(lambda tx: roles.assign_permissions(tx, boss, SUPPORT_ID, ids))).version == 2
    for refused in (
        lambda tx: roles.update_role(tx, boss, SUPPORT_ID, {"priority": 50}),
        lambda tx: roles.delete_role(tx, boss, SUPPORT_ID, count_users=count_with_role),
        lambda tx: roles.assign_permissions(tx, boss, ADMIN_ID, ids),
        lambda tx: roles.update_role(tx, boss, boss.role.id if boss.role else ADMIN_ID, {"name": "Mine"}),
        lambda tx: roles.assign_permissions(tx, administrator(company), SUPPORT_ID, ids),
    ):
        with pytest.raises(SystemRoleFixed):
            await database.run(refused, boss, platform=True)
    assert await all_rows(owner, company) == before


async def test_the_role_of_another_company_is_not_found(
    roles: RoleService, database: Database, owner: Any, company: UUID, other_company: UUID
) -> None:
    theirs = administrator(other_company)
    role = await database.run(lambda tx: roles.create_role(tx, theirs, NewRole(name="Clerk")), theirs)
    before = await all_rows(owner, other_company)
    for actor in (administrator(company), super_administrator(company), Actor.system(company)):
        for refused in (
            lambda tx, actor=actor: roles.update_role(tx, actor, role.id, {"name": "Mine"}),
            lambda tx, actor=actor: roles.assign_permissions(tx, actor, role.id, []),
            lambda tx, actor=actor: roles.delete_role(tx, actor, role.id, count_users=count_with_role),
            lambda tx, actor=actor: roles.require_assignable(tx, actor, role.id),
            lambda tx: roles.invalidate_cache(tx, role.id),
        ):
            with pytest.raises(DomainError) as caught:
                await database.run(refused, actor)
            assert caught.value.code == "NOT_FOUND"
    mine = database.reader(company)
    assert await roles.grants.get(mine, role.id, 1) == frozenset()
    assert await roles.permissions.of_roles(mine, [role.id]) == {}
    assert await roles.roles_by_id(mine, [role.id]) == []
    assert await all_rows(owner, other_company) == before


async def test_roles_are_sorted_by_priority_and_searched(roles: RoleService, tx: Tx, company: UUID) -> None:
    admin = administrator(company)
    await roles.create_role(tx, admin, NewRole(name="Clerk", priority=50))
    await roles.create_role(tx, admin, NewRole(name="100%_sure", code="SURE", priority=50))
    page = await roles.find_roles(tx, PageArgs(first=4))
    assert [role.code for role in page.items] == ["SUPER_ADMIN", "ADMIN", "MANAGER", "SURE"]
    rest = await roles.find_roles(tx, PageArgs(first=4, after=page.cursors[-1]))
    assert [role.code for role in rest.items] == ["CLERK", "SUPPORT", "CUSTOMER"]
    assert (await rest.count(), rest.has_next, rest.has_previous) == (7, False, True)
    assert [role.code for role in (await roles.find_roles(tx, PageArgs(), search="%_s")).items] == ["SURE"]
    assert [role.code for role in (await roles.find_roles(tx, PageArgs(), search="cler")).items] == ["CLERK"]
    own = await roles.find_roles(tx, PageArgs(), is_system=False)
    assert [role.code for role in own.items] == ["SURE", "CLERK"]


async def test_permissions_are_all_resources_by_all_actions(roles: RoleService, reader: Reader) -> None:
    page = await roles.permissions.find(reader, PageArgs(first=100))
    pairs = {grant_of(permission) for permission in page.items}
    assert pairs == {Grant(resource, action) for resource in PermissionResource for action in PermissionAction}
    orders = await roles.permissions.find(reader, PageArgs(), resource=PermissionResource.ORDERS)
    assert {grant_of(each).resource for each in orders.items} == {PermissionResource.ORDERS}
    reads = await roles.permissions.find(reader, PageArgs(), action=PermissionAction.READ)
    assert await reads.count() == len(PermissionResource)


async def test_the_permissions_of_an_unknown_role_are_not_found(roles: RoleService, reader: Reader) -> None:
    with pytest.raises(RoleNotFound):
        await roles.get_role_permissions(reader, new_id())
