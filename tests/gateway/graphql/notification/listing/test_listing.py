"""Staff see the notifications of the company and of orders with their logs, and send them again."""

from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.notification.models import NewNotification, NotificationKind, NotificationType
from domains.notification.templates.samples import SAMPLES
from domains.order.models import Order
from tests.domains.actors import administrator, member
from tests.domains.order.storefront import Storefront
from tests.gateway.site import Site

ALL: Final = """query ($filter: NotificationFilterInput, $sortBy: NotificationSortInput, $first: Int) {
  notifications(filter: $filter, sortBy: $sortBy, first: $first) { totalCount nodes {
    id type kind status recipient subject body failureReason user { id } order { id }
    logs { status provider error } } } }"""
OF_ORDERS: Final = "{ orders { nodes { id notifications { id kind logs { provider } } } } }"
OF_ORDER: Final = "query ($id: ID!) { order(id: $id) { notifications { id kind } } }"
RETRY: Final = """mutation ($input: NotificationRetryInput!) { notificationRetry(input: $input) {
  notification { id kind status recipient } errors { code path } } }"""
RESEND: Final = """mutation ($input: OrderConfirmationResendInput!) { orderConfirmationResend(input: $input) {
  notification { id kind status order { id } } errors { code path } } }"""
NODE: Final = "query ($id: ID!) { node(id: $id) { ... on Notification { kind recipient } } }"
A = PermissionAction


def clerk(company: UUID, *grants: tuple[PermissionResource, PermissionAction]) -> Actor:
    return member(company, "CLERK", 1, frozenset(Grant(*grant) for grant in grants))


async def create(shop: Storefront, kind: NotificationKind, **given: Any) -> str:
    """Create an e-mail and send it."""
    new = NewNotification(kind=kind, dedupe_key=str(new_id()), recipient="ann@example.com", **given)
    parts = shop.services.notification
    (made,) = await shop.run(lambda tx: parts.notifications.create(tx, [new]))
    await parts.delivery.send(shop.database, shop.company_id, made, 1)
    return str(made)


@pytest.fixture
async def order(shop: Storefront, site: Site) -> Order:
    """An order whose buyer was sent the confirmation."""
    await shop.stock("A", 9)
    made: Order = await shop.buy(await shop.customer(), ("A", 1))
    repeats, parts = shop.services.notification.order_repeats, shop.services.notification
    confirmation = await shop.run(lambda tx: repeats.resend_confirmation(tx, made.id))
    await parts.delivery.send(shop.database, shop.company_id, confirmation.id, 1)
    site.mailbox.mails.clear()
    return made


async def listed(site: Site, who: Actor, **variables: Any) -> Any:
    return (await site.data(ALL, who, **variables))["notifications"]


async def test_staff_see_what_was_sent_and_its_log(shop: Storefront, site: Site, order: Order, company: UUID) -> None:
    admin = administrator(company)
    secret = await create(shop, NotificationKind.PASSWORD_RESET, variables=SAMPLES[NotificationKind.PASSWORD_RESET])
    refused = await create(shop, NotificationKind.NEWS, variables={})
    found = await listed(site, admin)
    assert site.count.data == 5  # the page, its number, the logs, the users, the orders
    assert (found["totalCount"], [each["id"] for each in found["nodes"]][:2]) == (3, [refused, secret])
    by_kind = {each["kind"]: each for each in found["nodes"]}
    placed = by_kind["ORDER_PLACED"]
    assert (placed["status"], placed["recipient"], placed["order"]) == ("SENT", order.email, {"id": str(order.id)})
    assert (placed["user"], order.order_number in placed["body"]) == ({"id": str(order.user_id)}, True)
    assert placed["logs"] == [{"status": "SENT", "provider": "MAILBOX", "error": None}]
    assert (by_kind["PASSWORD_RESET"]["subject"], by_kind["PASSWORD_RESET"]["body"]) == (None, None)
    assert (by_kind["NEWS"]["status"], by_kind["NEWS"]["failureReason"]) == ("FAILED", "NOT_WANTED")
    assert by_kind["NEWS"]["logs"] == [{"status": "FAILED", "provider": "none", "error": "NOT_WANTED"}]


async def test_filters_and_orders(shop: Storefront, site: Site, order: Order, company: UUID) -> None:
    admin = administrator(company)
    news = await create(shop, NotificationKind.NEWS, variables={})
    in_shop = await create(shop, NotificationKind.PASSWORD_CHANGED, type=NotificationType.IN_APP)

    async def ids(**filter: Any) -> list[str]:
        return [each["id"] for each in (await listed(site, admin, filter=filter))["nodes"]]

    (placed,) = await ids(orderId=str(order.id))
    assert await ids(status=["FAILED"]) == [news]
    assert await ids(type=["IN_APP"]) == [in_shop]
    assert await ids(kind=["ORDER_PLACED"], category=["ORDERS"]) == [placed]
    assert await ids(recipient="Ann@Example.com", type=["EMAIL"]) == [news]
    assert await ids(userId=str(order.user_id)) == [placed]
    assert await ids(start="2100-01-01T00:00:00Z") == []
    assert len(await ids(end="2100-01-01T00:00:00Z")) == 3
    first = await listed(site, admin, sortBy={"field": "SCHEDULED_AT", "direction": "ASC"}, first=1)
    assert [each["id"] for each in first["nodes"]] == [placed]
    inverted = {"start": "2100-01-01T00:00:00Z", "end": "2000-01-01T00:00:00Z"}
    answer = await site.ask(ALL, admin, filter=inverted)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["RANGE_INVERTED"]


