"""Cancellation, refund and expiry: stock and money follow the order, and never twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.order.errors import (
    OrderNotCancellable,
    OrderNotFound,
    OrderNotRefundable,
    StatusNotAllowed,
    StatusNotSettable,
)
from domains.order.models import Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from domains.payment.errors import RefundTooLarge
from domains.payment.models import DeclineReason, RefundStatus
from domains.payment.providers.results import Decline, ProviderRefund
from domains.payment.refunds import Refunds
from tests.domains.actors import member
from tests.domains.order.storefront import SILENT_CHARGED, Storefront


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 5)
    return await shop.customer()


@pytest.fixture
async def order(shop: Storefront, ada: Actor) -> Order:
    return await shop.buy(ada, ("A", 2))


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()


async def cancel(shop: Storefront, actor: Actor, order: Order, *, db: Attempt | None = None, **given: Any) -> Order:
    return await shop.services.order.cancel_order(db or shop.database, actor, order.id, **given)


async def refund(shop: Storefront, actor: Actor, order: Order, amount: str | None = None, **given: Any) -> Order:
    wanted = None if amount is None else Decimal(amount)
    found, _ = await shop.services.order.refunds.refund(
        shop.database, actor, order.id, NewRefund(amount=wanted, **given)
    )
    return found


async def move(shop: Storefront, actor: Actor, order: Order, *statuses: OrderStatus, **given: Any) -> Order:
    for status in statuses:
        async with shop.database.transaction(actor) as tx:
            order = await shop.services.order.update_status(tx, actor, order.id, status, **given)
    return order


async def refunded(shop: Storefront) -> Decimal:
    total: Decimal = await shop.owner.fetchval(
        "select coalesce(sum(m.amount), 0) from mock_refunds m join refunds r on r.id = m.reference "
        "where r.company_id = $1 and m.status = 'APPROVED'",
        shop.company_id,
    )
    return total


async def test_a_buyers_cancellation_releases_the_stock(shop: Storefront, ada: Actor, order: Order) -> None:
    cancelled = await cancel(shop, ada, order, reason="Changed my mind")
    assert (cancelled.status, cancelled.cancelled_at) == (OrderStatus.CANCELLED, shop.clock.now())
    assert (await shop.history(order.id))[-1] == ("CANCELLED", "Changed my mind")
    assert await shop.level("A") == (5, 0)
    assert await shop.topics() == ["order.created", "order.cancelled"]
    with pytest.raises(OrderNotCancellable):
        await cancel(shop, ada, order)


async def test_cancelling_a_paid_order_refunds_it(shop: Storefront, ada: Actor, order: Order) -> None:
    await shop.pay(ada, order)
    cancelled = await cancel(shop, ada, order)
    assert cancelled.status is OrderStatus.REFUNDED
    assert (await refunded(shop), await shop.level("A")) == (Decimal(20), (5, 0))
    topics = ["order.created", "order.payment_started", "order.paid", "order.cancelled", "order.refunded"]
    assert await shop.topics() == topics


async def test_cancelling_a_partially_refunded_order_refunds_the_rest(
    shop: Storefront, ada: Actor, order: Order, clerk: Actor
) -> None:
    await shop.pay(ada, order)
    assert (await refund(shop, clerk, order, "5.00")).status is OrderStatus.PAID
    assert (await cancel(shop, ada, order)).status is OrderStatus.REFUNDED
    assert await refunded(shop) == Decimal(20)


async def test_one_of_many_parallel_cancellations_refunds(shop: Storefront, ada: Actor, order: Order) -> None:
    await shop.pay(ada, order)
    outcomes = await asyncio.gather(*(cancel(shop, ada, order) for _ in range(8)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [*["OrderNotCancellable"] * 7, "OrderRow"]
    assert (await refunded(shop), await shop.level("A")) == (Decimal(20), (5, 0))


async def test_an_order_in_processing_or_payment_cannot_be_cancelled(
    shop: Storefront, ada: Actor, order: Order, clerk: Actor
) -> None:
    await shop.pay(ada, order, SILENT_CHARGED)
    with pytest.raises(OrderNotCancellable, match="processed"):
        await cancel(shop, ada, order)
    shop.clock.advance(timedelta(minutes=5))
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    await move(shop, clerk, order, OrderStatus.PROCESSING, OrderStatus.SHIPPED)
    with pytest.raises(OrderNotCancellable, match="shipped"):
        await cancel(shop, ada, order)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_interrupted_refund_is_completed_once(shop: Storefront, ada: Actor, order: Order, when: str) -> None:
    await shop.pay(ada, order)
    whole: Callable[..., Awaitable[Any]] = Refunds.send

    async def broken(self: Refunds, *given: Any) -> ProviderRefund:
        if when == "after":
            await whole(self, *given)
        return ProviderRefund.unanswered()

    attempt = Attempt(shop.database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Refunds, "send", broken)
        assert (await cancel(shop, ada, order, db=attempt)).status is OrderStatus.CANCELLED
    shop.clock.advance(timedelta(minutes=5))
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    assert (await shop.order(order.id)).status is OrderStatus.REFUNDED
    assert (await cancel(shop, ada, order, db=attempt)).status is OrderStatus.REFUNDED
    assert await refunded(shop) == Decimal(20)


async def test_refunds_do_not_exceed_the_captured_amount(
    shop: Storefront, ada: Actor, order: Order, clerk: Actor
) -> None:
    await shop.pay(ada, order)
    outcomes = await asyncio.gather(*(refund(shop, clerk, order, "6.00") for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 3
    assert {type(outcome) for outcome in outcomes if not isinstance(outcome, Order)} == {RefundTooLarge}
    assert await refunded(shop) == Decimal(18)
    await refund(shop, clerk, order)
    assert await refunded(shop) == Decimal(20)
    with pytest.raises(OrderNotRefundable):
        await refund(shop, clerk, order)


async def test_a_partial_refund_keeps_the_status_and_a_full_one_ends_a_delivered_order(
    shop: Storefront, ada: Actor, order: Order, clerk: Actor
) -> None:
    await shop.pay(ada, order)
    await move(shop, clerk, order, OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
    assert (await refund(shop, clerk, order, "19.99", reason="Scratched")).status is OrderStatus.DELIVERED
    assert (await refund(shop, clerk, order, "0.01")).status is OrderStatus.REFUNDED
    assert await shop.level("A") == (3, 0)


async def test_an_order_refunded_in_transit_is_refunded_on_delivery(
    shop: Storefront, ada: Actor, order: Order, clerk: Actor
) -> None:
    await shop.pay(ada, order)
    await move(shop, clerk, order, OrderStatus.PROCESSING, OrderStatus.SHIPPED)
    assert (await refund(shop, clerk, order)).status is OrderStatus.SHIPPED
    assert (await move(shop, clerk, order, OrderStatus.DELIVERED)).status is OrderStatus.REFUNDED


async def test_a_refund_requires_a_capture_and_a_permission(
    shop: Storefront, ada: Actor, order: Order, clerk: Actor
) -> None:
    with pytest.raises(OrderNotRefundable):
        await refund(shop, clerk, order)
    await shop.pay(ada, order)
    updater = member(
        shop.company_id, "DESK", 10, frozenset({Grant(PermissionResource.ORDERS, PermissionAction.UPDATE)})
    )
    for actor in (await shop.customer(), updater, Actor.anonymous(shop.company_id)):
        with pytest.raises(OrderNotFound):
            await refund(shop, actor, order)
    assert await refunded(shop) == 0


async def test_shipping_deducts_the_units_and_stores_the_tracking_number(
    shop: Storefront, ada: Actor, order: Order, clerk: Actor
) -> None:
    await shop.accept(ada, order)
    await move(shop, clerk, order, OrderStatus.PROCESSING)
    shipped = await move(shop, clerk, order, OrderStatus.SHIPPED, comment="By DHL", tracking_number=" JD01 ")
    assert (shipped.tracking_number, shipped.shipped_at) == ("JD01", shop.clock.now())
    assert await shop.level("A") == (3, 0)
    delivered = await move(shop, clerk, order, OrderStatus.DELIVERED)
    assert (delivered.status, delivered.tracking_number) == (OrderStatus.DELIVERED, "JD01")
    assert (await shop.history(order.id))[-2:] == [("SHIPPED", "By DHL"), ("DELIVERED", None)]


async def test_a_status_that_follows_from_facts_cannot_be_set(shop: Storefront, order: Order, clerk: Actor) -> None:
    for status in set(OrderStatus) - {
        OrderStatus.CONFIRMED,
        OrderStatus.PROCESSING,
        OrderStatus.SHIPPED,
        OrderStatus.DELIVERED,
    }:
        with pytest.raises(StatusNotSettable):
            await move(shop, clerk, order, status)
    with pytest.raises(StatusNotAllowed, match="PENDING cannot become SHIPPED"):
        await move(shop, clerk, order, OrderStatus.SHIPPED)
    assert await shop.history(order.id) == [("PENDING", None)]


async def test_the_history_names_who_changed_the_status(
    shop: Storefront, ada: Actor, order: Order, clerk: Actor
) -> None:
    await shop.accept(ada, order)
    await move(shop, clerk, order, OrderStatus.PROCESSING)
    rows = await shop.services.order.history_of(shop.database.reader(shop.company_id), [order.id])
    assert [row.changed_by for row in rows] == [ada.user_id, ada.user_id, clerk.user_id]


async def test_a_refund_refused_by_the_provider_can_be_repeated(
    shop: Storefront, ada: Actor, order: Order, clerk: Actor
) -> None:
    await shop.pay(ada, order)
    with pytest.MonkeyPatch.context() as patch:

        async def refused(*_: Any) -> ProviderRefund:
            return ProviderRefund(RefundStatus.FAILED, decline=Decline(DeclineReason.PROVIDER_ERROR, "NO", "No."))

        patch.setattr(Refunds, "send", refused)
        _, (given,) = await shop.services.order.refunds.refund(shop.database, clerk, order.id)
    assert given.status is RefundStatus.FAILED
    assert (await refund(shop, clerk, order)).status is OrderStatus.REFUNDED
    assert await refunded(shop) == Decimal(20)
