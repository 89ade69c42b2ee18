"""Settling what was left open: payments whose outcome is not known, and refunds that nobody answered."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.idempotency.attempts import Attempt
from domains.order import payments, refunds
from domains.order.below import Below
from domains.order.refunds import Giving
from domains.payment.models import Payment, Refund

T = TypeVar("T")


async def settle(below: Below, db: Database, actor: Actor) -> int:
    """Ask the provider about everything open in the actor's company; how much there was.

    One that fails keeps none of the others from being settled; all failures are raised together at the end.
    """
    reader = db.reader(actor.company_id)
    open_payments = await below.payment.reconciliation.due_payments(reader)
    open_refunds = await below.payment.reconciliation.due_refunds(reader)
    failures: list[Exception] = []

    async def settle_payment(payment: Payment) -> None:
        outcome = await below.payment.reconciliation.reconcile(payment)
        await payments.conclude(below, Attempt(db), actor, payment, outcome)

    async def settle_refund(refund: Refund) -> None:
        (payment,) = await below.payment.payments_by_id(reader, [refund.payment_id])
        await refunds.send(below, db, actor, Giving(payment, refund))

    await _each(open_payments, settle_payment, failures)
    await _each(open_refunds, settle_refund, failures)
    if failures:
        raise ExceptionGroup("Not everything could be settled.", failures)
    return len(open_payments) + len(open_refunds)


async def _each(items: list[T], work: Callable[[T], Awaitable[None]], failures: list[Exception]) -> None:
    for item in items:
        try:
            await work(item)
        except Exception as error:  # noqa: BLE001 - all of them are raised when the others are done
            failures.append(error)
