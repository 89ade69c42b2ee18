"""The summaries of an order's facts, over all small sums; and the transitions that single events cause."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

import pytest

from domains.order import lifecycle
from domains.order.models import FulfilmentStatus, OrderPaymentStatus
from domains.order.models import OrderStatus as S
from domains.order.summary import OrderFacts, fulfilment_status, is_completed, payment_status, status

AT = datetime(2026, 11, 28, tzinfo=UTC)
TIMES = ("accepted_at", "paid_at", "processing_at", "cancelled_at", "failed_at")
# The transitions of earlier versions; all of them stay.
TABLE = {
    S.PENDING: {S.PAYMENT_PENDING, S.CONFIRMED, S.CANCELLED, S.FAILED},
    S.PAYMENT_PENDING: {S.PAID, S.PENDING, S.FAILED},
    S.CONFIRMED: {S.PAID, S.PROCESSING, S.CANCELLED},
    S.PAID: {S.PROCESSING, S.CANCELLED},
    S.PROCESSING: {S.SHIPPED, S.CANCELLED},
    S.SHIPPED: {S.DELIVERED},
    S.DELIVERED: {S.REFUNDED},
    S.CANCELLED: {S.REFUNDED},
}
NEW = {
    S.PENDING: {S.PAID},
    S.PAYMENT_PENDING: {S.CONFIRMED},
    S.PROCESSING: {S.DELIVERED, S.REFUNDED},
    S.PAID: {S.DELIVERED},
    S.SHIPPED: {S.REFUNDED, S.CANCELLED},
}
Path = list[OrderFacts]


# ---- all small sums


def units() -> Iterator[dict[str, int]]:
    """Every way in which up to two units can be dropped, shipped, delivered, sent back and returned."""
    for ordered, dropped, shipped, delivered, sent_back, returned in product(range(1, 3), *[range(3)] * 5):
        if dropped + shipped <= ordered and delivered + sent_back <= shipped and returned <= delivered:
            yield {
                "ordered": ordered,
                "dropped": dropped,
                "shipped": shipped,
                "delivered": delivered,
                "sent_back": sent_back,
                "returned": returned,
            }


def money() -> Iterator[dict[str, Any]]:
    for total, captured, refunded, authorized, back in product(range(3), range(3), range(3), (0, 2), (0, 1)):
        if refunded + back <= captured <= total:
            amounts = {"total": total, "captured": captured, "refunded": refunded, "authorized": authorized}
            amounts["charged_back"] = back
            yield {name: Decimal(amount) for name, amount in amounts.items()}


def all_facts() -> Iterator[OrderFacts]:
    attempts = [{"open_attempts": begun, "failed_attempts": failed} for begun, failed in product(range(2), range(2))]
    times = [dict(zip(TIMES, each, strict=True)) for each in product((None, AT), repeat=len(TIMES))]
    amounts, counts = list(money()), list(units())
    for each in product(counts, amounts, attempts, times):
        merged: dict[str, Any] = {name: value for part in each for name, value in part.items()}
        yield OrderFacts(**merged)


def expected_status(f: OrderFacts) -> S:
    """The rule of the design, written down a second time."""
    wanted, given_back = f.ordered - f.dropped, 0 < f.captured <= f.refunded
    rules = [
        (f.failed_at, S.FAILED),
        (f.cancelled_at and given_back, S.REFUNDED),
        (f.cancelled_at, S.CANCELLED),
        (f.shipped >= wanted and f.delivered + f.sent_back < wanted, S.SHIPPED),
        (f.shipped >= wanted and given_back, S.REFUNDED),
        (f.shipped >= wanted and f.delivered, S.DELIVERED),
        (f.shipped >= wanted, S.CANCELLED),
        (f.processing_at, S.PROCESSING),
        (f.paid_at, S.PAID),
        (f.accepted_at, S.CONFIRMED),
        (f.open_attempts, S.PAYMENT_PENDING),
        (True, S.PENDING),
    ]
    return next(name for holds, name in rules if holds)


def expected_payment_status(f: OrderFacts) -> OrderPaymentStatus:
    rules = [
        (f.charged_back, OrderPaymentStatus.CHARGED_BACK),
        (f.captured and f.refunded >= f.captured, OrderPaymentStatus.REFUNDED),
        (f.refunded, OrderPaymentStatus.PARTIALLY_REFUNDED),
        (f.captured >= f.total, OrderPaymentStatus.PAID),
        (f.captured, OrderPaymentStatus.PARTIALLY_PAID),
        (f.authorized, OrderPaymentStatus.AUTHORIZED),
        (f.failed_attempts and not f.open_attempts, OrderPaymentStatus.FAILED),
        (True, OrderPaymentStatus.PENDING),
    ]
    return next(name for holds, name in rules if holds)


def expected_fulfilment_status(f: OrderFacts) -> FulfilmentStatus:
    wanted, back = f.ordered - f.dropped, f.sent_back + f.returned
    rules = [
        (back and back >= wanted, FulfilmentStatus.RETURNED),
        (back, FulfilmentStatus.PARTIALLY_RETURNED),
        (not f.shipped, FulfilmentStatus.UNFULFILLED),
        (f.shipped < wanted, FulfilmentStatus.PARTIALLY_FULFILLED),
        (f.delivered >= wanted, FulfilmentStatus.DELIVERED),
        (True, FulfilmentStatus.FULFILLED),
    ]
    return next(name for holds, name in rules if holds)


def test_the_summaries_of_all_small_sums_match_the_design() -> None:
    seen: set[object] = set()
    for facts in all_facts():
        found = (status(facts), payment_status(facts), fulfilment_status(facts))
        assert found == (expected_status(facts), expected_payment_status(facts), expected_fulfilment_status(facts))
        seen.update(found)
    assert seen == {*S, *OrderPaymentStatus, *FulfilmentStatus}


# ---- single events


def payments(f: OrderFacts) -> Iterator[Path]:
    """Attempts, their outcomes, and payments by hand."""
    if lifecycle.may_pay(f):
        yield [replace(f, open_attempts=1)]
    if f.open_attempts:
        closed = replace(f, open_attempts=0, failed_attempts=1)
        yield [closed]
        if status(f) is S.PAYMENT_PENDING:
            yield [replace(closed, failed_at=AT)]
    if lifecycle.expects_payment(f):
        for amount in range(1, int(f.outstanding) + 1):
            captured = f.captured + amount
            paid_at = AT if captured >= f.total else None
            paid = replace(f, open_attempts=0, authorized=Decimal(0), captured=captured, paid_at=paid_at)
            yield [paid, *gift_cards_sent(paid)]
        if f.open_attempts:
            yield [replace(f, open_attempts=0, authorized=f.total, accepted_at=f.accepted_at or AT)]


def gift_cards_sent(f: OrderFacts) -> Path:
    """The delivery of the gift cards of an order that is paid now."""
    if not f.digital or f.paid_at is None:
        return []
    return [replace(f, shipped=f.shipped + f.digital, delivered=f.delivered + f.digital)]


def refunds(f: OrderFacts) -> Iterator[Path]:
    """Refunds; a complete one cancels an order of which nothing was shipped."""
    for amount in range(1, int(f.captured - f.refunded) + 1):
        refunded = replace(f, refunded=f.refunded + amount)
        if refunded.is_refunded and lifecycle.may_cancel(refunded):
            yield [replace(f, cancelled_at=AT), replace(refunded, cancelled_at=AT)]
        else:
            yield [refunded]


def decisions(f: OrderFacts) -> Iterator[Path]:
    """Acceptance, processing, cancellation, the end of the time limit, and edits that drop units."""
    if lifecycle.may_accept(f):
        yield [replace(f, accepted_at=AT)]
    if lifecycle.may_process(f):
        yield [replace(f, processing_at=AT)]
    if lifecycle.may_cancel(f):
        yield [replace(f, cancelled_at=AT)]
    if lifecycle.may_expire(f):
        yield [replace(f, failed_at=AT)]
    if status(f) in {S.PENDING, S.CONFIRMED, S.PAID, S.PROCESSING}:
        for count in range(1, f.shippable - f.shipped + 1):
            dropped = replace(f, dropped=f.dropped + count)
            yield [replace(dropped, cancelled_at=AT) if dropped.wanted == 0 else dropped]


def movements(f: OrderFacts) -> Iterator[Path]:
    """Shipments, deliveries and what comes back, each of some units."""
    if lifecycle.may_ship(f):
        for count in range(1, f.shippable - f.shipped + 1):
            shipped = replace(f, shipped=f.shipped + count)
            yield [shipped]
            yield [replace(shipped, delivered=f.delivered + count)]  # digital units
    if lifecycle.may_deliver(f):
        for count in range(1, f.shipped - f.delivered - f.sent_back + 1):
            yield [replace(f, delivered=f.delivered + count)]
            yield [replace(f, sent_back=f.sent_back + count)]
    for count in range(1, f.delivered - f.returned + 1):
        yield [replace(f, returned=f.returned + count)]


EVENTS: tuple[Callable[[OrderFacts], Iterator[Path]], ...] = (payments, refunds, decisions, movements)


@pytest.fixture(scope="module")
def reached() -> dict[OrderFacts, set[tuple[S, S]]]:
    """All facts that events lead to from a new order, with the transitions out of each."""
    found: dict[OrderFacts, set[tuple[S, S]]] = {}
    waiting = [
        OrderFacts(total=Decimal(total), ordered=ordered, digital=digital)
        for total, ordered, digital in [*product((0, 2), (1, 2), (0,)), (2, 1, 1), (2, 2, 1), (2, 2, 2)]
    ]
    waiting += [replace(each, accepted_at=AT) for each in waiting if not each.total]
    while waiting:
        facts = waiting.pop()
        if facts in found:
            continue
        found[facts] = set()
        for path in (path for event in EVENTS for path in event(facts)):
            found[facts] |= moves([facts, *path])
            waiting.append(path[-1])
    return found


def moves(path: Path) -> set[tuple[S, S]]:
    """The transitions that the history shows of an event."""
    made: set[tuple[S, S]] = set()
    for before, after in pairwise(path):
        is_cancellation = before.cancelled_at is None and after.cancelled_at is not None
        steps = lifecycle.path(status(before), status(after), is_cancellation=is_cancellation)
        made.update(pairwise([status(before), *steps]))
    return made


def test_single_events_cause_exactly_the_transitions_of_the_design(
    reached: dict[OrderFacts, set[tuple[S, S]]],
) -> None:
    made = set[tuple[S, S]]().union(*reached.values())
    assert made == {(before, after) for table in (TABLE, NEW) for before in table for after in table[before]}


def test_an_order_that_has_ended_expects_no_payment_and_no_status(
    reached: dict[OrderFacts, set[tuple[S, S]]],
) -> None:
    for facts in reached:
        if status(facts) in {S.CANCELLED, S.REFUNDED, S.FAILED}:
            assert not lifecycle.expects_payment(facts)
            assert not lifecycle.may_cancel(facts)
            assert lifecycle.next_statuses(facts) == []


def test_every_allowed_transition_results_in_its_status(reached: dict[OrderFacts, set[tuple[S, S]]]) -> None:
    """Whole orders: shipping ships all that is left, delivery delivers all that is on its way."""
    for facts in reached:
        for wanted in lifecycle.next_statuses(facts):
            after = whole(facts, wanted)
            assert status(after) in {wanted, S.PROCESSING if facts.wanted > facts.shipped else S.REFUNDED, S.SHIPPED}


def whole(f: OrderFacts, wanted: S) -> OrderFacts:
    return {
        S.CONFIRMED: replace(f, accepted_at=AT),
        S.PROCESSING: replace(f, processing_at=AT),
        S.SHIPPED: replace(f, shipped=f.shippable),
        S.DELIVERED: replace(f, delivered=f.shipped - f.sent_back),
    }[wanted]


def test_an_order_is_completed_once(reached: dict[OrderFacts, set[tuple[S, S]]]) -> None:
    """What ends a completion, such as a complete refund, ends it for good."""
    ended = {after for before in reached if is_completed(before) for after in following(before)}
    waiting = {facts for facts in ended if not is_completed(facts)}
    seen: set[OrderFacts] = set()
    while waiting:
        facts = waiting.pop()
        assert not is_completed(facts)
        seen.add(facts)
        waiting |= following(facts) - seen
    assert {status(facts) for facts in seen} == {S.REFUNDED}


def following(facts: OrderFacts) -> set[OrderFacts]:
    return {each for event in EVENTS for path in event(facts) for each in path}
