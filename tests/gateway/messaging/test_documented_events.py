"""The docstrings of what orders can do name every event that it emits."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from domains.order.checkout.reservation import OrderReservation
from domains.order.closure import Closure
from domains.order.expiry import Expiry
from domains.order.models import OrderStatus
from domains.order.payments.manual_payments import ManualPayments
from domains.order.payments.refunds import Refunds
from domains.order.service import OrderService
from domains.payment.errors import PaymentDeclined
from domains.promotion.coupons.models import CouponType, NewCoupon
from domains.promotion.redemptions import Redemptions
from gateway.services import domains_of
from tests.domains.order.storefront import DECLINED, Storefront

NAMES: Final = {event.topic: event.__name__ for domain in domains_of().values() for event in domain.events}
TOPICS: Final = "select topic from outbox_events where company_id = $1 order by sequence"
RELEASE: Final = {"StockReleased", "StockChanged", "BackInStock"}
RESERVATION: Final = {
    "StockReserved",
    "StockChanged",
    "StockRanLow",
    "StockRanOut",
    "PromotionUsedUp",
    "CouponUsedUp",
}


def documented(method: Callable[..., Any]) -> set[str]:
    """The events that a docstring says are emitted."""
    _, _, emitted = (method.__doc__ or "").rpartition("Emits ")
    return set(re.findall(r"[A-Z][A-Za-z]+", emitted)) & set(NAMES.values())


class Emitted:
    """The events of a shop, from one step to the next."""

    def __init__(self, shop: Storefront) -> None:
        self._shop, self._seen = shop, 0

    async def skip(self) -> None:
        """Begin here."""
        await self.since_then()

    async def since_then(self) -> set[str]:
        """The names of the events that were emitted since the last call."""
        rows = await self._shop.owner.fetch(TOPICS, self._shop.company_id)
        new, self._seen = rows[self._seen :], len(rows)
        return {NAMES[row["topic"]] for row in new}


async def test_an_order_that_is_created_cancelled_and_expired(shop: Storefront) -> None:
    await shop.stock("A", 2)
    await shop.owner.execute("update inventory_items set reorder_point = 1 where company_id = $1", shop.company_id)
    await shop.promotion(code="ONCE", discount_value=Decimal(10), max_usage_count=1)
    coupon = NewCoupon(name="C", code="LAST", type=CouponType.PERCENTAGE, discount_value=Decimal(10), usage_limit=1)
    await shop.run(lambda tx: shop.services.promotion.coupons.create(tx, coupon))
    ada, order, emitted = await shop.customer(), shop.services.order, Emitted(shop)
    await shop.fill(ada, ("A", 2))
    await shop.apply(ada, "ONCE")
    await shop.apply(ada, "LAST")
    await emitted.skip()

    placed = (await shop.place(ada)).order
    assert await emitted.since_then() == RESERVATION | {"CartChanged", "OrderCreated"}
    for_others = {"OrderConfirmed", "PaymentCaptured", "OrderPaid", "BackorderCreated", "StockSold", "OrderCompleted"}
    assert documented(OrderService.create_order) == RESERVATION | {"CartChanged", "OrderCreated"} | for_others
    parts = documented(OrderReservation.finish_stock) | documented(Redemptions.redeem)
    assert parts == RESERVATION | {"BackorderCreated"}

    await order.cancel_order(shop.database, ada, placed.id)
    assert await emitted.since_then() == RELEASE | {"OrderCancelled"}
    assert documented(Closure.cancel) == RELEASE | {"OrderCancelled", "ShipmentCancelled"}
    assert documented(Expiry.end_refunded) == documented(Closure.cancel)

    await shop.buy(ada, ("A", 2))
    shop.clock.advance(timedelta(hours=1))
    await emitted.skip()
    await order.expiry.end_unpaid(shop.database, shop.system)
    assert await emitted.since_then() == RELEASE | {"OrderFailed"} == documented(Closure.fail)
    assert documented(Expiry.end_unpaid) == documented(Closure.fail) | {"PaymentRefunded", "OrderRefunded"}


async def test_an_order_that_is_paid_and_refunded_or_delivered(shop: Storefront) -> None:
    await shop.stock("A", 2)
    ada, staff, order, emitted = await shop.customer(), await shop.staff(), shop.services.order, Emitted(shop)

    for refund in (
        lambda placed: order.cancel_order(shop.database, ada, placed.id),
        lambda placed: order.refunds.refund(shop.database, staff, placed.id),
    ):
        placed = await shop.buy(ada, ("A", 2))
        await emitted.skip()
        await shop.pay(ada, placed)
        assert await emitted.since_then() == {"OrderPaymentStarted", "PaymentCaptured", "OrderPaid"}
        await refund(placed)
        assert await emitted.since_then() == RELEASE | {"PaymentRefunded", "OrderRefunded", "OrderCancelled"}
    of_refunds = RELEASE | {"PaymentRefunded", "RefundFailed", "OrderRefunded", "OrderCancelled"}
    of_refunds |= {"GiftCardWasDisabled", "ShipmentCancelled"}
    assert documented(OrderService.cancel_order) == documented(Refunds.refund) == of_refunds

    placed = await shop.buy(ada, ("A", 1))
    await emitted.skip()
    with suppress(PaymentDeclined):
        await shop.pay(ada, placed, DECLINED)
    assert await emitted.since_then() == {"OrderPaymentStarted", "PaymentFailed", "OrderPaymentDeclined"}
    await shop.accept(ada, placed)
    assert await emitted.since_then() == {"OrderConfirmed"}
    assert documented(OrderService.process_payment) == RELEASE | {
        *("OrderPaymentStarted", "PaymentCaptured", "OrderPaid", "OrderCompleted", "PaymentAuthorized"),
        "GiftCardIssued",
        *(
            "OrderConfirmed",
            "OrderAwaitsAcceptance",
            "PaymentFailed",
            "OrderPaymentDeclined",
            "OrderFailed",
            "PaymentCancelled",
        ),
    }

    for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        await shop.run(lambda tx, to=status: order.update_status(tx, staff, placed.id, to), staff)
    shipped = {"OrderStatusChanged", "StockSold", "ShipmentCreated", "ShipmentDispatched", "ShipmentStatusChanged"}
    assert await emitted.since_then() == shipped
    assert documented(OrderService.update_status) == shipped | {"OrderCompleted"}
    await shop.run(lambda tx: order.manual_payments.mark_paid(tx, staff, placed.id), staff)
    assert await emitted.since_then() == {"PaymentCaptured", "OrderPaid", "OrderCompleted"}
    assert documented(ManualPayments.mark_paid) == {
        *("PaymentCaptured", "OrderPaid", "OrderCompleted", "GiftCardIssued"),
    }


async def test_an_order_of_gift_cards(shop: Storefront) -> None:
    await shop.stock("CARD", None, is_gift_card=True)
    ada, staff, emitted = await shop.customer(), await shop.staff(), Emitted(shop)
    placed = await shop.buy(ada, ("CARD", 1))
    await emitted.skip()
    await shop.pay(ada, placed)
    paid = {"OrderPaymentStarted", "PaymentCaptured", "OrderPaid", "OrderCompleted", "GiftCardIssued"} | {
        "GiftCardEmailRequested"
    }
    assert await emitted.since_then() == paid
    await shop.services.order.refunds.refund(shop.database, staff, placed.id)
    assert await emitted.since_then() == {"GiftCardWasDisabled", "PaymentRefunded", "OrderRefunded"}
