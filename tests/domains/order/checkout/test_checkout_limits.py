"""Limits of checkout: unpaid orders are limited in number and time, payment methods by the settings."""

import asyncio
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.cart.errors import CartLimitExceeded
from domains.kernel.actor import Actor
from domains.order.errors import (
    GuestCheckoutDisabled,
    OrderTooLarge,
    TooManyUnpaidOrders,
)
from domains.order.models import NewOrder, Order, OrderStatus
from domains.order.payments.payments import PaymentData
from domains.payment.errors import PaymentDeclined, PaymentMethodNotAccepted
from domains.payment.methods import TENDERS
from domains.payment.models import PaymentAudience, PaymentMethod
from gateway.graphql.company.settings import update_settings
from tests.domains.order.storefront import DECLINED, HOME, Storefront

INVOICE, CASH, CARD = PaymentMethod.INVOICE, PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.CARD
DEFAULTS = """
with payment as (delete from payment_settings where company_id = $1)
delete from order_settings where company_id = $1
"""
ATTACKER, OFFICE = "203.0.113.9", "198.51.100.7"


@pytest.fixture
async def store(shop: Storefront, owner: Any) -> Storefront:
    """A shop whose settings are those of a new company."""
    await owner.execute(DEFAULTS, shop.company_id)
    await shop.stock("A", 2_000)
    return shop


async def settings(store: Storefront, **given: Any) -> None:
    await store.run(lambda tx: update_settings(store.services, tx, store.system, given))


async def offer(store: Storefront, **given: PaymentAudience) -> None:
    await store.run(lambda tx: store.services.payment.settings.update(tx, given))


async def order_as_guest(store: Storefront, quantity: int = 1, *, address: str = ATTACKER) -> tuple[Order, str]:
    """An order of a new guest from a network address, and its token."""
    guest = Actor.anonymous(store.company_id)
    token = await store.fill(guest, ("A", quantity))
    new = NewOrder(shipping=HOME, cart_token=token, email="invented@example.com")
    orders = store.services.order
    ticket = await orders.checkout.take_ticket(store.database, guest, address)
    placed = await store.run(lambda tx: orders.create_order(tx, guest, new, ticket), guest)
    return placed.order, placed.token


async def order_as(store: Storefront, actor: Actor, quantity: int = 1, address: str = OFFICE) -> Order:
    await store.fill(actor, ("A", quantity))
    orders = store.services.order
    ticket = await orders.checkout.take_ticket(store.database, actor, address)
    placed = await store.run(lambda tx: orders.create_order(tx, actor, NewOrder(shipping=HOME), ticket), actor)
    order: Order = placed.order
    return order


async def choose(
    store: Storefront, actor: Actor, order: Order, method: PaymentMethod, token: str | None = None
) -> Order:
    given = PaymentData(method=method, token=token)
    return await store.services.order.process_payment(store.database, actor, order.id, given)


# ------------------------------------------------------------------------------------------------ ways of paying


async def test_a_guest_cannot_reserve_the_stock_by_invoice(store: Storefront) -> None:
    guest = Actor.anonymous(store.company_id)
    first, token = await order_as_guest(store, 999)
    with pytest.raises(
        PaymentMethodNotAccepted, match=r"INVOICE is not accepted from guests. It can be paid by CARD."
    ):
        await choose(store, guest, first, INVOICE, token)
    with pytest.raises(TooManyUnpaidOrders):
        await order_as_guest(store, 999)
    assert await store.level("A") == (1_001, 999)
    store.clock.advance(timedelta(minutes=31))
    assert await store.services.order.expiry.end_unpaid(store.database, store.system) == 1
    assert await store.level("A") == (2_000, 0)


