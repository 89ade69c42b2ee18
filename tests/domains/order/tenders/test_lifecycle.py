"""Orders that tenders have paid in part: they expire, are cancelled, accepted, authorized and paid like others."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.order import lifecycle
from domains.order.errors import OrderExpired, OrderNotPayable, TooManyUnpaidOrders
from domains.order.models import CreatedOrder, NewOrder, Order, OrderPaymentStatus, OrderStatus
from domains.order.summary import OrderFacts
from domains.payment.errors import PaymentDeclined
from domains.payment.models import PaymentMethod, RefundStatus
from gateway.graphql.company.settings import update_settings
from tests.domains.order.storefront import DECLINED, HOME, SILENT_CHARGED, SILENT_UNCHARGED, Storefront
from tests.domains.order.tenders.wallet import Card, Wallet


@pytest.fixture
async def card(wallet: Wallet, ada: Actor) -> Card:
    return await wallet.card("5.00")


@pytest.fixture
async def order(wallet: Wallet, ada: Actor, card: Card) -> Any:
    """An order of 20.00 EUR, of which a gift card has paid 5.00."""
    return await wallet.buy(ada, 2, card)


async def expire(shop: Storefront) -> int:
    shop.clock.advance(timedelta(minutes=31))
    return await shop.services.order.expiry.end_unpaid(shop.database, shop.system)


async def test_an_order_that_is_not_paid_in_time_gives_the_card_its_amount_back(
    shop: Storefront, wallet: Wallet, card: Card, order: Order
) -> None:
    assert await expire(shop) == 1
    failed = await wallet.order(order)
    assert (failed.status, failed.payment_status) == (OrderStatus.FAILED, OrderPaymentStatus.REFUNDED)
    assert (failed.amount_captured, failed.amount_refunded) == (5, 5)
    assert (await wallet.balance(card), await shop.level("A")) == (5, (50, 0))
    assert await wallet.refunds(order) == [(RefundStatus.SUCCEEDED, 5)]
    assert await wallet.booked(order) == {}
    assert await shop.topics() == ["order.created", "order.failed", "order.refunded"]
    assert await expire(shop) == 0


async def test_a_refund_that_was_not_sent_is_sent_by_the_reconciliation(
    shop: Storefront, wallet: Wallet, card: Card, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise ConnectionError("the process died")

    shop.clock.advance(timedelta(minutes=31))
    with monkeypatch.context() as dying:
        dying.setattr(type(shop.services.order.refunds), "send_all", lost)
        with pytest.raises(ExceptionGroup):
            await shop.services.order.expiry.end_unpaid(shop.database, shop.system)
    assert (await wallet.order(order)).status is OrderStatus.FAILED
    assert (await wallet.refunds(order), await wallet.balance(card)) == ([(RefundStatus.PENDING, 5)], 0)
    shop.clock.advance(timedelta(minutes=3))
    assert await shop.services.order.reconciliation.reconcile(shop.database, shop.system) == 1
    assert (await wallet.refunds(order), await wallet.balance(card)) == ([(RefundStatus.SUCCEEDED, 5)], 5)
    assert (await wallet.order(order)).amount_refunded == 5


async def test_a_buyer_who_cancels_gets_the_balance_back(
    shop: Storefront, wallet: Wallet, ada: Actor, card: Card, order: Order
) -> None:
    cancelled: Any = await shop.services.order.cancel_order(shop.database, ada, order.id)
    assert (cancelled.status, cancelled.amount_refunded, await wallet.balance(card)) == (OrderStatus.REFUNDED, 5, 5)
    assert [status for status, _ in await shop.history(order.id)] == ["PENDING", "PENDING", "CANCELLED", "REFUNDED"]
    assert await wallet.booked(order) == {}


async def test_a_card_that_is_declined_leaves_the_order_to_be_paid(
    shop: Storefront, wallet: Wallet, ada: Actor, card: Card, order: Order
) -> None:
    with pytest.raises(PaymentDeclined):
        await shop.pay(ada, order, DECLINED)
    declined = await wallet.order(order)
    assert (declined.status, declined.amount_captured) == (OrderStatus.PENDING, 5)
    assert declined.expires_at == order.expires_at
    assert (await shop.pay(ada, order)).status is OrderStatus.PAID


async def test_a_decline_after_the_time_limit_fails_the_order_and_refunds_the_card(
    shop: Storefront, wallet: Wallet, ada: Actor, card: Card, order: Order
) -> None:
    await shop.pay(ada, order, SILENT_UNCHARGED)
    assert (await wallet.order(order)).status is OrderStatus.PAYMENT_PENDING
    assert await expire(shop) == 0
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    failed = await wallet.order(order)
    assert (failed.status, failed.amount_refunded, await wallet.balance(card)) == (OrderStatus.FAILED, 5, 5)


async def test_a_charge_that_is_known_after_the_time_limit_pays_the_order(
    shop: Storefront, wallet: Wallet, ada: Actor, card: Card, order: Order
) -> None:
    await shop.pay(ada, order, SILENT_CHARGED)
    assert await expire(shop) == 0
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    paid = await wallet.order(order)
    assert (paid.status, paid.amount_captured, await wallet.balance(card)) == (OrderStatus.PAID, 20, 0)


async def test_an_expired_order_cannot_be_paid(shop: Storefront, ada: Actor, order: Order) -> None:
    shop.clock.advance(timedelta(minutes=31))
    with pytest.raises(OrderExpired):
        await shop.pay(ada, order)
    await expire(shop)
    with pytest.raises(OrderNotPayable):
        await shop.pay(ada, order)


async def test_an_authorization_of_what_is_left_accepts_the_order(
    shop: Storefront, wallet: Wallet, ada: Actor, clerk: Actor, order: Order
) -> None:
    accepted: Any = await shop.authorize(ada, order)
    assert (accepted.status, accepted.amount_authorized, accepted.expires_at) == (OrderStatus.CONFIRMED, 15, None)
    payment = await shop.payment_of(order)
    await shop.services.order.captures.capture(shop.database, clerk, payment.id)
    captured = await wallet.order(order)
    assert (captured.status, captured.amount_captured) == (OrderStatus.PAID, 20)
    assert await wallet.booked(order) == {"1200.MOCK": 15, "2100": 5, "4000": -20}


async def test_staff_record_a_payment_of_what_is_left(
    shop: Storefront, wallet: Wallet, clerk: Actor, order: Order
) -> None:
    mark_paid = shop.services.order.manual_payments.mark_paid
    paid = await shop.run(lambda tx: mark_paid(tx, clerk, order.id, reference="Transfer 7"), clerk)
    assert (paid.status, paid.payment_method) == (OrderStatus.PAID, "INVOICE")
    assert await wallet.payments(order) == [("GIFT_CARD", "SUCCEEDED", 5, 0), ("INVOICE", "SUCCEEDED", 15, 0)]


async def test_the_limit_of_unpaid_orders_is_compared_with_what_is_left(
    shop: Storefront, wallet: Wallet, ada: Actor, order: Order
) -> None:
    changes = {"accept_unpaid_up_to": Decimal(15)}
    await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, changes))
    methods = {"invoice_payments": "EVERYONE"}
    await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, methods))
    accepted = await shop.accept(ada, order)
    assert (accepted.status, accepted.payment_method) == (OrderStatus.CONFIRMED, PaymentMethod.INVOICE.value)


async def test_orders_that_are_paid_in_part_count_as_unpaid_and_paid_ones_do_not(
    shop: Storefront, wallet: Wallet, ada: Actor
) -> None:
    async def buy(balance: str) -> Order:
        await shop.fill(ada, ("A", 1))
        await wallet.apply(ada, await wallet.card(balance))
        orders = shop.services.order
        ticket = await orders.checkout.take_ticket(shop.database, ada, "203.0.113.7")
        placed: CreatedOrder = await shop.run(
            lambda tx: orders.create_order(tx, ada, NewOrder(shipping=HOME), ticket), ada
        )
        return placed.order

    await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, {"max_unpaid_orders": 1}))
    assert [(await buy("10.00")).placed_from, (await buy("10.00")).placed_from] == [None, None]
    waiting = await buy("1.00")
    assert (waiting.status, waiting.placed_from) == (OrderStatus.PENDING, "203.0.113.7")
    with pytest.raises(TooManyUnpaidOrders):
        await buy("1.00")
    await shop.pay(ada, waiting)
    assert (await buy("1.00")).status is OrderStatus.PENDING


async def test_what_is_due(shop: Storefront, wallet: Wallet, ada: Actor, order: Order) -> None:
    assert lifecycle.amount_due(OrderFacts.of(order)) == 15
    assert lifecycle.amount_due(OrderFacts.of(await shop.pay(ada, order))) == 0
    await shop.services.order.cancel_order(shop.database, ada, order.id)
    assert lifecycle.amount_due(OrderFacts.of(await wallet.order(order))) == 0
