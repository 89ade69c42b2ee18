"""The users of roles: paginated, with a fixed number of statements, with the permission to see users."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import MANAGER_ID, SUPPORT_ID, administrator, make_membership, make_user, member
from tests.gateway.site import Site

USERS = """
query ($first: Int, $after: String, $last: Int) {
  roles(search: "%") { nodes { code } }
  all: roles {
    nodes {
      code
      users(first: $first, after: $after, last: $last) {
        totalCount nodes { id role { code } } pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }
  }
}
"""


@pytest.fixture
async def support(owner: Any, company: UUID, other_company: UUID) -> list[str]:
    """The company's users with the support role, the latest to join first; and others."""
    users = [await make_user(owner) for _ in range(5)]
    for user in users[:3]:
        await make_membership(owner, company, user, SUPPORT_ID)
    await make_membership(owner, company, users[3], MANAGER_ID)
    await make_membership(owner, other_company, users[4], SUPPORT_ID)
    return [str(user) for user in reversed(users[:3])]


async def users_by_role(site: Site, company: UUID, **variables: Any) -> dict[str, Any]:
    answer = await site.data(USERS, administrator(company), **variables)
    return {role["code"]: role["users"] for role in answer["all"]["nodes"]}


async def test_the_users_of_all_roles_are_loaded_together(site: Site, company: UUID, support: list[str]) -> None:
    found = await users_by_role(site, company)
    assert [user["id"] for user in found["SUPPORT"]["nodes"]] == support
    assert {user["role"]["code"] for user in found["SUPPORT"]["nodes"]} == {"SUPPORT"}
    assert {code: users["totalCount"] for code, users in found.items()} == {
        "SUPER_ADMIN": 0,
        "ADMIN": 0,
        "MANAGER": 1,
        "SUPPORT": 3,
        "CUSTOMER": 0,
    }
    listings, pages, counts, roles_of_users = 2, 2, 1, 1
    assert site.count.data == listings + pages + counts + roles_of_users


async def test_the_users_of_a_role_are_paginated(site: Site, company: UUID, support: list[str]) -> None:
    first = (await users_by_role(site, company, first=2))["SUPPORT"]
    assert ([user["id"] for user in first["nodes"]], first["pageInfo"]["hasNextPage"]) == (support[:2], True)
    rest = (await users_by_role(site, company, first=2, after=first["pageInfo"]["endCursor"]))["SUPPORT"]
    assert ([user["id"] for user in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == (support[2:], False)
    last = (await users_by_role(site, company, last=1))["SUPPORT"]
    assert ([user["id"] for user in last["nodes"]], last["pageInfo"]["hasPreviousPage"]) == (support[2:], True)


async def test_an_actor_without_permission_for_users_sees_only_roles(
    site: Site, company: UUID, support: list[str]
) -> None:
    clerk = member(company, "CLERK", 10, frozenset([Grant(PermissionResource.ROLES, PermissionAction.READ)]))
    answer = await site.ask("{ roles(first: 1) { nodes { code users { nodes { id } } } } }", clerk)
    assert answer["data"] == {"roles": {"nodes": [{"code": "SUPER_ADMIN", "users": None}]}}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert support
