"""Roles of valid tokens: a change takes effect at the next request in every process."""

from collections.abc import Callable
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role.models import NewRole, Role, SystemRole, grant_of
from tests.gateway.site import Site

ROLES = "{ roles(first: 1) { nodes { code } } }"
ASSIGN_PERMISSIONS = """
mutation ($id: ID!, $ids: [ID!]!) {
  rolePermissionsAssign(input: {id: $id, permissionIds: $ids}) { role { code } errors { code message } }
}
"""
ASSIGN_ROLE = """
mutation ($user: ID!, $role: ID!) {
  userRoleAssign(input: {id: $user, roleId: $role}) { user { role { code } } errors { code path } }
}
"""
GIVE_ROLES = Grant(PermissionResource.ROLES, PermissionAction.UPDATE)
READ_ROLES = Grant(PermissionResource.ROLES, PermissionAction.READ)


async def permission_ids(site: Site, *grants: Grant) -> list[UUID]:
    page = await site.services.role.permissions.find(site.database.reader(site.company_id), PageArgs(first=100))
    return [permission.id for permission in page.items if grant_of(permission) in grants]


async def create_role(site: Site, name: str, priority: int, *grants: Grant) -> Role:
    new = NewRole(name=name, priority=priority, permission_ids=await permission_ids(site, *grants))
    system = Actor.system(site.company_id)
    return await site.database.run(lambda tx: site.services.role.create_role(tx, system, new), system)


async def user_with_role(site: Site, role: Role) -> tuple[UUID, str]:
    """The id and a valid token of a new user with this role."""
    user, system = await site.account(), Actor.system(site.company_id)
    await site.database.run(lambda tx: site.auth.members.assign_role(tx, system, user.id, role.id), system)
    return user.id, str((await site.login(user.email))["accessToken"])


async def test_a_change_of_a_role_affects_valid_tokens_in_every_process(make_site: Callable[..., Site]) -> None:
    here, elsewhere = make_site(), make_site()
    admin = await here.token(SystemRole.ADMIN)
    role = await create_role(here, "Clerk", 10, READ_ROLES)
    _, token = await user_with_role(here, role)
    for site in (here, elsewhere):
        assert (await site.value(ROLES, token))["nodes"] == [{"code": "SUPER_ADMIN"}]
    taken = await here.value(ASSIGN_PERMISSIONS, admin, id=str(role.id), ids=[])
    assert taken == {"role": {"code": "CLERK"}, "errors": []}
    for site in (elsewhere, here):
        assert await site.denied(ROLES, token) == "FORBIDDEN"
    ids = [str(each) for each in await permission_ids(here, READ_ROLES)]
    await elsewhere.value(ASSIGN_PERMISSIONS, admin, id=str(role.id), ids=ids)
    for site in (here, elsewhere):
        assert (await site.value(ROLES, token))["nodes"] == [{"code": "SUPER_ADMIN"}]


async def test_an_actor_with_a_cached_role_executes_one_statement(site: Site) -> None:
    token = await site.token(SystemRole.ADMIN)
    await site.value(ROLES, token)
    await site.value(ROLES, token)
    assert (site.count.actor, site.count.data) == (1, 1)


@pytest.mark.parametrize("role", [SystemRole.SUPER_ADMIN, SystemRole.ADMIN, SystemRole.MANAGER])
async def test_users_cannot_assign_themselves_a_higher_role(site: Site, role: SystemRole) -> None:
    clerk = await create_role(site, "Clerk", 50, GIVE_ROLES)
    user, token = await user_with_role(site, clerk)
    higher = await site.services.role.system_role(site.database.reader(site.company_id), role)
    answer = await site.value(ASSIGN_ROLE, token, user=str(user), role=str(higher.id))
    assert answer["user"] is None
    assert [error["code"] for error in answer["errors"]] == ["ROLE_ABOVE_OWN"]


async def test_a_lower_role_with_permissions_the_actor_lacks_cannot_be_assigned(site: Site) -> None:
    clerk = await create_role(site, "Clerk", 50, GIVE_ROLES)
    strong = await create_role(site, "Strong", 10, Grant(PermissionResource.SETTINGS, PermissionAction.MANAGE))
    _, token = await user_with_role(site, clerk)
    friend = await site.account()
    answer = await site.value(ASSIGN_ROLE, token, user=str(friend.id), role=str(strong.id))
    assert answer == {"user": None, "errors": [{"code": "GRANT_NOT_HELD", "path": ["input", "roleId"]}]}
