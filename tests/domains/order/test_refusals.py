"""What refusals of orders say: what is wrong, what to do about it, and amounts as people write them."""

from decimal import Decimal

import pytest

from domains.order.errors import OrderNotCancellable, OrderNotMarkable, PriceChanged
from domains.order.models import OrderStatus


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (OrderStatus.PAYMENT_PENDING, "Its payment is still being settled: try again in a few minutes."),
        (OrderStatus.SHIPPED, "It has been shipped: give the money back with `orderRefund`."),
        (OrderStatus.CANCELLED, "It is CANCELLED."),
    ],
)
def test_why_an_order_cannot_be_cancelled(status: OrderStatus, said: str) -> None:
    assert OrderNotCancellable(status).message == f"This order cannot be cancelled. {said}"


@pytest.mark.parametrize(
    ("status", "is_paid", "said"),
    [
        (OrderStatus.FAILED, False, "It was not paid in time and has ended."),
        (OrderStatus.REFUNDED, True, "It was refunded."),
        (OrderStatus.CANCELLED, True, "It was cancelled."),
        (OrderStatus.SHIPPED, True, "It has been paid already."),
        (OrderStatus.CONFIRMED, False, "There is nothing to pay on it."),
    ],
)
def test_why_an_order_cannot_be_marked_as_paid(status: OrderStatus, *, is_paid: bool, said: str) -> None:
    refusal = OrderNotMarkable(status, is_paid=is_paid)
    assert refusal.message == f"This order cannot be marked as paid. {said}"


def test_a_changed_price_is_told_as_the_currency_writes_it() -> None:
    changed = PriceChanged(Decimal("36.0000"), Decimal("39.0000"), "EUR")
    assert "comes to 39.00 EUR, not 36.00. " in changed.message
    assert (str(changed.expected), str(changed.actual)) == ("36.00", "39.00")
