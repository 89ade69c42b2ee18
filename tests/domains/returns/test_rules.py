"""The rules of what can be returned, for any deliveries, requests and refunds."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domains.returns import statuses
from domains.returns.models import ReturnStatus
from domains.returns.requests.rules import ReturnableLine, held
from domains.shipping.shipments.deliveries import DeliveredUnits

NOW = datetime(2027, 1, 1, tzinfo=UTC)
TIMES = ("approved_at", "rejected_at", "in_transit_at", "received_at", "processed_at", "closed_at")
UNITS = st.integers(0, 9)
ITEM_ID = UUID(int=1)
ITEM: Any = SimpleNamespace(requires_shipping=True, is_gift_card=False)


@st.composite
def lines(draw: st.DrawFn) -> ReturnableLine:
    """A line with any deliveries."""
    ages = draw(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 60)), max_size=4))
    deliveries = [DeliveredUnits(ITEM_ID, quantity, NOW - timedelta(days=days)) for quantity, days in ages]
    return ReturnableLine(ITEM, deliveries, draw(st.integers(0, 20)))


@given(lines(), st.integers(0, 60))
def test_what_can_be_returned_is_delivered_and_not_taken(line: ReturnableLine, window: int) -> None:
    within = line.within(window, NOW)
    assert 0 <= within <= line.left <= line.delivered
    assert line.left + min(line.taken, line.delivered) == line.delivered
    assert line.within(60, NOW) == line.left
    assert line.within(window + 1, NOW) >= within
    ends_at = line.window_ends_at(window)
    assert (ends_at is None) == (not line.deliveries)
    if ends_at is not None and ends_at < NOW:
        assert within == 0


@given(UNITS, UNITS, UNITS, UNITS, st.sampled_from(ReturnStatus))
def test_an_item_never_holds_less_than_came(
    quantity: int, approved: int, received: int, refunded: int, status: ReturnStatus
) -> None:
    approved = min(approved, quantity) if status is not ReturnStatus.PENDING else 0
    received, refunded = min(received, approved), min(refunded, approved)
    item: Any = SimpleNamespace(quantity=quantity, approved=approved, received=received, refunded=refunded)
    units = held(item, status)
    assert max(received, refunded) <= units <= quantity
    if status in statuses.ENDED:
        assert units == max(received, refunded)


@given(st.sets(st.sampled_from(TIMES)))
def test_the_status_is_the_furthest_fact(reached: set[str]) -> None:
    request: Any = SimpleNamespace(**{name: NOW if name in reached else None for name in TIMES})
    status = statuses.status(request)
    if not reached:
        assert status is ReturnStatus.PENDING
    elif "rejected_at" in reached:
        assert status is ReturnStatus.REJECTED
    elif "closed_at" in reached:
        assert status is ReturnStatus.CLOSED
    else:
        furthest = [
            name for name in ("approved_at", "in_transit_at", "received_at", "processed_at") if name in reached
        ]
        assert status.value == furthest[-1].removesuffix("_at").upper()
