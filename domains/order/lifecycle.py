"""The operations that an order allows, by its facts. Pure; the status is a function of the facts."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from domains.order.data import OrderStatus
from domains.order.errors import StatusNotAllowed, StatusNotSettable
from domains.order.summary import NOTHING, OrderFacts, status

S = OrderStatus


def may_accept(facts: OrderFacts) -> bool:
    """Whether the order can be accepted without a capture."""
    return status(facts) in {S.PENDING, S.PAYMENT_PENDING}


def may_process(facts: OrderFacts) -> bool:
    """Whether processing can begin: the order is accepted or paid."""
    return status(facts) in {S.CONFIRMED, S.PAID}


def may_ship(facts: OrderFacts) -> bool:
    """Whether units are left to ship, and the order is being processed."""
    return status(facts) is S.PROCESSING and facts.shipped < facts.shippable and not facts.is_refunded


def may_deliver(facts: OrderFacts) -> bool:
    """Whether units are on their way to the buyer."""
    is_open = facts.cancelled_at is None and facts.failed_at is None
    return is_open and facts.delivered + facts.sent_back < facts.shipped


def may_hold(facts: OrderFacts) -> bool:
    """Whether its shipment can be held back: it has not ended, and goods are left to ship."""
    return facts.cancelled_at is None and facts.failed_at is None and facts.shipped < facts.wanted


def may_cancel(facts: OrderFacts) -> bool:
    """Whether the order can be cancelled: no goods were shipped, and no payment is in progress."""
    return status(facts) in {S.PENDING, S.CONFIRMED, S.PAID, S.PROCESSING} and not facts.goods_shipped


def is_shipped_in_part(facts: OrderFacts) -> bool:
    """Whether goods were shipped, and others are left to ship."""
    return status(facts) is S.PROCESSING and facts.goods_shipped > 0


def may_discount(facts: OrderFacts) -> bool:
    """Whether staff can change its discounts: nothing of it is paid, authorized, being paid or accepted."""
    return status(facts) is S.PENDING and not facts.captured and not has_payment(facts)


def may_expire(facts: OrderFacts) -> bool:
    """Whether the order expires at its time limit."""
    return status(facts) is S.PENDING


def may_edit(facts: OrderFacts) -> bool:
    """Whether staff can change its lines: units are left to ship, no attempt to pay is open, no bank took it back."""
    is_open = status(facts) in {S.PENDING, S.CONFIRMED, S.PAID, S.PROCESSING}
    return is_open and not facts.is_refunded and not facts.charged_back


def expects_payment(facts: OrderFacts) -> bool:
    """Whether a payment is still expected; a capture for any other order is cancelled.

    A paid order expects one after an edit has raised its total, unless all that was paid was refunded.
    """
    is_given_back = facts.paid_at is not None and facts.is_refunded
    has_ended = status(facts) in {S.CANCELLED, S.REFUNDED, S.FAILED}
    return facts.outstanding > 0 and not is_given_back and not has_ended


def expects_capture(facts: OrderFacts, amount: Decimal) -> bool:
    """Whether a capture of this amount is expected; of a paid order, at most what an edit has left to pay."""
    return expects_payment(facts) and (facts.paid_at is None or amount <= facts.outstanding)


def amount_due(facts: OrderFacts) -> Decimal:
    """What is left to pay of an order; zero when nothing is expected."""
    return facts.outstanding if expects_payment(facts) else NOTHING


def may_pay(facts: OrderFacts) -> bool:
    """Whether the buyer can begin a payment; see `expects_payment` for payments in progress.

    An order that was accepted or paid in part can be paid after its shipment too. One that only gift cards and store
    credit have paid in part is PENDING.
    """
    is_open = status(facts) is S.PENDING or facts.accepted_at is not None
    return may_mark_paid(facts) and (is_open or facts.captured > 0)


def may_mark_paid(facts: OrderFacts) -> bool:
    """Whether staff can record a manual payment of the total: no other payment is in progress."""
    return expects_payment(facts) and not has_payment(facts)


def may_invoice(facts: OrderFacts) -> bool:
    """Whether the order is invoiced: it neither was cancelled, nor failed, nor came back before anything was paid."""
    is_written_off = status(facts) is S.CANCELLED and not facts.captured
    return facts.cancelled_at is None and facts.failed_at is None and not is_written_off


def has_payment(facts: OrderFacts) -> bool:
    """Whether a payment is in progress or authorized, and may still capture money."""
    return bool(facts.open_attempts or facts.authorized)


# The statuses that `update_status` can set, each with the condition on the facts.
SETTABLE: Final[Mapping[OrderStatus, Callable[[OrderFacts], bool]]] = {
    S.CONFIRMED: may_accept,
    S.PROCESSING: may_process,
    S.SHIPPED: may_ship,
    S.DELIVERED: may_deliver,
}


def require_settable(facts: OrderFacts, wanted: OrderStatus) -> None:
    """Raise StatusNotSettable or StatusNotAllowed unless `update_status` can set this status now."""
    if wanted not in SETTABLE:
        raise StatusNotSettable(wanted)
    if not SETTABLE[wanted](facts):
        raise StatusNotAllowed(status(facts), wanted, next_statuses(facts))


def next_statuses(facts: OrderFacts) -> list[OrderStatus]:
    """The statuses that `update_status` can set now, in the order of the enum."""
    return [each for each in OrderStatus if each in SETTABLE and SETTABLE[each](facts)]


def path(current: OrderStatus, reached: OrderStatus, *, is_cancellation: bool) -> list[OrderStatus]:
    """The statuses that the history shows for a change; empty when the status does not change.

    An order that is refunded before it is shipped was cancelled first.
    """
    if reached is current:
        return []
    return [S.CANCELLED, S.REFUNDED] if is_cancellation and reached is S.REFUNDED else [reached]
