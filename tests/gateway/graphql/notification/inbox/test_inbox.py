"""Notifications in the shop through the API: listed, counted, read, and received as they come."""

import asyncio
from typing import Any, Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.notification.models import NotificationKind
from gateway.graphql.notification.inbox.subscriptions import INBOX
from tests.domains.actors import CUSTOMER_ID, administrator, make_membership
from tests.domains.notification.inbox.given import give
from tests.domains.order.storefront import Storefront
from tests.gateway.live.live_site import LiveSite
from tests.gateway.site import Site

MINE: Final = """query ($filter: MyNotificationFilterInput, $first: Int, $after: String) {
  myNotifications(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { endCursor } nodes { id type kind subject body url sentAt readAt status } } }"""
COUNT: Final = "{ myUnreadNotificationCount }"
BELL: Final = "{ myUnreadNotificationCount myNotifications(first: 5) { totalCount nodes { id kind subject } } }"
READ: Final = """mutation ($input: NotificationReadInput!) { notificationRead(input: $input) {
  notification { id readAt } unreadCount errors { code path } } }"""
READ_ALL: Final = """mutation ($input: NotificationsReadAllInput!) { notificationsReadAll(input: $input) {
  count unreadCount errors { code path } } }"""
NODE: Final = "query ($id: ID!) { node(id: $id) { id ... on Notification { subject } } }"
GUARDED: Final = "{ myNotifications { nodes { id %s } } }"
RECEIVED: Final = "subscription { notificationReceived { notification { id subject url } unreadCount } }"


async def mine(site: Site, who: Actor, **variables: Any) -> Any:
    return (await site.data(MINE, who, **variables))["myNotifications"]


async def test_a_user_lists_counts_and_reads_notifications(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    given = [str(await give(shop, ada)) for _ in range(3)]
    found = await mine(site, ada, first=2)
    assert (found["totalCount"], [each["id"] for each in found["nodes"]]) == (3, given[:0:-1])
    rest = await mine(site, ada, first=2, after=found["pageInfo"]["endCursor"])
    assert [each["id"] for each in rest["nodes"]] == given[:1]
    shown = found["nodes"][0]
    assert (shown["type"], shown["kind"], shown["status"]) == ("IN_APP", "ORDER_CANCELLED", "DELIVERED")
    assert (shown["subject"], shown["readAt"]) == ("Your order was cancelled", None)
    assert shown["url"] == "https://shop.example.com/orders/1001"
    read = (await site.data(READ, ada, input={"id": given[0]}))["notificationRead"]
    assert (read["notification"]["id"], read["unreadCount"], read["errors"]) == (given[0], 2, [])
    assert [each["id"] for each in (await mine(site, ada, filter={"unread": False}))["nodes"]] == given[:1]
    everything = (await site.data(READ_ALL, ada, input={}))["notificationsReadAll"]
    assert everything == {"count": 2, "unreadCount": 0, "errors": []}
    assert (await site.data(COUNT, ada)) == {"myUnreadNotificationCount": 0}


async def test_statements(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    given = [await give(shop, ada) for _ in range(3)]
    await site.data(BELL, ada)
    assert site.count.data == 3  # the unread, the page, and its number
    await site.data(READ, ada, input={"id": str(given[0])})
    assert site.count.data == 2  # the notification, and the unread
    await site.data(READ_ALL, ada, input={})
    assert site.count.data == 2


async def test_two_who_read_at_once_read_it_once(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    given = str(await give(shop, ada))
    answers = await asyncio.gather(*(site.data(READ, ada, input={"id": given}) for _ in range(3)))
    (read_at,) = {each["notificationRead"]["notification"]["readAt"] for each in answers}
    assert read_at is not None
    assert {each["notificationRead"]["unreadCount"] for each in answers} == {0}


async def test_nobody_else_sees_or_reads_them(
    shop: Storefront, site: Site, owner: Any, other_company: UUID, company: UUID
) -> None:
    ada, bob = await shop.customers(2)
    given = str(await give(shop, ada))
    for query in (MINE, COUNT):
        assert await site.denied(query) == "UNAUTHENTICATED"
    assert await site.denied(READ, input={"id": given}) == "UNAUTHENTICATED"
    assert await site.denied(READ_ALL, input={}) == "UNAUTHENTICATED"
    assert ada.user_id is not None
    await make_membership(owner, other_company, ada.user_id, CUSTOMER_ID)
    elsewhere = Actor(ada.kind, other_company, user_id=ada.user_id)
    for other in (bob, administrator(company), elsewhere):
        assert (await mine(site, other))["totalCount"] == 0
        refused = (await site.data(READ, other, input={"id": given}))["notificationRead"]
        assert (refused["notification"], refused["unreadCount"]) == (None, None)
        assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["input", "id"]}]
        assert (await site.data(READ_ALL, other, input={}))["notificationsReadAll"]["count"] == 0
    assert (await site.data(COUNT, ada)) == {"myUnreadNotificationCount": 1}
    for who in (bob, elsewhere, None):
        assert (await site.data(NODE, who, id=given))["node"] is None
    assert (await site.data(NODE, ada, id=given))["node"] == {"id": given, "subject": "Your order was cancelled"}


async def test_what_only_staff_see_is_refused(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    await give(shop, ada)
    for field in ("recipient", "userId", "user { id }", "logs { provider }"):
        answer = await site.ask(GUARDED % field, ada)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


async def test_an_unknown_notification_is_not_found(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    answer = (await site.data(READ, ada, input={"id": str(new_id())}))["notificationRead"]
    assert answer["errors"] == [{"code": "NOT_FOUND", "path": ["input", "id"]}]


async def test_a_user_receives_own_notifications_as_they_come(
    shop: Storefront, site: Site, live: LiveSite, other_company: UUID
) -> None:
    ada, bob = await shop.customers(2)
    elsewhere = Actor(ada.kind, other_company, user_id=ada.user_id)
    with counting() as count:
        async with (
            live.watching(RECEIVED, ada) as watched,
            live.watching(RECEIVED, bob) as others,
            live.watching(RECEIVED, elsewhere) as strangers,
        ):
            given = [str(await give(shop, ada)) for _ in range(2)]
            await give(shop, ada, NotificationKind.NEWS, variables={})  # not wanted
            count.data = 0
            await live.deliver()
            await watched.wait_for(2)
    assert count.data == 4  # of each event: the notification, and the unread
    assert [each["notification"]["id"] for each in watched.values] == given
    assert {each["unreadCount"] for each in watched.values} == {2}
    assert (others.answers, strangers.answers) == ([], [])
    assert live.topics >= {event.topic for event in INBOX.events}


async def test_an_email_and_the_notification_of_another_are_not_received(
    shop: Storefront, site: Site, live: LiveSite
) -> None:
    assert await live.refusal(RECEIVED) == "UNAUTHENTICATED"
    payload = {"notification_id": str(new_id()), "user_id": str(new_id()), "kind": "ORDER_PLACED"}
    key_of = INBOX.events[next(iter(INBOX.events))]
    assert key_of is not None
    assert key_of({**payload, "type": "IN_APP"}) == payload["user_id"]
    assert [key_of({**payload, "type": each}) for each in ("EMAIL", "SMS", "PUSH")] == [None] * 3
