"""Who of the staff has an order open: names for colleagues, permissions, tenants, and the end of a login."""

from typing import Any
from uuid import UUID

import pytest

from domains.auth.models import User
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.order.models import Order
from domains.role.models import SystemRole
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.auth.operations import LOGOUT, USER_ROLE_ASSIGN
from tests.gateway.graphql.order.test_subscriptions import READ, WRONG, member
from tests.gateway.live.live_site import LiveSite
from tests.gateway.site import Site

WATCH = """subscription ($orderId: ID!, $isViewing: Boolean! = true) {
  orderPresence(orderId: $orderId, isViewing: $isViewing) { staff { userId firstName lastName } } }"""
ASK = "query ($orderId: ID!) { orderPresence(orderId: $orderId) { staff { userId } } }"


@pytest.fixture
async def order(shop: Storefront) -> Order:
    await shop.stock("A", 5)
    return await shop.buy(await shop.customer(), ("A", 1))


async def colleague(site: Site) -> tuple[User, str]:
    """A manager, with the access token of a login."""
    user = await site.account(SystemRole.MANAGER)
    return user, str((await site.login(user.email))["accessToken"])


def shown(*users: User) -> Any:
    ids = sorted(str(user.id) for user in users)
    return {"staff": [{"userId": id_, "firstName": "Ada", "lastName": "Lovelace"} for id_ in ids]}


async def test_staff_see_who_of_them_has_an_order_open(site: Site, live: LiveSite, order: Order) -> None:
    (ann, ann_token), (bob, bob_token) = await colleague(site), await colleague(site)
    order_id = str(order.id)
    async with live.watching(WATCH, ann_token, orderId=order_id) as watched:
        await site.presence.flush()
        await watched.wait_for(1)
        async with (
            live.watching(WATCH, bob_token, orderId=order_id),
            live.watching(WATCH, bob_token, orderId=order_id),
            live.watching(WATCH, administrator(order.company_id), orderId=order_id, isViewing=False),
        ):
            await site.presence.flush()
            await watched.wait_for(2)
            asked = (await site.data(ASK, ann_token, orderId=order_id))["orderPresence"]
        await site.presence.flush()
        await watched.wait_for(3)
    assert watched.values == [shown(ann), shown(ann, bob), shown(ann)]
    assert asked == {"staff": [{"userId": each["userId"]} for each in shown(ann, bob)["staff"]]}


async def test_a_member_of_several_companies_is_present_in_one(
    site: Site, live: LiveSite, order: Order, other_company: UUID
) -> None:
    elsewhere = administrator(other_company)
    assert await live.refusal(WATCH, elsewhere, orderId=str(order.id)) == "NOT_FOUND"
    _, token = await colleague(site)
    async with live.watching(WATCH, token, orderId=str(order.id)):
        await site.presence.flush()
        assert (await site.data(ASK, elsewhere, orderId=str(order.id)))["orderPresence"] is None


async def test_only_staff_with_the_permission_see_and_enter(
    shop: Storefront, site: Site, live: LiveSite, order: Order, other_company: UUID
) -> None:
    for who, code in (
        (None, "UNAUTHENTICATED"),
        (Actor.anonymous(other_company), "UNAUTHENTICATED"),
        (await shop.customer(), "FORBIDDEN"),
        (member(shop.company_id, WRONG), "FORBIDDEN"),
    ):
        assert await live.refusal(WATCH, who, orderId=str(order.id)) == code
        answer = await site.ask(ASK, who, orderId=str(order.id))
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    reader = member(shop.company_id, READ)
    assert await live.refusal(WATCH, reader, orderId=str(new_id())) == "NOT_FOUND"
    assert (await site.data(ASK, reader, orderId=str(new_id())))["orderPresence"] is None
    assert site.presence.rooms == 0


async def test_who_loses_the_permission_or_logs_out_is_gone(site: Site, live: LiveSite, order: Order) -> None:
    (ann, ann_token), (bob, bob_token), (cid, cid_token) = [await colleague(site) for _ in range(3)]
    order_id, admin = str(order.id), await site.token(SystemRole.ADMIN)
    async with (
        live.watching(WATCH, ann_token, orderId=order_id) as watched,
        live.watching(WATCH, bob_token, orderId=order_id) as demoted,
        live.watching(WATCH, cid_token, orderId=order_id) as logged_out,
    ):
        await site.presence.flush()
        await watched.wait_for(1)
        customer = await site.role_id(SystemRole.CUSTOMER)
        await site.do(USER_ROLE_ASSIGN, admin, id=str(bob.id), roleId=customer)
        await site.do(LOGOUT, cid_token)
        await live.deliver()
        await demoted.end()
        await logged_out.end()
        await site.presence.flush()
        await watched.wait_for(2)
    assert watched.values == [shown(ann, bob, cid), shown(ann)]
    assert demoted.values[-1] == "FORBIDDEN"
