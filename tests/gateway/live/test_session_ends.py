"""Live sessions end with the login, the account, the membership, the company and the access token."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.auth.models import User
from domains.auth.sessions.tokens import LEEWAY
from domains.kernel.errors import Unauthenticated
from domains.role.models import SystemRole
from gateway.live.sessions import Ended
from tests.domains.auth.conftest import PASSWORD
from tests.gateway.graphql.auth.operations import (
    LOGOUT,
    PASSWORD_CHANGE,
    SESSIONS_END_OTHERS,
    USER_DISABLE,
    USER_ROLE_ASSIGN,
)
from tests.gateway.live.live_site import LiveSite
from tests.gateway.live.subscribers import end_of
from tests.gateway.site import Site

CREATED = "subscription { orderCreated { order { id } } }"
LOW = "subscription { lowStock { items { sku } } }"
SET_PERMISSIONS = """mutation ($input: RolePermissionsAssignInput!) {
  rolePermissionsAssign(input: $input) { role { id } errors { code message } } }"""
DEACTIVATE = "mutation ($input: CompanyDeactivateInput!) { companyDeactivate(input: $input) { errors { code } } }"
ACCESS = timedelta(minutes=15)


@pytest.fixture
async def clerk(site: Site) -> User:
    return await site.account(SystemRole.MANAGER)


async def token_of(site: Site, user: User) -> str:
    return str((await site.login(user.email))["accessToken"])


Ending = Callable[[Site, User, str], Awaitable[Any]]


async def log_out(site: Site, user: User, token: str) -> None:
    await site.do(LOGOUT, token)


async def end_from_another_device(site: Site, user: User, token: str) -> None:
    payload = await site.value(SESSIONS_END_OTHERS, await token_of(site, user))
    assert payload["endedSessions"] == 1


async def change_the_password(site: Site, user: User, token: str) -> None:
    other = await token_of(site, user)
    await site.do(PASSWORD_CHANGE, other, currentPassword=PASSWORD, newPassword="a new and long passphrase")


async def disable(site: Site, user: User, token: str) -> None:
    await site.do(USER_DISABLE, await site.token(SystemRole.ADMIN), id=str(user.id))


async def disable_everywhere(site: Site, user: User, token: str) -> None:
    root = await site.token(SystemRole.SUPER_ADMIN)
    await site.do(USER_DISABLE, root, id=str(user.id), everywhere=True)


async def deactivate_the_company(site: Site, user: User, token: str) -> None:
    await site.do(DEACTIVATE, await site.token(SystemRole.SUPER_ADMIN), id=str(site.company_id))


@pytest.mark.parametrize(
    "end",
    [log_out, end_from_another_device, change_the_password, disable, disable_everywhere, deactivate_the_company],
)
async def test_a_session_ends_and_so_do_its_subscriptions(
    site: Site, live: LiveSite, clerk: User, end: Ending
) -> None:
    token = await token_of(site, clerk)
    session = await live.open(token)
    await live.deliver()
    async with live.watching(CREATED, token) as watched:
        await end(site, clerk, token)
        await live.deliver()
        assert await end_of(session) is Ended.SESSION
        await watched.end()
    assert watched.answers == []


async def test_a_session_in_another_company_ends_too(
    make_site: Callable[..., Site], other_company: UUID, site: Site, live: LiveSite, clerk: User
) -> None:
    """A login is global; the event is of the company in which it was ended."""
    token = await token_of(site, clerk)
    elsewhere = make_site(other_company)
    session = await live.open(token)
    await elsewhere.login(clerk.email)
    other = str((await elsewhere.login(clerk.email))["accessToken"])
    await elsewhere.value(SESSIONS_END_OTHERS, other)
    await live.deliver()
    assert await end_of(session) is Ended.SESSION


async def test_a_guests_session_ends_with_the_company(site: Site, live: LiveSite) -> None:
    session = await live.open()
    await deactivate_the_company(site, await site.account(), "")
    await live.deliver()
    assert await end_of(session) is Ended.SESSION


async def test_a_company_that_another_process_has_closed_is_read_anew(
    site: Site, live: LiveSite, make_site: Callable[..., Site]
) -> None:
    """A process remembers companies for some seconds."""
    other_process = make_site()
    session = await live.open()
    await live.deliver()
    await deactivate_the_company(other_process, await site.account(), "")
    await live.deliver()
    assert await end_of(session) is Ended.SESSION


async def test_another_login_of_the_user_goes_on(site: Site, live: LiveSite, clerk: User) -> None:
    first, second = await token_of(site, clerk), await token_of(site, clerk)
    ended, kept = await live.open(first), await live.open(second)
    await log_out(site, clerk, first)
    await live.deliver()
    assert await end_of(ended) is Ended.SESSION
    assert not kept.ended.done()


async def test_a_role_without_the_permission_ends_the_subscription_alone(
    site: Site, live: LiveSite, clerk: User
) -> None:
    token = await token_of(site, clerk)
    async with live.watching(CREATED, token) as watched:
        given = {"id": str(clerk.id), "roleId": await site.role_id(SystemRole.CUSTOMER)}
        await site.do(USER_ROLE_ASSIGN, await site.token(SystemRole.ADMIN), **given)
        await live.deliver()
        await watched.end()
    assert watched.values == ["FORBIDDEN"]
    assert (await live.open(token)).actor.user_id == clerk.id


async def test_a_permission_that_is_taken_from_a_role_ends_the_subscriptions_that_need_it(
    site: Site, live: LiveSite, clerk: User
) -> None:
    admin, token = await site.token(SystemRole.ADMIN), await token_of(site, clerk)
    role = await own_role(site, admin, "ORDERS:READ", "INVENTORY:READ")
    await site.do(USER_ROLE_ASSIGN, admin, id=str(clerk.id), roleId=role)
    await live.deliver()
    async with live.watching(CREATED, token) as orders, live.watching(LOW, token) as stock:
        kept = await permission_ids(site, admin, "INVENTORY:READ")
        await site.do(SET_PERMISSIONS, admin, id=role, permissionIds=kept)
        await live.deliver()
        await orders.end()
        assert not stock.ended.is_set()
    assert (orders.values, stock.values) == (["FORBIDDEN"], [])


async def permission_ids(site: Site, admin: str, *names: str) -> list[str]:
    listed = await site.value("{ permissions(first: 100) { nodes { id resource action } } }", admin)
    return [each["id"] for each in listed["nodes"] if f"{each['resource']}:{each['action']}" in names]


async def own_role(site: Site, admin: str, *permissions: str) -> str:
    create = """mutation ($input: RoleCreateInput!) {
      roleCreate(input: $input) { role { id } errors { code message } } }"""
    ids = await permission_ids(site, admin, *permissions)
    return str((await site.do(create, admin, name="Clerk", priority=1, permissionIds=ids))["role"]["id"])


async def test_a_session_ends_when_its_token_expires(site: Site, live: LiveSite, clerk: User) -> None:
    token = await token_of(site, clerk)
    site.clock.at += ACCESS + LEEWAY - timedelta(seconds=1, milliseconds=20)
    session = await live.open(token)
    assert await end_of(session) is Ended.TOKEN


async def test_a_session_whose_token_has_expired_says_so_at_the_next_event(
    site: Site, live: LiveSite, clerk: User
) -> None:
    token = await token_of(site, clerk)
    session = await live.open(token)
    site.clock.at += ACCESS + LEEWAY
    with pytest.raises(Unauthenticated):
        await session.check()
    assert session.ended.result() is Ended.TOKEN
    with pytest.raises(Unauthenticated):
        await live.open(token)