@pytest.mark.parametrize(
    ("audience", "guest", "customer"),
    [("EVERYONE", True, True), ("CUSTOMERS", False, True), ("NOBODY", False, False)],
)
async def test_a_payment_method_is_available_to_the_buyers_in_the_settings(
    store: Storefront, audience: str, guest: bool, customer: bool
) -> None:
    who = PaymentAudience(audience)
    await offer(store, card_payments=who, invoice_payments=who, cash_on_delivery=who)
    reader, ada = store.database.reader(store.company_id), await store.customer()
    methods = store.services.payment.methods.accepted
    offered = [method for method in PaymentMethod if method not in TENDERS]
    assert await methods(reader, Actor.anonymous(store.company_id)) == (offered if guest else [])
    assert await methods(reader, ada) == (offered if customer else [])
    order = await order_as(store, ada)
    if customer:
        assert (await choose(store, ada, order, CASH)).payment_method == CASH
    else:
        for method in (CASH, CARD):
            with pytest.raises(PaymentMethodNotAccepted, match="Ask the shop how to pay"):
                await choose(store, ada, order, method)


async def test_staff_choose_any_payment_method_for_others_and_accept_the_order(store: Storefront) -> None:
    clerk, ada = await store.staff(), await store.customer()
    order = await choose(store, clerk, await order_as(store, ada), CASH)
    assert (order.status, order.payment_method, order.expires_at) == (OrderStatus.CONFIRMED, CASH, None)


# ------------------------------------------------------------------------------------------------ acceptance


async def test_an_order_by_invoice_waits_for_staff_and_expires_without_acceptance(store: Storefront) -> None:
    ada = await store.customer()
    order = await order_as(store, ada, 3)
    placed_at = order.created_at
    waiting = await choose(store, ada, order, INVOICE)
    assert (waiting.status, waiting.payment_method) == (OrderStatus.PENDING, INVOICE)
    assert waiting.expires_at == placed_at + timedelta(hours=72)
    store.clock.advance(timedelta(hours=71))
    again = await choose(store, ada, order, INVOICE)
    assert again.expires_at == waiting.expires_at
    assert await store.services.order.expiry.end_unpaid(store.database, store.system) == 0
    assert await store.level("A") == (1_997, 3)
    store.clock.advance(timedelta(hours=2))
    assert await store.services.order.expiry.end_unpaid(store.database, store.system) == 1
    assert await store.level("A") == (2_000, 0)
    assert await store.history(order.id) == [
        ("PENDING", None),
        ("PENDING", "INVOICE: waits to be accepted"),
        ("FAILED", "Not accepted in time"),
    ]


async def test_choosing_another_payment_method_repeatedly_does_not_extend_the_expiry(store: Storefront) -> None:
    await offer(store, cash_on_delivery=PaymentAudience.CUSTOMERS)
    ada = await store.customer()
    order = await order_as(store, ada)
    until = (await choose(store, ada, order, INVOICE)).expires_at
    store.clock.advance(timedelta(hours=70))
    for method in (CASH, INVOICE, CASH):
        assert (await choose(store, ada, order, method)).expires_at == until


async def test_staff_accept_a_waiting_order_and_its_units_stay_reserved(store: Storefront, owner: Any) -> None:
    ada = await store.customer()
    order = await choose(store, ada, await order_as(store, ada), INVOICE)
    accepted = await store.run(
        lambda tx: store.services.order.update_status(tx, store.system, order.id, OrderStatus.CONFIRMED)
    )
    assert (accepted.status, accepted.expires_at, accepted.placed_from) == (OrderStatus.CONFIRMED, None, None)
    store.clock.advance(timedelta(days=30))
    assert await store.services.order.expiry.end_unpaid(store.database, store.system) == 0
    reserved_until = await owner.fetchval("select expires_at from reservations where order_id = $1", order.id)
    assert reserved_until is None


@pytest.mark.parametrize(("limit", "status"), [("9.99", "PENDING"), ("10.00", "CONFIRMED"), (None, "PENDING")])
async def test_orders_up_to_the_configured_total_are_accepted_at_once(
    store: Storefront, limit: str | None, status: str
) -> None:
    await settings(store, accept_unpaid_up_to=None if limit is None else Decimal(limit))
    ada = await store.customer()
    assert (await choose(store, ada, await order_as(store, ada), INVOICE)).status == status


