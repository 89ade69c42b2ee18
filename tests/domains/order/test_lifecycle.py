"""The lifecycle is the table of the design: nothing more follows on anything, and no way leads back from an end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.order import lifecycle
from domains.order.errors import StatusNotAllowed
from domains.order.models import OrderStatus as S

# DESIGN §12, written down a second time.
TABLE = {
    S.PENDING: [S.PAYMENT_PENDING, S.CONFIRMED, S.CANCELLED, S.FAILED],
    S.PAYMENT_PENDING: [S.PAID, S.PENDING, S.FAILED],
    S.CONFIRMED: [S.PAID, S.PROCESSING, S.CANCELLED],
    S.PAID: [S.PROCESSING, S.CANCELLED],
    S.PROCESSING: [S.SHIPPED, S.CANCELLED],
    S.SHIPPED: [S.DELIVERED],
    S.DELIVERED: [S.REFUNDED],
    S.CANCELLED: [S.REFUNDED],
    S.REFUNDED: [],
    S.FAILED: [],
}
statuses = st.sampled_from(list(S))


@given(current=statuses, wanted=statuses)
def test_a_paid_order_follows_the_table_and_nothing_else(current: S, wanted: S) -> None:
    assert lifecycle.allows(current, wanted, is_paid=True) is (wanted in TABLE[current])


@given(current=statuses, wanted=statuses)
def test_an_order_that_was_never_paid_is_never_refunded(current: S, wanted: S) -> None:
    expected = wanted in TABLE[current] and wanted is not S.REFUNDED
    assert lifecycle.allows(current, wanted, is_paid=False) is expected


@given(current=statuses, wanted=statuses, is_paid=st.booleans())
def test_what_is_not_allowed_is_refused_in_words(current: S, wanted: S, is_paid: bool) -> None:
    if lifecycle.allows(current, wanted, is_paid=is_paid):
        lifecycle.require(current, wanted, is_paid=is_paid)
    else:
        with pytest.raises(StatusNotAllowed, match=f"{current} cannot become {wanted}"):
            lifecycle.require(current, wanted, is_paid=is_paid)
    assert (wanted in lifecycle.reachable(current, is_paid=is_paid)) is lifecycle.allows(
        current, wanted, is_paid=is_paid
    )


@given(steps=st.lists(statuses, max_size=12), is_paid=st.booleans())
def test_stock_that_is_let_go_never_comes_back(steps: list[S], is_paid: bool) -> None:
    """On every walk through the table an order holds units up to a point, and none after it."""
    current, held = S.PENDING, [True]
    for wanted in steps:
        if lifecycle.allows(current, wanted, is_paid=is_paid):
            current = wanted
            held.append(current in lifecycle.HOLDS_STOCK)
    assert held == sorted(held, reverse=True)


@pytest.mark.parametrize("current", list(S))
def test_staff_choose_only_what_no_fact_decides(current: S) -> None:
    assert {*lifecycle.choices(current, is_paid=True)} <= {S.CONFIRMED, S.PROCESSING, S.SHIPPED, S.DELIVERED}
