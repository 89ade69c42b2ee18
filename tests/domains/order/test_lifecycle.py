"""The operations that each status allows, and what `update_status` refuses."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.order import lifecycle
from domains.order.errors import StatusNotAllowed, StatusNotSettable
from domains.order.models import OrderStatus as S
from domains.order.summary import OrderFacts, status

AT = datetime(2026, 11, 28, tzinfo=UTC)
NEW = OrderFacts(total=Decimal(10), ordered=2)
PAID = replace(NEW, captured=Decimal(10), paid_at=AT)
STAGES = {
    S.PENDING: NEW,
    S.PAYMENT_PENDING: replace(NEW, open_attempts=1),
    S.CONFIRMED: replace(NEW, accepted_at=AT),
    S.PAID: PAID,
    S.PROCESSING: replace(PAID, processing_at=AT),
    S.SHIPPED: replace(PAID, processing_at=AT, shipped=2),
    S.DELIVERED: replace(PAID, processing_at=AT, shipped=2, delivered=2),
    S.CANCELLED: replace(NEW, cancelled_at=AT),
    S.REFUNDED: replace(PAID, cancelled_at=AT, refunded=Decimal(10)),
    S.FAILED: replace(NEW, failed_at=AT),
}
NEXT = {
    S.PENDING: [S.CONFIRMED],
    S.PAYMENT_PENDING: [S.CONFIRMED],
    S.CONFIRMED: [S.PROCESSING],
    S.PAID: [S.PROCESSING],
    S.PROCESSING: [S.SHIPPED],
    S.SHIPPED: [S.DELIVERED],
}
ANY = st.sampled_from(list(S))


def test_each_stage_has_the_status_of_its_facts() -> None:
    assert {each: status(facts) for each, facts in STAGES.items()} == {each: each for each in S}


@given(current=ANY, wanted=ANY)
def test_a_status_can_be_set_only_from_its_predecessor(current: S, wanted: S) -> None:
    facts = STAGES[current]
    assert lifecycle.next_statuses(facts) == NEXT.get(current, [])
    if wanted in NEXT.get(current, []):
        lifecycle.require_settable(facts, wanted)
    elif wanted in lifecycle.SETTABLE:
        with pytest.raises(StatusNotAllowed, match=f"{current} cannot become {wanted}"):
            lifecycle.require_settable(facts, wanted)
    else:
        with pytest.raises(StatusNotSettable, match=f"{wanted} cannot be set"):
            lifecycle.require_settable(facts, wanted)


@pytest.mark.parametrize(
    ("rule", "stages"),
    [
        (lifecycle.may_cancel, {S.PENDING, S.CONFIRMED, S.PAID, S.PROCESSING}),
        (lifecycle.may_pay, {S.PENDING, S.CONFIRMED}),
        (lifecycle.may_mark_paid, {S.PENDING, S.CONFIRMED}),
        (lifecycle.expects_payment, {S.PENDING, S.PAYMENT_PENDING, S.CONFIRMED}),
        (lifecycle.may_expire, {S.PENDING}),
    ],
    ids=lambda rule: getattr(rule, "__name__", ""),
)
def test_each_operation_is_allowed_at_its_stages(rule: object, stages: set[S]) -> None:
    assert callable(rule)
    assert {stage for stage, facts in STAGES.items() if rule(facts)} == stages


@pytest.mark.parametrize("stage", [S.PROCESSING, S.SHIPPED, S.DELIVERED])
def test_an_accepted_order_can_be_paid_at_every_stage(stage: S) -> None:
    unpaid = replace(STAGES[stage], captured=Decimal(0), paid_at=None, accepted_at=AT)
    assert lifecycle.may_mark_paid(unpaid)
    assert not lifecycle.may_mark_paid(replace(unpaid, open_attempts=1))
    assert lifecycle.may_pay(unpaid)
    assert not lifecycle.may_pay(replace(unpaid, authorized=Decimal(1)))


def test_a_free_order_expects_no_payment() -> None:
    assert not lifecycle.expects_payment(replace(NEW, total=Decimal(0)))


def test_a_partially_shipped_order_cannot_be_cancelled() -> None:
    assert not lifecycle.may_cancel(replace(STAGES[S.PROCESSING], shipped=1))
    assert lifecycle.may_deliver(replace(STAGES[S.PROCESSING], shipped=1))


def test_gift_cards_count_as_shipped_and_do_not_keep_an_order_from_being_cancelled() -> None:
    mixed = replace(STAGES[S.PROCESSING], digital=1, shipped=1, delivered=1)
    assert (mixed.goods_shipped, mixed.shippable, lifecycle.may_cancel(mixed)) == (0, 2, True)
    assert lifecycle.next_statuses(mixed) == [S.SHIPPED]
    assert not lifecycle.may_cancel(replace(mixed, shipped=2))


def test_gift_cards_of_an_unpaid_order_are_not_shipped() -> None:
    unpaid = replace(STAGES[S.CONFIRMED], processing_at=AT, digital=1)
    assert (unpaid.shippable, lifecycle.next_statuses(unpaid)) == (1, [S.SHIPPED])
    shipped = replace(unpaid, shipped=1)
    assert (status(shipped), shipped.goods_shipped) == (S.PROCESSING, 1)
    assert lifecycle.next_statuses(shipped) == [S.DELIVERED]
    assert not lifecycle.may_cancel(shipped)


def test_a_refunded_order_is_cancelled_before() -> None:
    assert lifecycle.path(S.PAID, S.REFUNDED, is_cancellation=True) == [S.CANCELLED, S.REFUNDED]
    assert lifecycle.path(S.SHIPPED, S.REFUNDED, is_cancellation=False) == [S.REFUNDED]
    assert lifecycle.path(S.PAID, S.PAID, is_cancellation=False) == []
