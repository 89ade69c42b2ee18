"""Messages of refusals: the reason, what to do, and amounts in the format of their currency."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domains.order import lifecycle
from domains.order.errors import OrderNotCancellable, OrderNotMarkable, PriceChanged, StatusNotAllowed
from domains.order.models import OrderStatus
from domains.order.summary import OrderFacts

NOW = datetime(2026, 11, 28, tzinfo=UTC)
NEW = OrderFacts(total=Decimal(10), ordered=1)
FACTS = {
    OrderStatus.PENDING: NEW,
    OrderStatus.PAYMENT_PENDING: replace(NEW, open_attempts=1),
    OrderStatus.CONFIRMED: replace(NEW, accepted_at=NOW),
    OrderStatus.DELIVERED: replace(NEW, accepted_at=NOW, processing_at=NOW, shipped=1, delivered=1),
}


@pytest.mark.parametrize(
    ("status", "may_refund", "reason"),
    [
        (OrderStatus.PAYMENT_PENDING, True, "Its payment is still being processed: try again in a few minutes."),
        (OrderStatus.SHIPPED, True, "It has been shipped: refund it instead."),
        (OrderStatus.SHIPPED, False, "It has been shipped: ask the shop about returning it."),
        (OrderStatus.DELIVERED, False, "It has been delivered: ask the shop about returning it."),
        (OrderStatus.CANCELLED, False, "It is CANCELLED."),
    ],
)
def test_a_refused_cancellation_names_the_reason(status: OrderStatus, *, may_refund: bool, reason: str) -> None:
    refusal = OrderNotCancellable(status, may_refund=may_refund)
    assert refusal.message == f"This order cannot be cancelled. {reason}"


@pytest.mark.parametrize(
    ("current", "reason"),
    [
        (OrderStatus.PENDING, "Set it to CONFIRMED."),
        (OrderStatus.CONFIRMED, "Set it to PROCESSING."),
        (OrderStatus.PAYMENT_PENDING, "Set it to CONFIRMED."),
        (OrderStatus.DELIVERED, "No status can be set now."),
    ],
)
def test_a_refused_status_names_only_those_that_staff_can_set(current: OrderStatus, reason: str) -> None:
    with pytest.raises(StatusNotAllowed) as caught:
        lifecycle.require_settable(FACTS[current], OrderStatus.SHIPPED)
    assert caught.value.message == f"An order that is {current} cannot become SHIPPED. {reason}"


@pytest.mark.parametrize(
    ("status", "is_paid", "reason"),
    [
        (OrderStatus.FAILED, False, "It was not paid in time and has ended."),
        (OrderStatus.REFUNDED, True, "It was refunded."),
        (OrderStatus.CANCELLED, True, "It was cancelled."),
        (OrderStatus.SHIPPED, True, "It has been paid already."),
        (OrderStatus.CONFIRMED, False, "There is nothing to pay."),
    ],
)
def test_a_refused_marking_as_paid_names_the_reason(status: OrderStatus, *, is_paid: bool, reason: str) -> None:
    refusal = OrderNotMarkable(status, is_paid=is_paid)
    assert refusal.message == f"This order cannot be marked as paid. {reason}"


def test_a_changed_price_is_reported_in_the_format_of_its_currency() -> None:
    changed = PriceChanged(Decimal("36.0000"), Decimal("39.0000"), "EUR")
    assert "total is 39.00 EUR, not 36.00. " in changed.message
    assert (str(changed.expected), str(changed.actual)) == ("36.00", "39.00")
