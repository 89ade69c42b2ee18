"""Fail-points: named places in the code where tests let a process die, stop or fail.

They do nothing unless `arm` was called, which only the setting FAIL_POINTS does, and only with TESTING=true. A point
is armed as `name:action:nth`: at the nth time that the place is reached, the process is killed (`kill`, SIGKILL),
stopped (`stop`, SIGSTOP) or gets an error (`raise`).
"""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

POINTS: Final = frozenset(
    {
        "checkout.locked",
        "checkout.tenders_locked",
        "checkout.stock_reserved",
        "checkout.order_written",
        "command.before_commit",
        "command.committed",
        "consumer.checked",
        "consumer.handled",
        "exchange.order_placed",
        "exchange.reserved",
        "feed.read",
        "feed.stored",
        "fulfilment.order_shipped",
        "idempotency.claimed",
        "notification.claimed",
        "notification.rendered",
        "notification.sent",
        "outbox.written",
        "payment.abandoned",
        "payment.abandonment_sent",
        "payment.attempt_committed",
        "payment.capture_answered",
        "payment.capture_requested",
        "payment.method_forgotten",
        "payment.provider_charged",
        "payment.outcome_recorded",
        "payment.webhook_received",
        "payment.webhook_fetched",
        "refund.requested",
        "refund.provider_refunded",
        "refund.recorded",
        "relay.claimed",
        "relay.confirmed",
        "relay.recorded",
        "return.label_bought",
        "return.refund_begun",
        "return.refund_sent",
        "shipment.followed",
        "shipment.units_sold",
        "shipping.label_bought",
        "shipping.label_requested",
        "shipping.label_voided",
        "shipping.void_requested",
        "webhook.claimed",
        "webhook.sent",
        "workflow.answered",
    }
)
ACTIONS: Final = ("kill", "stop", "raise")


class FailPointReached(Exception):
    """The error of an armed fail-point with the action `raise`."""


class FailPointInvalid(ValueError):
    """A fail-point has another form than `name:action:nth`, or a name that does not exist."""


@dataclass(slots=True)
class _Armed:
    action: str
    remaining: int


_armed: dict[str, _Armed] = {}


def arm(points: Sequence[str]) -> None:
    """Arm fail-points; replaces those armed before. Raises FailPointInvalid."""
    _armed.clear()
    for point in points:
        name, _, rest = point.partition(":")
        action, _, nth = rest.partition(":")
        if name not in POINTS:
            raise FailPointInvalid(f"There is no fail-point {name!r}.")
        if action not in ACTIONS or not nth.isdecimal() or int(nth) < 1:
            raise FailPointInvalid(f"{point!r} is not name:kill|stop|raise:nth.")
        _armed[name] = _Armed(action, int(nth))


def reach(name: str) -> None:
    """Do what is armed at a place; nothing when no fail-point is armed."""
    if _armed:
        _act(name)


def _act(name: str) -> None:
    armed = _armed.get(name)
    if armed is None:
        return
    armed.remaining -= 1
    if armed.remaining:
        return
    if armed.action == "raise":
        raise FailPointReached(name)
    os.kill(os.getpid(), signal.SIGKILL if armed.action == "kill" else signal.SIGSTOP)
