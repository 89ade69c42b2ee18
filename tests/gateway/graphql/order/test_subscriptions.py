"""Subscriptions of orders: who gets what, from a purchase to its end, and the statements of an event."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import AsyncMock
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.kernel.values.money import Money
from domains.order.models import Order, OrderStatus
from domains.payment.errors import PaymentDeclined
from domains.payment.models import TransactionStatus, TransactionType
from domains.payment.providers.results import ProviderPayment, ProviderStatus, ProviderTransaction
from domains.role.models import SystemRole
from gateway.graphql.order.subscriptions import NEW_ORDERS, ORDER_STATUS
from gateway.providers.mock.mock_payments import MockPayments
from tests.conditions import wait_until
from tests.domains.actors import administrator
from tests.domains.order.storefront import DECLINED, Storefront
from tests.gateway.live.live_site import LiveSite
from tests.gateway.live.subscribers import Watched
from tests.gateway.site import Site

STATUS = """subscription ($orderId: ID!, $orderToken: String) {
  orderStatusChanged(orderId: $orderId, orderToken: $orderToken) { order { id status } } }"""
CREATED = """subscription ($filter: OrderFilterInput) {
  orderCreated(filter: $filter) { order { orderNumber total { amount } } } }"""


def member(company_id: UUID, *grants: tuple[PermissionResource, PermissionAction]) -> Actor:
    return Actor(ActorKind.USER, company_id, user_id=new_id(), grants=frozenset(Grant(*grant) for grant in grants))


READ = (PermissionResource.ORDERS, PermissionAction.READ)
WRONG = (PermissionResource.PRODUCTS, PermissionAction.MANAGE)


def statuses(watched: Watched) -> list[str]:
    return [value["order"]["status"] for value in watched.values]


async def received(live: LiveSite, watched: Watched, count: int) -> None:
    """Deliver what was committed, until the client has so many answers."""
    await live.deliver()
    await watched.wait_for(count)


async def move(shop: Storefront, clerk: Actor, order: Order, status: OrderStatus) -> None:
    await shop.run(lambda tx: shop.services.order.update_status(tx, clerk, order.id, status), clerk)


async def dispute(shop: Storefront, order: Order, status: TransactionStatus) -> None:
    """Have the provider tell of a dispute: PENDING while it is open, FAILED when the shop has won."""
    (payment,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    taken = ProviderTransaction(
        f"dp_{payment.id}", TransactionType.CHARGEBACK, status, Money(payment.amount, "EUR"), shop.clock.now()
    )
    answer = ProviderPayment(
        ProviderStatus.SUCCEEDED, payment.provider_transaction_id, taken.amount, transactions=(taken,)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MockPayments, "find", AsyncMock(return_value=answer))
        await shop.services.order.reconciliation.look_up(shop.database, shop.system, payment)


async def paid_and_disputed(shop: Storefront, buyer: Actor, order: Order) -> None:
    """Pay an order, whose payment is then disputed; the shop wins."""
    await shop.pay(buyer, order)
    for status in (TransactionStatus.PENDING, TransactionStatus.FAILED):
        await dispute(shop, order, status)


async def test_a_customer_follows_an_order_until_it_is_delivered(shop: Storefront, live: LiveSite) -> None:
    await shop.stock("A", 5)
    ada, clerk = await shop.customer(), await shop.staff()
    order = await shop.buy(ada, ("A", 1))
    async with live.watching(STATUS, ada, orderId=str(order.id)) as watched:
        await shop.pay(ada, order)
        await received(live, watched, 2)
        for count, status in enumerate((OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED), 3):
            await move(shop, clerk, order, status)
            await received(live, watched, count)
    assert statuses(watched) == ["PAID", "PAID", "PROCESSING", "SHIPPED", "DELIVERED"]
    assert {value["order"]["id"] for value in watched.values} == {str(order.id)}


async def test_a_guest_follows_an_order_by_its_token(shop: Storefront, live: LiveSite) -> None:
    await shop.stock("A", 5)
    guest = Actor.anonymous(shop.company_id)
    cart = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=cart, email="g@example.com")
    order_id = str(placed.order.id)
    for token in (None, cart, "no token"):
        assert await live.refusal(STATUS, guest, orderId=order_id, orderToken=token) == "NOT_FOUND"
    async with live.watching(STATUS, guest, orderId=order_id, orderToken=placed.token) as watched:
        await shop.services.order.cancel_order(shop.database, guest, placed.order.id, token=placed.token)
        await received(live, watched, 1)
    assert statuses(watched) == ["CANCELLED"]


async def test_every_change_of_a_status_is_an_event(shop: Storefront, live: LiveSite) -> None:
    await shop.owner.execute(
        "update order_settings set accept_unpaid_up_to = 15 where company_id = $1", shop.company_id
    )
    await shop.stock("A", 50)
    clerk, ada = await shop.staff(), await shop.customer()

    async def declined(order: Order) -> None:
        with pytest.raises(PaymentDeclined):
            await shop.pay(ada, order, DECLINED)

    async def cancelled(order: Order) -> None:
        await shop.services.order.cancel_order(shop.database, clerk, order.id)

    async def paid_and_cancelled(order: Order) -> None:
        await shop.pay(ada, order)
        await cancelled(order)

    async def authorized_and_cancelled(order: Order) -> None:
        await shop.authorize(ada, order)
        await cancelled(order)
        shop.clock.advance(timedelta(minutes=5))
        await shop.services.order.reconciliation.reconcile(shop.database, shop.system)

    async def processed(order: Order) -> None:
        await shop.accept(ada, order)
        await move(shop, clerk, order, OrderStatus.PROCESSING)

    async def expired(order: Order) -> None:
        shop.clock.at += timedelta(days=30)
        assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 3  # two are of earlier acts

    for act, quantity, expected in (
        (partial(paid_and_disputed, shop, ada), 1, ["PAID"] * 4),
        (declined, 1, ["PENDING"] * 2),
        (partial(shop.accept, ada), 1, ["CONFIRMED"]),
        (partial(shop.accept, ada), 2, ["PENDING"]),
        (cancelled, 1, ["CANCELLED"]),
        (paid_and_cancelled, 1, ["REFUNDED"] * 4),
        (authorized_and_cancelled, 1, ["CANCELLED"] * 4),
        (processed, 1, ["PROCESSING"] * 2),
        (expired, 1, ["FAILED"]),
    ):
        order = await shop.buy(ada, ("A", quantity))
        async with live.watching(STATUS, ada, orderId=str(order.id)) as watched:
            await act(order)
            await received(live, watched, len(expected))
        assert statuses(watched) == expected, act
    assert live.topics >= {event.topic for event in (*ORDER_STATUS.events, *NEW_ORDERS.events)}


async def test_an_order_that_an_actor_may_not_see_does_not_exist(
    shop: Storefront, live: LiveSite, other_company: UUID
) -> None:
    await shop.stock("A", 5)
    order = await shop.buy(await shop.customer(), ("A", 1))
    refused = (
        None,
        member(shop.company_id),
        member(shop.company_id, WRONG),
        administrator(other_company),
        Actor.anonymous(other_company),
    )
    for who in refused:
        seen = [await live.refusal(STATUS, who, orderId=str(id_)) for id_ in (order.id, new_id())]
        assert seen == ["NOT_FOUND", "NOT_FOUND"], who
    async with live.watching(STATUS, member(shop.company_id, READ), orderId=str(order.id)) as watched:
        await shop.services.order.cancel_order(shop.database, shop.system, order.id)
        await received(live, watched, 1)


async def test_staff_get_each_new_order(shop: Storefront, live: LiveSite, other_company: UUID) -> None:
    await shop.stock("A", 50)
    reader = member(shop.company_id, READ)
    for who, code in (
        (None, "UNAUTHENTICATED"),
        (member(shop.company_id), "FORBIDDEN"),
        (member(shop.company_id, WRONG), "FORBIDDEN"),
    ):
        assert await live.refusal(CREATED, who) == code
    async with (
        live.watching(CREATED, reader) as watched,
        live.watching(CREATED, administrator(other_company)) as elsewhere,
    ):
        orders = [await shop.buy(await shop.customer(), ("A", quantity)) for quantity in (1, 3)]
        await received(live, watched, 2)
    assert watched.values == [
        {"order": {"orderNumber": order.order_number, "total": {"amount": amount}}}
        for order, amount in zip(orders, ("10.00", "30.00"), strict=True)
    ]
    assert elsewhere.answers == []


async def test_new_orders_are_filtered(shop: Storefront, live: LiveSite) -> None:
    await shop.stock("A", 50)
    reader = member(shop.company_id, READ)
    async with (
        live.watching(CREATED, reader, filter={"totalAtLeast": "20"}) as large,
        live.watching(CREATED, reader, filter={"isGuest": True}) as guests,
        live.watching(CREATED, reader, filter={"createdBefore": "2020-01-01"}) as earlier,
    ):
        for quantity in (1, 3, 1):
            await shop.buy(await shop.customer(), ("A", quantity))
        await received(live, large, 1)
    assert [value["order"]["total"]["amount"] for value in large.values] == ["30.00"]
    assert (guests.answers, earlier.answers) == ([], [])


@pytest.mark.parametrize(
    ("filter", "code"),
    [
        ({"totalAtLeast": "2", "totalAtMost": "1"}, "RANGE_INVERTED"),
        ({"statuses": ["PENDING"] * 21}, "TOO_MANY"),
        ({"sku": "x" * 300}, "TOO_LONG"),
    ],
)
async def test_an_invalid_filter_is_refused_at_once(
    shop: Storefront, live: LiveSite, filter: dict[str, Any], code: str
) -> None:
    assert await live.refusal(CREATED, member(shop.company_id, READ), filter=filter) == code


async def test_an_event_executes_a_statement_for_the_actor_and_one_for_the_order(
    shop: Storefront, site: Site, live: LiveSite
) -> None:
    await shop.stock("A", 50)
    clerk = await site.token(SystemRole.ADMIN)
    for query, condition in ((STATUS, None), (CREATED, None), (CREATED, {"isGuest": False})):
        order = await shop.buy(await shop.customer(), ("A", 1))
        given = {"orderId": str(order.id)} if query == STATUS else {"filter": condition}
        await live.deliver()
        with counting() as count:
            async with live.watching(query, clerk, **given) as watched:
                await shop.buy(await shop.customer(), ("A", 1))
                await move(shop, shop.system, order, OrderStatus.CONFIRMED)
                count.data = count.actor = 0
                await received(live, watched, 1)
        assert (count.actor, count.data) == (1, 1), query


async def test_an_order_that_was_handed_over_ends_the_subscription_of_its_customer(
    shop: Storefront, live: LiveSite, owner: Any
) -> None:
    await shop.stock("A", 5)
    ada, eve = await shop.customer(), await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    async with live.watching(STATUS, ada, orderId=str(order.id)) as watched:
        await owner.execute("update orders set user_id = $2 where id = $1", order.id, eve.user_id)
        await shop.services.order.cancel_order(shop.database, eve, order.id)
        await live.deliver()
        await watched.end()
    assert watched.values == ["NOT_FOUND"]


async def test_staff_who_lose_the_permission_get_no_further_order(
    shop: Storefront, site: Site, live: LiveSite
) -> None:
    await shop.stock("A", 5)
    site.actors["clerk"] = reader = member(shop.company_id, READ)
    async with live.watching(CREATED, "clerk") as watched:
        await shop.buy(await shop.customer(), ("A", 1))
        await received(live, watched, 1)
        site.actors["clerk"] = replace(reader, grants=frozenset())
        await shop.buy(await shop.customer(), ("A", 1))
        await live.deliver()
        await wait_until(watched.ended.is_set)
    assert watched.codes == ["FORBIDDEN"]
    assert watched.values[1] == "FORBIDDEN"