async def test_orders_show_their_notifications_by_one_statement(
    shop: Storefront, site: Site, order: Order, company: UUID
) -> None:
    reader = clerk(company, (PermissionResource.ORDERS, A.READ))
    await site.data(OF_ORDERS, reader)
    alone = site.count.data
    other = await shop.buy(await shop.customer(), ("A", 1))
    repeats = shop.services.notification.order_repeats
    await shop.run(lambda tx: repeats.resend_confirmation(tx, other.id))
    found = (await site.data(OF_ORDERS, reader))["orders"]["nodes"]
    assert site.count.data == alone == 3  # the orders, their notifications, their logs
    assert {each["id"]: [one["kind"] for one in each["notifications"]] for each in found} == {
        str(order.id): ["ORDER_PLACED"],
        str(other.id): ["ORDER_PLACED"],
    }


async def test_a_failed_one_is_retried_and_a_confirmation_sent_again(
    shop: Storefront, site: Site, order: Order, owner: Any, company: UUID
) -> None:
    admin = administrator(company)
    (placed,) = (await listed(site, admin, filter={"orderId": str(order.id)}))["nodes"]
    refused = (await site.data(RETRY, admin, input={"id": placed["id"]}))["notificationRetry"]
    assert refused["errors"] == [{"code": "NOTIFICATION_NOT_FAILED", "path": ["input", "id"]}]
    await owner.execute("update notifications set status = 'FAILED' where id = $1", UUID(placed["id"]))
    retried = [(await site.data(RETRY, admin, input={"id": placed["id"]}))["notificationRetry"] for _ in range(2)]
    assert retried[0] == retried[1]
    assert retried[0]["errors"] == []
    assert (retried[0]["notification"]["status"], retried[0]["notification"]["recipient"]) == ("PENDING", order.email)
    sent = (await site.data(RESEND, admin, input={"orderId": str(order.id)}))["orderConfirmationResend"]
    assert (sent["errors"], sent["notification"]["order"]) == ([], {"id": str(order.id)})
    unknown = (await site.data(RESEND, admin, input={"orderId": str(new_id())}))["orderConfirmationResend"]
    assert unknown["errors"] == [{"code": "NOT_FOUND", "path": ["input", "orderId"]}]


async def test_the_wrong_role_and_strangers_are_refused_and_nothing_is_sent(
    shop: Storefront, site: Site, order: Order, owner: Any, company: UUID, other_company: UUID
) -> None:
    admin, stranger = administrator(company), administrator(other_company)
    (placed,) = (await listed(site, admin, filter={"orderId": str(order.id)}))["nodes"]
    await owner.execute("update notifications set status = 'FAILED' where id = $1", UUID(placed["id"]))
    buyer = Actor(admin.kind, company, user_id=order.user_id)
    orders, users = ((each, A.READ) for each in (PermissionResource.ORDERS, PermissionResource.USERS))
    retry, resend = {"input": {"id": placed["id"]}}, {"input": {"orderId": str(order.id)}}
    for query, given in ((ALL, {}), (RETRY, retry), (RESEND, resend)):
        assert await site.denied(query, **given) == "UNAUTHENTICATED"
        assert await site.denied(query, buyer, **given) == "FORBIDDEN"
        assert await site.denied(query, clerk(company, orders), **given) == "FORBIDDEN"
    for query, given in ((RETRY, retry), (RESEND, resend)):
        assert await site.denied(query, clerk(company, users), **given) == "FORBIDDEN"
    assert (await listed(site, stranger))["totalCount"] == 0
    for query, name, given in ((RETRY, "notificationRetry", retry), (RESEND, "orderConfirmationResend", resend)):
        (error,) = (await site.data(query, stranger, **given))[name]["errors"]
        assert error["code"] == "NOT_FOUND"
    assert await owner.fetchval("select count(*) from notifications where company_id = $1", company) == 1
    for who, seen in ((None, False), (buyer, False), (stranger, False), (clerk(company, users), True)):
        assert ((await site.data(NODE, who, id=placed["id"]))["node"] is not None) is seen
    own = await site.ask(OF_ORDER, buyer, id=str(order.id))
    assert [error["extensions"]["code"] for error in own["errors"]] == ["FORBIDDEN"]
