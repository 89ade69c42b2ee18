"""Payments of orders: approved, declined or unknown, money and order agree after any interruption."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import new_id
from domains.kernel.text.validation import Required
from domains.order.errors import OrderExpired, OrderNotFound, OrderNotPayable
from domains.order.models import Order, OrderPaymentStatus, OrderStatus
from domains.order.payments.payments import PaymentData
from domains.payment.errors import PaymentDeclined, PaymentInProgress
from domains.payment.models import PaymentMethod, PaymentStatus
from domains.payment.providers.operations import Operations
from domains.payment.reconciliation import ACTION_TIME
from domains.payment.service import PaymentService
from tests.domains.order.storefront import DECLINED, SILENT_CHARGED, SILENT_UNCHARGED, Storefront

LATER = timedelta(minutes=5)
EXPIRED = timedelta(minutes=31)


class Died(Exception):
    """The process ended here."""


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 5)
    return await shop.customer()


@pytest.fixture
async def order(shop: Storefront, ada: Actor) -> Order:
    return await shop.buy(ada, ("A", 2))


async def settle(shop: Storefront) -> int:
    return await shop.services.order.reconciliation.reconcile(shop.database, shop.system)


async def test_an_approved_card_pays_the_order_and_ends_the_expiry(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    paid = await shop.pay(ada, order)
    assert (paid.status, paid.expires_at, paid.payment_method) == (OrderStatus.PAID, None, "CARD")
    assert paid.paid_at == shop.clock.now()
    assert await shop.charges() == [("APPROVED", Decimal("20.0000"))]
    assert [status for status, _ in await shop.history(order.id)] == ["PENDING", "PAYMENT_PENDING", "PAID"]
    assert await shop.topics() == ["order.created", "order.payment_started", "order.paid"]
    shop.clock.advance(EXPIRED)
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 0
    assert await shop.level("A") == (3, 2)
    with pytest.raises(OrderNotPayable):
        await shop.pay(ada, order)


async def test_a_declined_card_keeps_the_reservation_and_the_next_card_pays(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    with pytest.raises(PaymentDeclined, match="declined"):
        await shop.pay(ada, order, DECLINED)
    assert (await shop.order(order.id)).status is OrderStatus.PENDING
    assert await shop.level("A") == (3, 2)
    assert (await shop.pay(ada, order)).status is OrderStatus.PAID
    assert await shop.topics() == [
        "order.created",
        *("order.payment_started", "order.payment_declined"),
        *("order.payment_started", "order.paid"),
    ]


async def test_an_unknown_outcome_keeps_the_reservation_until_it_is_reconciled(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    assert (await shop.pay(ada, order, SILENT_CHARGED)).status is OrderStatus.PAYMENT_PENDING
    shop.clock.advance(EXPIRED)
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 0
    assert await settle(shop) == 1
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    assert await shop.charges() == [("APPROVED", Decimal("20.0000"))]
    assert await settle(shop) == 0


async def test_an_order_that_was_not_charged_can_be_paid_again_before_its_expiry(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    await shop.pay(ada, order, SILENT_UNCHARGED)
    shop.clock.advance(LATER)
    await settle(shop)
    assert (await shop.order(order.id)).status is OrderStatus.PENDING
    assert await shop.level("A") == (3, 2)
    assert (await shop.pay(ada, order)).status is OrderStatus.PAID


async def test_an_order_that_was_not_charged_before_its_expiry_fails_and_releases_its_stock(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    await shop.pay(ada, order, SILENT_UNCHARGED)
    shop.clock.advance(EXPIRED)
    await settle(shop)
    assert (await shop.order(order.id)).status is OrderStatus.FAILED
    assert await shop.level("A") == (5, 0)
    assert await shop.topics() == ["order.created", "order.payment_started", "order.failed"]


async def test_an_unpaid_order_expires_after_half_an_hour(shop: Storefront, ada: Actor, order: Order) -> None:
    shop.clock.advance(timedelta(minutes=29))
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 0
    shop.clock.advance(timedelta(minutes=1))
    with pytest.raises(OrderExpired):
        await shop.pay(ada, order)
    assert [await shop.services.order.expiry.end_unpaid(shop.database, shop.system) for _ in range(2)] == [1, 0]
    assert await shop.history(order.id) == [("PENDING", None), ("FAILED", "Not paid in time")]
    assert await shop.level("A") == (5, 0)
    with pytest.raises(OrderNotPayable):
        await shop.pay(ada, order)


@pytest.mark.parametrize("method", [PaymentMethod.INVOICE, PaymentMethod.CASH_ON_DELIVERY])
async def test_an_order_accepted_without_a_capture_can_be_paid_later(
    shop: Storefront, ada: Actor, order: Order, method: PaymentMethod
) -> None:
    data = PaymentData(method=method)
    accepted = await shop.services.order.process_payment(shop.database, ada, order.id, data)
    assert (accepted.status, accepted.paid_at, accepted.payment_method) == (OrderStatus.CONFIRMED, None, method)
    shop.clock.advance(EXPIRED)
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 0
    assert await shop.charges() == []
    assert (await shop.pay(ada, order)).status is OrderStatus.PAID


async def test_payment_by_card_requires_a_card(shop: Storefront, ada: Actor, order: Order) -> None:
    data = PaymentData(method=PaymentMethod.CARD)
    with pytest.raises(Required, match="card"):
        await shop.services.order.process_payment(shop.database, ada, order.id, data)
    assert (await shop.order(order.id)).status is OrderStatus.PENDING


async def test_the_order_of_another_buyer_cannot_be_paid(shop: Storefront, ada: Actor, order: Order) -> None:
    guest, stranger = Actor.anonymous(shop.company_id), await shop.customer()
    for actor, token in ((guest, None), (guest, "guessed"), (stranger, None)):
        with pytest.raises(OrderNotFound):
            await shop.pay(actor, order, token=token)
    with pytest.raises(OrderNotFound):
        await shop.pay(Actor.anonymous(new_id()), order)
    assert await shop.charges() == []


async def test_one_of_many_parallel_payments_is_charged(shop: Storefront, ada: Actor, order: Order) -> None:
    outcomes = await asyncio.gather(*(shop.pay(ada, order) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
    assert {type(outcome) for outcome in outcomes if not isinstance(outcome, Order)} <= {
        PaymentInProgress,
        OrderNotPayable,
    }
    assert await shop.charges() == [("APPROVED", Decimal("20.0000"))]


Break = Callable[[PaymentService, Any], None]


def before_the_charge(payment: PaymentService, patch: Any) -> None:
    async def charge(*_: Any, **__: Any) -> None:
        raise Died

    patch.setattr(Operations, "authorize", charge)


def after_the_charge(payment: PaymentService, patch: Any) -> None:
    whole: Callable[..., Awaitable[Any]] = Operations.authorize

    async def charge(self: Operations, *given: Any, **options: Any) -> None:
        await whole(self, *given, **options)
        raise Died

    patch.setattr(Operations, "authorize", charge)


def while_recording(payment: PaymentService, patch: Any) -> None:
    async def recorded(*_: Any, **_given: Any) -> None:
        raise Died

    patch.setattr(PaymentService, "recorded", recorded)


@pytest.mark.parametrize(
    ("broken", "ends_as"),
    [
        (before_the_charge, OrderStatus.PENDING),
        (after_the_charge, OrderStatus.PAID),
        (while_recording, OrderStatus.PAID),
    ],
)
@pytest.mark.parametrize("goes_on", ["settled", "sent again"])
async def test_a_payment_interrupted_at_any_point_is_completed_and_charged_once(
    shop: Storefront, ada: Actor, order: Order, broken: Break, ends_as: OrderStatus, goes_on: str
) -> None:
    attempt = Attempt(shop.database)
    with pytest.MonkeyPatch.context() as patch:
        broken(shop.services.payment, patch)
        with pytest.raises(Died):
            await shop.pay(ada, order, db=attempt)
    assert (await shop.order(order.id)).status is OrderStatus.PAYMENT_PENDING
    if goes_on == "settled":
        shop.clock.advance(LATER)
        assert await settle(shop) == 1
        assert (await shop.order(order.id)).status is ends_as
    else:
        assert (await shop.pay(ada, order, db=attempt)).status is OrderStatus.PAID
    charged = [status for status, _ in await shop.charges() if status == "APPROVED"]
    assert len(charged) == ((await shop.order(order.id)).status is OrderStatus.PAID)
    assert await shop.level("A") == (3, 2)


async def test_a_charge_for_an_order_that_was_cancelled_meanwhile_is_returned(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    """The provider is slow: meanwhile the customer calls the accepted order off."""
    await shop.accept(ada, order)
    arrived, go_on = asyncio.Event(), asyncio.Event()
    whole: Callable[..., Awaitable[Any]] = Operations.authorize

    async def slowly(self: Operations, *given: Any, **options: Any) -> Any:
        outcome = await whole(self, *given, **options)
        arrived.set()
        await go_on.wait()
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Operations, "authorize", slowly)
        paying = asyncio.create_task(shop.pay(ada, order))
        await arrived.wait()
        await shop.services.order.cancel_order(shop.database, ada, order.id)
        go_on.set()
        with pytest.raises(OrderNotPayable, match="CANCELLED"):
            await paying
    assert await shop.charges() == [("VOIDED", Decimal("20.0000"))]
    (payment,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    assert payment.status is PaymentStatus.CANCELLED
    assert await shop.level("A") == (5, 0)


async def test_a_charge_that_arrives_after_its_cancellation_takes_no_money(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    """The request hangs before the provider hears of it; the job closes it, and then it goes through."""
    hung, go_on = asyncio.Event(), asyncio.Event()
    whole: Callable[..., Awaitable[Any]] = Operations.authorize

    async def late(self: Operations, *given: Any, **options: Any) -> Any:
        hung.set()
        await go_on.wait()
        return await whole(self, *given, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Operations, "authorize", late)
        paying = asyncio.create_task(shop.pay(ada, order))
        await hung.wait()
        shop.clock.advance(EXPIRED)
        await settle(shop)
        go_on.set()
        with pytest.raises(DomainError):
            await paying
    assert (await shop.order(order.id)).status is OrderStatus.FAILED
    assert [status for status, _ in await shop.charges()] == ["VOIDED"]


@pytest.mark.parametrize("is_authenticated", [True, False])
async def test_an_order_waits_for_the_authentication_of_its_buyer(
    shop: Storefront, ada: Actor, order: Order, is_authenticated: bool
) -> None:
    waiting = await shop.pay(ada, order, "4000000000003220")
    assert waiting.status is OrderStatus.PAYMENT_PENDING
    (payment,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    assert (payment.status, payment.next_action_url) == (
        PaymentStatus.REQUIRES_ACTION,
        f"/payments/mock/{payment.id}",
    )
    if is_authenticated:
        assert await shop.provider.complete_action(payment.id, succeeds=True)
        shop.clock.advance(LATER)
    else:
        shop.clock.advance(ACTION_TIME)
    assert await settle(shop) == 1
    ends_as, charge = (OrderStatus.PAID, "APPROVED") if is_authenticated else (OrderStatus.PENDING, "VOIDED")
    assert (await shop.order(order.id)).status is ends_as
    assert await shop.charges() == [(charge, Decimal("20.0000"))]
    assert await shop.level("A") == (3, 2)


async def test_an_authorization_accepts_the_order_and_its_capture_pays_it(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    accepted = await shop.authorize(ada, order)
    assert (accepted.status, accepted.payment_status) == (OrderStatus.CONFIRMED, OrderPaymentStatus.AUTHORIZED)
    assert (accepted.accepted_at, accepted.expires_at) == (shop.clock.now(), None)
    assert (accepted.amount_authorized, accepted.amount_captured, accepted.open_attempts) == (
        Decimal(20),
        Decimal(0),
        0,
    )
    with pytest.raises(PaymentInProgress):
        await shop.pay(ada, order)
    with pytest.raises(PaymentInProgress):
        await shop.run(lambda tx: shop.services.order.manual_payments.mark_paid(tx, shop.system, order.id))
    shop.clock.advance(EXPIRED)
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 0
    (payment,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    await shop.run(lambda tx: shop.services.payment.request_capture(tx, payment.id))
    shop.clock.advance(LATER)
    assert await settle(shop) == 1
    paid = await shop.order(order.id)
    assert (paid.status, paid.payment_status) == (OrderStatus.PAID, OrderPaymentStatus.PAID)
    assert (paid.amount_authorized, paid.amount_captured) == (Decimal(0), Decimal(20))
    assert [status for status, _ in await shop.history(order.id)] == [
        "PENDING",
        "PAYMENT_PENDING",
        "CONFIRMED",
        "PAID",
    ]


async def test_cancelling_an_order_releases_its_authorization(shop: Storefront, ada: Actor, order: Order) -> None:
    await shop.authorize(ada, order)
    assert (await shop.services.order.cancel_order(shop.database, ada, order.id)).status is OrderStatus.CANCELLED
    assert await shop.level("A") == (5, 0)
    shop.clock.advance(LATER)
    assert await settle(shop) == 1
    ended = await shop.order(order.id)
    assert (ended.status, ended.payment_status) == (OrderStatus.CANCELLED, OrderPaymentStatus.PENDING)
    (payment,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    assert payment.status is PaymentStatus.CANCELLED


async def test_a_payment_completes_an_order_that_is_in_processing(shop: Storefront, ada: Actor, order: Order) -> None:
    """The outcome is not known for a while; staff accept the order and begin to work on it."""
    await shop.pay(ada, order, SILENT_CHARGED)
    for status in (OrderStatus.CONFIRMED, OrderStatus.PROCESSING):
        await shop.run(lambda tx, to=status: shop.services.order.update_status(tx, shop.system, order.id, to))
    shop.clock.advance(LATER)
    assert await settle(shop) == 1
    paid = await shop.order(order.id)
    assert (paid.status, paid.payment_status) == (OrderStatus.PROCESSING, OrderPaymentStatus.PAID)
    assert (paid.paid_at, await shop.charges()) == (shop.clock.now(), [("APPROVED", Decimal("20.0000"))])


async def test_a_declined_card_is_shown_in_the_payment_status(shop: Storefront, ada: Actor, order: Order) -> None:
    with pytest.raises(PaymentDeclined):
        await shop.pay(ada, order, DECLINED)
    assert (await shop.order(order.id)).payment_status is OrderPaymentStatus.FAILED
    assert (await shop.pay(ada, order, SILENT_CHARGED)).payment_status is OrderPaymentStatus.PENDING
