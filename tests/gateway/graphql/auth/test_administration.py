"""Administration of users through the API: permissions, and refusals that change nothing."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from domains.role.models import SystemRole
from tests.gateway.graphql.auth import operations as ops
from tests.gateway.site import SCHEMA, Site

ROLES = [SystemRole.CUSTOMER, SystemRole.SUPPORT, SystemRole.MANAGER, SystemRole.ADMIN, SystemRole.SUPER_ADMIN]
STATE = """
select (select array_agg(u::text order by u.id) from users u where u.id = $1),
       (select array_agg(m::text order by m.id) from memberships m where m.user_id = $1),
       (select array_agg(a::text order by a.id) from addresses a where a.user_id = $1),
       (select array_agg(s.ended_at order by s.id) from user_sessions s where s.user_id = $1)
"""


async def state(owner: Any, user_id: object) -> Any:
    return tuple(await owner.fetchrow(STATE, UUID(str(user_id))))


async def test_users_are_listed_searched_sorted_and_paginated(site: Site) -> None:
    admin = await site.token(SystemRole.ADMIN)
    for _ in range(3):
        await site.account()
    listed = await site.value(ops.USERS, admin, first=2, sortBy={"field": "EMAIL", "direction": "ASC"})
    assert (len(listed["nodes"]), listed["totalCount"], listed["pageInfo"]["hasNextPage"]) == (2, 4, True)
    rest = await site.value(
        ops.USERS,
        admin,
        first=5,
        after=listed["pageInfo"]["endCursor"],
        sortBy={"field": "EMAIL", "direction": "ASC"},
    )
    emails = [user["email"] for user in listed["nodes"] + rest["nodes"]]
    assert (len(emails), emails) == (4, sorted(emails))
    customers = await site.value(ops.USERS, admin, filter={"roleIds": [await site.role_id(SystemRole.CUSTOMER)]})
    assert {user["role"]["code"] for user in customers["nodes"]} == {"CUSTOMER"}
    assert (await site.value(ops.USERS, admin, search=emails[0]))["totalCount"] == 1


async def test_a_list_of_users_executes_one_statement_and_one_for_each_relation(site: Site) -> None:
    admin = await site.token(SystemRole.ADMIN)
    for _ in range(5):
        await site.account()
    await site.value(ops.ME, admin)  # what the role grants is remembered from now on
    await site.value(ops.USERS, admin)
    assert (site.count.data, site.count.actor) == (4, 1)


async def test_an_invited_member_of_staff_chooses_a_password(site: Site) -> None:
    admin, email = await site.token(SystemRole.ADMIN), site.email()
    role_id = await site.role_id(SystemRole.MANAGER)
    user = (await site.do(ops.USER_INVITE, admin, email=email, firstName="Grace", roleId=role_id))["user"]
    assert (user["email"], user["role"], user["emailVerified"]) == (email, {"code": "MANAGER"}, False)
    new = "a new horse battery staple"
    await site.do(ops.PASSWORD_RESET, token=site.mailbox.last(email).token, newPassword=new)
    assert (await site.login(email, new))["user"]["role"] == {"code": "MANAGER"}


# ASVS 7.4.2
async def test_a_disabled_user_cannot_log_in_until_enabled(site: Site) -> None:
    admin, user = await site.token(SystemRole.ADMIN), await site.account()
    auth = await site.login(user.email)
    shown = (await site.do(ops.USER_DISABLE, admin, id=str(user.id)))["user"]
    assert shown["isActive"] is False
    assert await site.denied(ops.ME, auth["accessToken"]) == "UNAUTHENTICATED"
    refused = await site.refused(ops.REFRESH_TOKEN, refreshToken=auth["refreshToken"])
    assert refused["code"] == "INVALID_TOKEN"
    assert (await site.do(ops.USER_ENABLE, admin, id=str(user.id)))["user"]["isActive"] is True
    assert (await site.login(user.email))["user"]["isActive"] is True


async def test_a_granted_role_takes_effect_at_the_next_request(site: Site) -> None:
    admin, user = await site.token(SystemRole.ADMIN), await site.account()
    token = (await site.login(user.email))["accessToken"]
    assert await site.denied(ops.USERS, token) == "FORBIDDEN"
    role_id = await site.role_id(SystemRole.SUPPORT)
    given = (await site.do(ops.USER_ROLE_ASSIGN, admin, id=str(user.id), roleId=role_id))["user"]
    assert given["role"] == {"code": "SUPPORT"}
    assert (await site.value(ops.USERS, token))["totalCount"] == 2
    await site.do(ops.USER_ROLE_ASSIGN, admin, id=str(user.id), roleId=await site.role_id(SystemRole.CUSTOMER))
    assert await site.denied(ops.USERS, token) == "FORBIDDEN"


async def test_users_cannot_raise_their_own_permissions(site: Site, owner: Any) -> None:
    admin, user = await site.token(SystemRole.ADMIN), await site.account()
    role_id = await site.role_id(SystemRole.SUPER_ADMIN)
    before = await state(owner, user.id)
    refused = await site.refused(ops.USER_ROLE_ASSIGN, admin, id=str(user.id), roleId=role_id)
    assert (refused["code"], refused["path"]) == ("ROLE_ABOVE_OWN", ["input", "roleId"])
    everywhere = {"input": {"id": str(user.id), "everywhere": True}}
    assert await site.denied(ops.USER_DISABLE, admin, **everywhere) == "FORBIDDEN"
    assert await state(owner, user.id) == before


MATRIX = {
    "users": (ops.USERS, {SystemRole.SUPPORT, SystemRole.MANAGER, SystemRole.ADMIN, SystemRole.SUPER_ADMIN}),
    "user": (ops.USER_BY_ID, {SystemRole.SUPPORT, SystemRole.MANAGER, SystemRole.ADMIN, SystemRole.SUPER_ADMIN}),
    "userInvite": (ops.USER_INVITE, {SystemRole.ADMIN, SystemRole.SUPER_ADMIN}),
    "userDisable": (ops.USER_DISABLE, {SystemRole.SUPPORT, SystemRole.ADMIN, SystemRole.SUPER_ADMIN}),
    "userEnable": (ops.USER_ENABLE, {SystemRole.SUPPORT, SystemRole.ADMIN, SystemRole.SUPER_ADMIN}),
    "userRoleAssign": (ops.USER_ROLE_ASSIGN, {SystemRole.ADMIN, SystemRole.SUPER_ADMIN}),
}


@pytest.mark.parametrize("name", list(MATRIX))
async def test_only_roles_with_the_permission_administer_users(site: Site, owner: Any, name: str) -> None:
    query, allowed = MATRIX[name]
    victim = await site.account()
    customer = await site.role_id(SystemRole.CUSTOMER)
    variables: dict[str, Any] = {"id": str(victim.id)} if name == "user" else {}
    if name.startswith("user") and name not in ("users", "user"):
        variables = {"input": {"id": str(victim.id)}}
    if name == "userRoleAssign":
        variables["input"]["roleId"] = customer
    if name == "userInvite":
        variables = {"input": {"email": victim.email, "roleId": customer}}
    before = await state(owner, victim.id)
    assert await site.denied(query, **variables) == "UNAUTHENTICATED"
    tokens = {role: await site.token(role) for role in ROLES}
    for role in ROLES:
        if role not in allowed:
            assert await site.denied(query, tokens[role], **variables) == "FORBIDDEN"
    assert await state(owner, victim.id) == before
    for role in ROLES:
        if role in allowed:
            answer = await site.value(query, tokens[role], **variables)
            assert answer.get("errors", []) == []


async def test_users_of_another_company_are_not_found(
    site: Site, make_site: Callable[..., Site], other_company: UUID, owner: Any
) -> None:
    other = make_site(other_company)
    victim = await other.account()
    await other.login(victim.email)
    admin, customer = await site.token(SystemRole.ADMIN), await site.role_id(SystemRole.CUSTOMER)
    before = await state(owner, victim.id)
    assert await site.value(ops.USER_BY_ID, admin, id=str(victim.id)) is None
    assert (await site.value(ops.USERS, admin, search=victim.email))["nodes"] == []
    assert (await site.value(ops.ADDRESSES, admin, userId=str(victim.id)))["nodes"] == []
    for mutation, more in (
        (ops.USER_DISABLE, {}),
        (ops.USER_ENABLE, {}),
        (ops.USER_ROLE_ASSIGN, {"roleId": customer}),
    ):
        assert (await site.refused(mutation, admin, id=str(victim.id), **more))["code"] == "NOT_FOUND"
    assert await state(owner, victim.id) == before


@pytest.mark.parametrize(
    "query",
    [
        ops.SESSIONS,
        ops.ADDRESSES,
        ops.SESSIONS_END_OTHERS,
        ops.LOGOUT,
        "{ users { totalCount } }",
    ],
)
async def test_operations_on_the_own_account_require_a_login(site: Site, query: str) -> None:
    assert await site.denied(query) == "UNAUTHENTICATED"


def test_users_are_exposed_by_these_fields_only() -> None:
    showing = {
        f"{name}.{field}"
        for name, kind in SCHEMA.graphql.type_map.items()
        for field, definition in getattr(kind, "fields", {}).items()
        if str(definition.type).strip("[]!") == "User" and not name.endswith("Input")
    }
    payloads = ("ProfileUpdate", "EmailChangeConfirm", "UserInvite", "UserDisable", "UserEnable", "UserRoleAssign")
    own = {"Query.me", "Query.user", "AuthResponse.user", "UserConnection.nodes", "UserEdge.node"}
    asked_for = ("OrderStatusHistory.changedByUser", "Refund.performedByUser", "LedgerEntry.performedByUser")
    settling = ("SettlementReport.importedByUser", "SettlementDifference.resolvedByUser")
    acting = ("GiftCard.issuedByUser", "ActivityLog.user", "MoneyTimelineEntry.user", "PaymentAuditLog.user")
    writing = ("OrderNote.createdByUser", "OrderEdit.createdByUser", "ShipmentTracking.createdByUser")
    discounting = ("OrderAdjustment.createdByUser", "CustomerSegmentMember.user", *writing)
    guarded = {
        "Cart.user",
        "Order.user",
        "Review.user",
        "Notification.user",
        "ProductStockAlert.user",
        *acting,
        *asked_for,
        *settling,
        *discounting,
    }
    assert showing == own | guarded | {f"{name}Payload.user" for name in payloads}
    asking = re.findall(r'ser: User @requires\(anyOf: \["USERS:READ"\]\)\n', SCHEMA.sdl())
    assert len(asking) == len(guarded)


# ASVS 6.4.6: an administrator has no input for somebody's password; and no type shows a hash or a password.
def test_passwords_are_accepted_in_these_inputs_and_never_returned() -> None:
    holding = {
        f"{name}.{field}"
        for name, kind in SCHEMA.graphql.type_map.items()
        for field in getattr(kind, "fields", {})
        if "password" in field.lower() or "hash" in field.lower()
    }
    assert holding == {
        "RegisterInput.password",
        "LoginInput.password",
        "PasswordResetInput.newPassword",
        "PasswordChangeInput.currentPassword",
        "PasswordChangeInput.newPassword",
        "EmailChangeRequestInput.currentPassword",
        "PasswordChangePayload.passwordChanged",
        "PasswordResetPayload.passwordChanged",
        "Mutation.passwordChange",
        "Mutation.passwordReset",
        "Mutation.passwordResetRequest",
    }