async def test_an_order_waiting_for_acceptance_can_be_paid_by_card(store: Storefront) -> None:
    ada = await store.customer()
    order = await choose(store, ada, await order_as(store, ada), INVOICE)
    assert (await store.pay(ada, order)).status is OrderStatus.PAID


async def test_a_declined_card_leaves_the_order_waiting_for_acceptance(store: Storefront) -> None:
    ada = await store.customer()
    order = await choose(store, ada, await order_as(store, ada), INVOICE)
    with pytest.raises(PaymentDeclined):
        await store.pay(ada, order, DECLINED)
    waiting = await store.order(order.id)
    assert (waiting.status, waiting.payment_method, waiting.expires_at) == (
        OrderStatus.PENDING,
        INVOICE,
        order.expires_at,
    )
    store.clock.advance(timedelta(hours=72))
    assert await store.services.order.expiry.end_unpaid(store.database, store.system) == 1
    assert (await store.history(order.id))[-1] == ("FAILED", "Not accepted in time")


async def test_choosing_a_payment_method_does_not_shorten_the_expiry(store: Storefront) -> None:
    await settings(store, payment_minutes=1_440, acceptance_hours=1)
    ada = await store.customer()
    order = await order_as(store, ada)
    store.clock.advance(timedelta(hours=2))
    waiting = await choose(store, ada, order, INVOICE)
    assert waiting.expires_at == order.expires_at == order.created_at + timedelta(days=1)
    assert await store.services.order.expiry.end_unpaid(store.database, store.system) == 0


async def test_parallel_acceptance_and_expiry_have_one_outcome(store: Storefront) -> None:
    ada = await store.customer()
    order = await choose(store, ada, await order_as(store, ada), INVOICE)
    store.clock.advance(timedelta(hours=73))
    orders = store.services.order
    outcomes = await asyncio.gather(
        store.run(lambda tx: orders.update_status(tx, store.system, order.id, OrderStatus.CONFIRMED)),
        orders.expiry.end_unpaid(store.database, store.system),
        return_exceptions=True,
    )
    after = await store.order(order.id)
    if after.status is OrderStatus.CONFIRMED:
        assert (outcomes[1], await store.level("A")) == (0, (1_999, 1))
    else:
        assert (after.status, await store.level("A")) == (OrderStatus.FAILED, (2_000, 0))


# ------------------------------------------------------------------------------------------------ sizes and numbers


async def test_guests_cannot_order_where_guest_checkout_is_disabled(store: Storefront) -> None:
    await settings(store, guest_checkout=False)
    with pytest.raises(GuestCheckoutDisabled, match="Log in or register"):
        await order_as_guest(store)
    assert (await order_as(store, await store.customer())).status is OrderStatus.PENDING


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"max_order_units": 4}, "at most 4 units; this order has 5"),
        ({"max_order_value": Decimal("49.99")}, r"at most 49.99 EUR; the total is 50.00 EUR"),
    ],
)
async def test_an_order_above_the_largest_total_is_refused(store: Storefront, limits: Any, message: str) -> None:
    ada = await store.customer()
    await store.fill(ada, ("A", 5))
    await settings(store, **limits)
    with pytest.raises(OrderTooLarge, match=message):
        await store.place(ada)
    assert await store.level("A") == (2_000, 0)


async def test_the_company_limits_lines_and_units(store: Storefront) -> None:
    await store.stock("W", 200_000)
    ada = await store.customer()
    with pytest.raises(CartLimitExceeded, match="at most 999 units"):
        await store.fill(ada, ("W", 1_000))
    await settings(store, max_line_units=150_000, max_order_units=150_000, max_order_lines=1)
    await store.fill(ada, ("W", 150_000))
    with pytest.raises(CartLimitExceeded, match="at most 1 lines"):
        await store.fill(ada, ("A", 1))
    assert (await store.place(ada)).order.total == Decimal("1500000.00")


