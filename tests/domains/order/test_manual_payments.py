"""Marking orders as paid: one manual payment, counted once, also in parallel with other operations."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.text.validation import TooLong
from domains.order.errors import OrderNotFound, OrderNotMarkable, OrderNotPayable
from domains.order.models import Order, OrderStatus
from domains.order.payments.payments import PaymentData
from domains.order.payments.refund_lines import NewRefund
from domains.payment.errors import PaymentInProgress, RefundTooLarge
from domains.payment.models import Payment, PaymentMethod, PaymentStatus, RefundStatus
from domains.promotion.models import PromotionType
from tests.domains.order.storefront import SILENT_CHARGED, Storefront

TEN = Decimal("10.0000")


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 50)
    return await shop.customer()


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()


@pytest.fixture
async def accepted(shop: Storefront, ada: Actor) -> Order:
    """An order by invoice."""
    return await shop.accept(ada, await shop.buy(ada, ("A", 1)))


async def mark(shop: Storefront, clerk: Actor, order: Order, reference: str | None = None) -> Order:
    async def work(tx: Any) -> Order:
        return await shop.services.order.manual_payments.mark_paid(tx, clerk, order.id, reference=reference)

    marked: Order = await shop.run(work, clerk)
    return marked


async def move(shop: Storefront, clerk: Actor, order: Order, *statuses: OrderStatus) -> Order:
    async def step(tx: Any, status: OrderStatus) -> Order:
        return await shop.services.order.update_status(tx, clerk, order.id, status)

    for status in statuses:
        await shop.run(partial(step, status=status), clerk)
    return await shop.order(order.id)


async def payments(shop: Storefront, order_id: UUID) -> list[Payment]:
    return await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order_id])


async def paid_orders(shop: Storefront) -> int:
    """How many paid orders promotions know of."""
    counted: int = await shop.owner.fetchval(
        "select count(*) from buyer_orders where company_id = $1 and withdrawn_at is null", shop.company_id
    )
    return counted


async def test_an_order_by_invoice_becomes_paid(shop: Storefront, clerk: Actor, accepted: Order) -> None:
    marked = await mark(shop, clerk, accepted, " Statement 7, line 3 ")
    assert (marked.status, marked.paid_at, marked.payment_method) == (OrderStatus.PAID, shop.clock.now(), "INVOICE")
    assert marked.payment_transaction_id == "Statement 7, line 3"
    (payment,) = await payments(shop, accepted.id)
    assert (payment.provider, payment.method, payment.status) == ("MANUAL", "INVOICE", PaymentStatus.SUCCEEDED)
    assert (payment.amount, payment.settled_at, payment.card_last_4) == (TEN, shop.clock.now(), None)
    assert (await shop.history(accepted.id))[-1] == ("PAID", "Payment received: Statement 7, line 3")
    assert await shop.topics() == ["order.created", "order.confirmed", "order.paid"]
    assert (await paid_orders(shop), await shop.level("A")) == (1, (49, 1))
    assert await shop.charges() == []


@pytest.mark.parametrize(
    "field",
    [
        (OrderStatus.PROCESSING,),
        (OrderStatus.PROCESSING, OrderStatus.SHIPPED),
        (OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED),
    ],
    ids=lambda field: field[-1].value,
)
async def test_marking_a_cash_on_delivery_order_as_paid_keeps_its_status(
    shop: Storefront, ada: Actor, clerk: Actor, field: Sequence[OrderStatus]
) -> None:
    order = await shop.buy(ada, ("A", 1))
    data = PaymentData(method=PaymentMethod.CASH_ON_DELIVERY)
    await shop.services.order.process_payment(shop.database, ada, order.id, data)
    await move(shop, clerk, order, *field)
    marked = await mark(shop, clerk, order)
    assert (marked.status, marked.paid_at) == (field[-1], shop.clock.now())
    assert (await payments(shop, order.id))[0].method == "CASH_ON_DELIVERY"
    assert (await shop.history(order.id))[-1] == (field[-1].value, "Payment received")
    is_delivered = field[-1] is OrderStatus.DELIVERED
    assert (await shop.topics())[-1] == ("order.completed" if is_delivered else "order.paid")
    rest = [OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED][len(field) :]
    assert (await move(shop, clerk, marked, *rest)).status is OrderStatus.DELIVERED
    assert (await shop.topics()).count("order.completed") == 1
    last = ["order.paid", "order.completed"] if is_delivered else ["order.status_changed", "order.completed"]
    assert (await shop.topics())[-2:] == last


async def test_an_order_accepted_without_a_method_is_paid_by_invoice(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    order = await move(shop, clerk, await shop.buy(ada, ("A", 1)), OrderStatus.CONFIRMED)
    assert (await mark(shop, clerk, order)).payment_method == "INVOICE"


async def test_marking_twice_is_refused_and_changes_nothing(shop: Storefront, clerk: Actor, accepted: Order) -> None:
    await mark(shop, clerk, accepted)
    with pytest.raises(OrderNotMarkable, match="paid already"):
        await mark(shop, clerk, accepted)
    await move(shop, clerk, accepted, OrderStatus.PROCESSING, OrderStatus.SHIPPED)
    with pytest.raises(OrderNotMarkable, match="paid already"):
        await mark(shop, clerk, accepted)
    assert (len(await payments(shop, accepted.id)), await paid_orders(shop)) == (1, 1)


async def test_a_waiting_order_is_paid_and_its_reservation_no_longer_expires(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    waiting = await shop.buy(ada, ("A", 1))
    marked = await mark(shop, clerk, waiting)
    assert (marked.status, marked.expires_at, marked.placed_from) == (OrderStatus.PAID, None, None)
    assert await shop.history(waiting.id) == [("PENDING", None), ("PAID", "Payment received")]
    shop.clock.advance(timedelta(hours=1))
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 0
    assert (await paid_orders(shop), await shop.level("A")) == (1, (49, 1))


async def test_an_order_that_has_ended_cannot_be_marked_as_paid(shop: Storefront, ada: Actor, clerk: Actor) -> None:
    called_off = await shop.buy(ada, ("A", 1))
    await shop.services.order.cancel_order(shop.database, ada, called_off.id)
    with pytest.raises(OrderNotMarkable, match="cancelled"):
        await mark(shop, clerk, called_off)
    assert await payments(shop, called_off.id) == []


async def test_an_order_with_a_zero_total_cannot_be_marked_as_paid(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    await shop.stock("FREE", 5, "0.00")
    free = await shop.buy(ada, ("FREE", 1))
    with pytest.raises(OrderNotMarkable, match="nothing to pay"):
        await mark(shop, clerk, free)


async def test_an_overlong_reference_and_other_buyers_are_refused(
    shop: Storefront, ada: Actor, clerk: Actor, accepted: Order
) -> None:
    with pytest.raises(TooLong):
        await mark(shop, clerk, accepted, "r" * 256)
    with pytest.raises(OrderNotFound):
        await mark(shop, await shop.customer(), accepted)
    assert (await shop.order(accepted.id)).paid_at is None


async def test_an_order_cannot_be_marked_as_paid_during_a_card_payment(
    shop: Storefront, ada: Actor, clerk: Actor, accepted: Order
) -> None:
    await shop.pay(ada, accepted, SILENT_CHARGED)
    with pytest.raises(PaymentInProgress):
        await mark(shop, clerk, accepted)
    shop.clock.advance(timedelta(minutes=5))
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    assert (await shop.order(accepted.id)).status is OrderStatus.PAID
    assert [payment.provider for payment in await payments(shop, accepted.id)] == ["MOCK"]


async def test_an_order_marked_as_paid_cannot_be_charged(
    shop: Storefront, ada: Actor, clerk: Actor, accepted: Order
) -> None:
    await mark(shop, clerk, accepted)
    with pytest.raises(OrderNotPayable):
        await shop.pay(ada, accepted)
    assert await shop.charges() == []


async def test_a_manual_payment_is_refunded_manually(shop: Storefront, clerk: Actor, accepted: Order) -> None:
    await mark(shop, clerk, accepted)
    orders = shop.services.order
    order, (refund,) = await orders.refunds.refund(
        shop.database, clerk, accepted.id, NewRefund(amount=Decimal(4), reason="Scratch")
    )
    assert (order.status, refund.status, refund.amount) == (OrderStatus.PAID, RefundStatus.SUCCEEDED, Decimal(4))
    with pytest.raises(RefundTooLarge, match=r"7\.00 EUR cannot be refunded: only 6\.00 EUR is left"):
        await orders.refunds.refund(shop.database, clerk, accepted.id, NewRefund(amount=Decimal(7)))
    cancelled = await orders.cancel_order(shop.database, clerk, accepted.id)
    assert (cancelled.status, await shop.level("A")) == (OrderStatus.REFUNDED, (50, 0))
    assert (await shop.topics())[-3:] == ["order.refunded", "order.cancelled", "order.refunded"]


async def test_a_delivered_cash_on_delivery_order_is_refunded(
    shop: Storefront, clerk: Actor, accepted: Order
) -> None:
    await move(shop, clerk, accepted, OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
    await mark(shop, clerk, accepted)
    order, (refund,) = await shop.services.order.refunds.refund(shop.database, clerk, accepted.id)
    assert (order.status, refund.amount, refund.status) == (OrderStatus.REFUNDED, TEN, RefundStatus.SUCCEEDED)


async def test_an_order_marked_as_paid_counts_once_for_loyalty(
    shop: Storefront, ada: Actor, clerk: Actor, accepted: Order
) -> None:
    await shop.promotion(code="BACK", type=PromotionType.LOYALTY, discount_value=Decimal(10), required_orders=1)
    await shop.promotion(code="TWICE", type=PromotionType.LOYALTY, discount_value=Decimal(50), required_orders=2)
    await mark(shop, clerk, accepted)
    await shop.fill(ada, ("A", 1))
    await shop.apply(ada, "BACK")
    await shop.apply(ada, "TWICE")
    assert (await shop.place(ada, expected_total=Decimal(9))).order.total == Decimal(9)


async def test_parallel_marking_creates_one_payment(shop: Storefront, clerk: Actor, accepted: Order) -> None:
    others = [await shop.staff() for _ in range(5)]
    outcomes = await asyncio.gather(
        *(mark(shop, each, accepted) for each in (clerk, *others)), return_exceptions=True
    )
    assert sum(isinstance(each, Order) for each in outcomes) == 1
    assert sum(isinstance(each, OrderNotMarkable) for each in outcomes) == 5
    assert (len(await payments(shop, accepted.id)), await paid_orders(shop)) == (1, 1)
    assert (await shop.topics()).count("order.paid") == 1


async def test_parallel_marking_and_charging_take_the_money_once(shop: Storefront, ada: Actor, clerk: Actor) -> None:
    orders = [await shop.accept(ada, await shop.buy(ada, ("A", 1))) for _ in range(8)]
    work = [each for order in orders for each in (mark(shop, clerk, order), shop.pay(ada, order))]
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    allowed = (Order, OrderNotMarkable, OrderNotPayable, PaymentInProgress)
    assert [each for each in outcomes if not isinstance(each, allowed)] == []
    for order in orders:
        assert (await shop.order(order.id)).status is OrderStatus.PAID
        taken = [each for each in await payments(shop, order.id) if each.status is PaymentStatus.SUCCEEDED]
        assert [each.amount for each in taken] == [TEN]
    assert (await paid_orders(shop), await shop.level("A")) == (8, (42, 8))


async def test_parallel_marking_and_cancelling_keep_money_and_stock_consistent(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    orders = [await shop.accept(ada, await shop.buy(ada, ("A", 1))) for _ in range(8)]
    cancel = shop.services.order.cancel_order
    work = [each for order in orders for each in (mark(shop, clerk, order), cancel(shop.database, ada, order.id))]
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    assert [each for each in outcomes if not isinstance(each, (Order, OrderNotMarkable))] == []
    for order in orders:
        now, balance = (
            await shop.order(order.id),
            await shop.services.payment.balance_of(shop.database.reader(shop.company_id), order.id),
        )
        if now.paid_at is None:
            assert (now.status, balance.captured) == (OrderStatus.CANCELLED, Decimal(0))
        else:
            assert (now.status, balance.captured, balance.refunded) == (OrderStatus.REFUNDED, TEN, TEN)
    assert await shop.level("A") == (50, 0)
