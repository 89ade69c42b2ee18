"""Roles through GraphQL: permissions, the number of statements, and refusals that change nothing."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role.models import NewRole
from tests.domains.actors import (
    MANAGER_ID,
    SUPER_ADMIN_ID,
    SUPPORT_ID,
    administrator,
    make_membership,
    make_user,
    member,
    super_administrator,
)
from tests.gateway.site import Site

LIST = """
query ($first: Int, $after: String, $search: String) {
  roles(first: $first, after: $after, search: $search, sortBy: {field: PRIORITY, direction: DESC}) {
    totalCount
    nodes { code name isSystem priority permissions { resource action roles { code } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
CREATE = """
mutation ($input: RoleCreateInput!) {
  roleCreate(input: $input) {
    role { id code name priority isSystem permissions { resource action } }
    errors { code message path }
  }
}
"""
UPDATE = """
mutation ($input: RoleUpdateInput!) {
  roleUpdate(input: $input) { role { id name description priority } errors { code path } }
}
"""
DELETE = """
mutation ($input: RoleDeleteInput!) {
  roleDelete(input: $input) { deletedId errors { __typename code message path ... on RoleInUseError { users } } }
}
"""
ASSIGN = """
mutation ($input: RolePermissionsAssignInput!) {
  rolePermissionsAssign(input: $input) { role { id permissions { resource action } } errors { code message path } }
}
"""
PERMISSIONS = "{ permissions(first: 100) { totalCount nodes { id resource action description } } }"


@pytest.fixture
async def ids(site: Site, company: UUID) -> dict[tuple[str, str], str]:
    answer = await site.data(PERMISSIONS, administrator(company))
    return {(each["resource"], each["action"]): each["id"] for each in answer["permissions"]["nodes"]}


@pytest.fixture
async def role_id(site: Site, company: UUID) -> str:
    answer = await site.data(CREATE, administrator(company), input={"name": "Clerk", "priority": 10})
    created: str = answer["roleCreate"]["role"]["id"]
    return created


async def snapshot(owner: Any) -> list[Any]:
    return [
        await owner.fetch("select * from roles order by id"),
        await owner.fetch("select * from role_permissions order by role_id, permission_id"),
    ]


def mutations(role_id: str, permission_id: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (CREATE, {"input": {"name": "New"}}),
        (UPDATE, {"input": {"id": role_id, "name": "Mine"}}),
        (DELETE, {"input": {"id": role_id}}),
        (ASSIGN, {"input": {"id": role_id, "permissionIds": [permission_id]}}),
    ]


async def test_roles_with_permissions_are_listed_with_four_statements(site: Site, company: UUID) -> None:
    page = (await site.data(LIST, administrator(company), first=3))["roles"]
    assert [role["code"] for role in page["nodes"]] == ["SUPER_ADMIN", "ADMIN", "MANAGER"]
    assert page["totalCount"] == 5
    assert {permission["action"] for permission in page["nodes"][0]["permissions"]} == {"MANAGE"}
    assert [role["code"] for role in page["nodes"][0]["permissions"][0]["roles"]][:2] == ["SUPER_ADMIN", "ADMIN"]
    assert site.count.data == 4
    after = page["pageInfo"]["endCursor"]
    rest = (await site.data(LIST, administrator(company), first=3, after=after))["roles"]
    assert [role["code"] for role in rest["nodes"]] == ["SUPPORT", "CUSTOMER"]


async def test_an_administrator_manages_the_companys_roles(
    site: Site, company: UUID, ids: dict[tuple[str, str], str]
) -> None:
    admin = administrator(company)
    new = {"name": "Night shift", "priority": 20, "permissionIds": [ids["ORDERS", "READ"]]}
    created = (await site.data(CREATE, admin, input=new))["roleCreate"]
    assert created["errors"] == []
    assert created["role"] == {
        "id": created["role"]["id"],
        "code": "NIGHT_SHIFT",
        "name": "Night shift",
        "priority": 20,
        "isSystem": False,
        "permissions": [{"resource": "ORDERS", "action": "READ"}],
    }
    role_id = created["role"]["id"]
    changes = {"id": role_id, "name": "Day shift", "description": "Till six"}
    updated = (await site.data(UPDATE, admin, input=changes))["roleUpdate"]
    assert updated == {"role": changes | {"priority": 20}, "errors": []}
    wanted = [ids["REVIEWS", "MANAGE"], ids["ORDERS", "EXPORT"]]
    assigned = await site.data(ASSIGN, admin, input={"id": role_id, "permissionIds": wanted})
    assert [tuple(each.values()) for each in assigned["rolePermissionsAssign"]["role"]["permissions"]] == [
        ("ORDERS", "EXPORT"),
        ("REVIEWS", "MANAGE"),
    ]
    deleted = (await site.data(DELETE, admin, input={"id": role_id}))["roleDelete"]
    assert deleted == {"deletedId": role_id, "errors": []}
    assert (await site.data(f'{{ role(id: "{role_id}") {{ id }} }}', admin)) == {"role": None}


async def test_the_refusal_for_a_role_in_use_names_the_number_of_users(
    site: Site, company: UUID, owner: Any, role_id: str
) -> None:
    await make_membership(owner, company, await make_user(owner), UUID(role_id))
    answer = await site.data(DELETE, administrator(company), input={"id": role_id})
    assert answer["roleDelete"] == {
        "deletedId": None,
        "errors": [
            {
                "__typename": "RoleInUseError",
                "code": "ROLE_IN_USE",
                "message": "One user still has this role. Assign another role first.",
                "path": ["input", "id"],
                "users": 1,
            }
        ],
    }


async def test_a_refusal_is_returned_in_the_payload_and_changes_nothing(
    site: Site, company: UUID, owner: Any, role_id: str, ids: dict[tuple[str, str], str]
) -> None:
    roles, permissions = (
        [Grant(resource, PermissionAction.MANAGE)]
        for resource in (PermissionResource.ROLES, PermissionResource.PERMISSIONS)
    )
    keeper = member(company, "KEEPER", 50, frozenset([*roles, *permissions]))
    before = await snapshot(owner)
    for query, changes, code, path in (
        (CREATE, {"name": "Twin", "priority": 50}, "PRIORITY_TOO_HIGH", "priority"),
        (CREATE, {"name": "High", "priority": 100}, "PRIORITY_INVALID", "priority"),
        (CREATE, {"name": " "}, "REQUIRED", "name"),
        (CREATE, {"name": "x" * 300}, "TOO_LONG", "name"),
        (CREATE, {"name": "Twin", "code": "CLERK"}, "ROLE_CODE_TAKEN", "code"),
        (CREATE, {"name": "Twin", "code": "SUPER_ADMIN"}, "ROLE_CODE_TAKEN", "code"),
        (CREATE, {"name": "Twin", "permissionIds": [ids["ORDERS", "READ"]]}, "GRANT_NOT_HELD", "permissionIds.0"),
        (UPDATE, {"id": role_id, "name": None}, "REQUIRED", "name"),
        (UPDATE, {"id": role_id, "priority": 50}, "PRIORITY_TOO_HIGH", "priority"),
        (UPDATE, {"id": str(SUPPORT_ID), "name": "Mine"}, "SYSTEM_ROLE_FIXED", "id"),
        (ASSIGN, {"id": role_id, "permissionIds": [ids["ORDERS", "READ"]]}, "GRANT_NOT_HELD", "permissionIds.0"),
        (ASSIGN, {"id": role_id, "permissionIds": [role_id]}, "NOT_FOUND", "permissionIds.0"),
        (ASSIGN, {"id": str(SUPPORT_ID), "permissionIds": []}, "SYSTEM_ROLE_FIXED", "id"),
        (DELETE, {"id": str(MANAGER_ID)}, "SYSTEM_ROLE_FIXED", "id"),
        (DELETE, {"id": ids["ORDERS", "READ"]}, "NOT_FOUND", "id"),
    ):
        (payload,) = (await site.data(query, keeper, input=changes)).values()
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [
            (code, ["input", *path.split(".")])
        ]
    assert await snapshot(owner) == before


async def test_an_actor_without_permission_is_refused_and_changes_nothing(
    site: Site, company: UUID, owner: Any, role_id: str, ids: dict[tuple[str, str], str]
) -> None:
    reads = [Grant(resource, PermissionAction.READ) for resource in PermissionResource]
    onlooker = member(company, "ONLOOKER", 99, frozenset(reads))
    customer = member(company, "CUSTOMER", 0, frozenset())
    before = await snapshot(owner)
    for query, variables in mutations(role_id, ids["ORDERS", "READ"]):
        assert await site.denied(query, Actor.anonymous(company), **variables) == "UNAUTHENTICATED"
        assert await site.denied(query, onlooker, **variables) == "FORBIDDEN"
        assert await site.denied(query, customer, **variables) == "FORBIDDEN"
    for query in (LIST, PERMISSIONS, f'{{ role(id: "{role_id}") {{ id }} }}'):
        assert await site.denied(query, Actor.anonymous(company)) == "UNAUTHENTICATED"
        assert await site.denied(query, customer) == "FORBIDDEN"
        await site.data(query, onlooker)
    assert await snapshot(owner) == before


async def test_the_role_of_another_company_is_not_found(
    site: Site, company: UUID, other_company: UUID, owner: Any, role_id: str, ids: dict[tuple[str, str], str]
) -> None:
    before = await snapshot(owner)
    for stranger in (administrator(other_company), super_administrator(other_company)):
        for query, variables in mutations(role_id, ids["ORDERS", "READ"])[1:]:
            (payload,) = (await site.data(query, stranger, **variables)).values()
            assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]
        assert await site.data(f'{{ role(id: "{role_id}") {{ id }} }}', stranger) == {"role": None}
        assert (await site.data(LIST, stranger, search="clerk"))["roles"]["nodes"] == []
    assert await snapshot(owner) == before


async def test_a_super_administrator_changes_a_system_role_for_all(site: Site, company: UUID, owner: Any) -> None:
    boss = super_administrator(company)
    before = await snapshot(owner)
    try:
        changes = {"id": str(SUPPORT_ID), "description": "Helps."}
        payload = (await site.data(UPDATE, boss, input=changes))["roleUpdate"]
        assert (payload["errors"], payload["role"]["description"]) == ([], "Helps.")
        changes = {"id": str(SUPER_ADMIN_ID), "name": "Me"}
        payload = (await site.data(UPDATE, boss, input=changes))["roleUpdate"]
        assert [error["code"] for error in payload["errors"]] == ["SYSTEM_ROLE_FIXED"]
    finally:
        for row in before[0]:
            await owner.execute(
                "update roles set description = $2, version = $3, updated_at = $4 where id = $1",
                row["id"],
                row["description"],
                row["version"],
                row["updated_at"],
            )
    assert await snapshot(owner) == before


async def test_a_change_of_a_role_affects_a_valid_token_at_the_next_request(site: Site, company: UUID) -> None:
    roles = site.services.role
    admin = Actor.system(company)
    made = await site.database.run(lambda tx: roles.create_role(tx, admin, NewRole(name="Clerk")), admin)
    reader = site.database.reader(company)
    assert await roles.grants.get(reader, made.id, made.version) == frozenset()
    page = (await site.data(PERMISSIONS, administrator(company)))["permissions"]["nodes"]
    wanted = next(each["id"] for each in page if (each["resource"], each["action"]) == ("ORDERS", "READ"))
    await site.data(ASSIGN, administrator(company), input={"id": str(made.id), "permissionIds": [wanted]})
    now = await roles.get_role(reader, made.id)
    assert await roles.grants.get(reader, made.id, now.version) == {
        Grant(PermissionResource.ORDERS, PermissionAction.READ)
    }