async def test_unpaid_orders_of_one_network_are_limited(store: Storefront) -> None:
    await settings(store, max_unpaid_orders=3)
    for _ in range(3):
        await order_as_guest(store)
    with pytest.raises(TooManyUnpaidOrders, match="Pay or cancel one of them"):
        await order_as_guest(store)
    assert (await order_as_guest(store, address=OFFICE))[0].status is OrderStatus.PENDING
    store.clock.advance(timedelta(minutes=31))
    while await store.services.order.expiry.end_unpaid(store.database, store.system):
        pass
    assert (await order_as_guest(store))[0].status is OrderStatus.PENDING


async def test_an_ipv6_network_counts_as_one_address(store: Storefront) -> None:
    await settings(store, max_unpaid_orders=1)
    await order_as_guest(store, address="2001:db8:1:2::1")
    with pytest.raises(TooManyUnpaidOrders):
        await order_as_guest(store, address="2001:db8:1:2:ffff::9")


async def test_unpaid_orders_of_a_customer_are_counted_over_all_networks(store: Storefront) -> None:
    await settings(store, max_unpaid_orders=1)
    ada = await store.customer()
    first = await order_as(store, ada, address=OFFICE)
    with pytest.raises(TooManyUnpaidOrders):
        await order_as(store, ada, address=ATTACKER)
    await store.services.order.cancel_order(store.database, ada, first.id)
    assert (await order_as(store, ada, address=ATTACKER)).status is OrderStatus.PENDING


async def test_a_paid_order_does_not_count_and_its_network_is_deleted(store: Storefront) -> None:
    await settings(store, max_unpaid_orders=1)
    ada = await store.customer()
    order = await order_as(store, ada)
    assert order.placed_from == OFFICE
    await store.pay(ada, order)
    assert (await store.order(order.id)).placed_from is None
    assert (await order_as(store, ada)).status is OrderStatus.PENDING


async def test_twenty_parallel_orders_are_limited_to_the_allowed_number(store: Storefront) -> None:
    await settings(store, max_unpaid_orders=5)
    outcomes = await asyncio.gather(*(order_as_guest(store) for _ in range(20)), return_exceptions=True)
    assert Counter(map(type, outcomes)) == {tuple: 5, TooManyUnpaidOrders: 15}


async def test_parallel_large_orders_together_stay_below_the_largest_total(store: Storefront) -> None:
    """Of a customer and of guests, from one network: each order counts again after the others are written."""
    ada, guest = await store.customer(), Actor.anonymous(store.company_id)
    await store.fill(ada, ("A", 400))
    tokens = [await store.fill(guest, ("A", 400)) for _ in range(9)]
    orders = store.services.order

    async def place(actor: Actor, new: NewOrder) -> Order:
        ticket = await orders.checkout.take_ticket(store.database, actor, ATTACKER)
        placed = await store.run(lambda tx: orders.create_order(tx, actor, new, ticket), actor)
        order: Order = placed.order
        return order

    guests = (place(guest, NewOrder(shipping=HOME, cart_token=each, email="x@example.com")) for each in tokens)
    outcomes = await asyncio.gather(place(ada, NewOrder(shipping=HOME)), *guests, return_exceptions=True)
    assert Counter(map(type, outcomes)) == {Order: 2, TooManyUnpaidOrders: 8}
    assert await store.level("A") == (1_200, 800)


async def test_orders_with_a_zero_total_count_until_staff_process_them(store: Storefront) -> None:
    await settings(store, max_unpaid_orders=2)
    await store.promotion(code="ALL", discount_value=Decimal(100), is_automatic=True)
    first, _ = await order_as_guest(store)
    assert (first.status, first.total, first.placed_from) == (OrderStatus.CONFIRMED, Decimal(0), ATTACKER)
    second, _ = await order_as_guest(store)
    with pytest.raises(TooManyUnpaidOrders, match="not processed if they are free"):
        await order_as_guest(store)
    orders = store.services.order
    await store.run(lambda tx: orders.update_status(tx, store.system, first.id, OrderStatus.PROCESSING))
    await order_as_guest(store)
    await orders.cancel_order(store.database, store.system, second.id)
    await order_as_guest(store)
    assert [(await store.order(each.id)).placed_from for each in (first, second)] == [None, None]
