"""Reconciliation: asking the provider for the outcome of open payments and refunds."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.order.models import Order
from domains.order.payments.outcomes import PaymentOutcomes
from domains.order.payments.refunds import PendingRefund, Refunds
from domains.payment.models import Payment, Refund
from domains.payment.service import PaymentService

T = TypeVar("T", Payment, Refund)


class Reconciliation:
    """Completes payments and refunds that were interrupted between the database and the provider."""

    def __init__(self, payment: PaymentService, outcomes: PaymentOutcomes, refunds: Refunds) -> None:
        self._payment = payment
        self._outcomes = outcomes
        self._refunds = refunds

    async def reconcile(self, db: Database, actor: Actor) -> int:
        """Reconcile the open payments and refunds of the actor's company; returns their number.

        A failure does not stop the others; all failures are raised together at the end as an ExceptionGroup, each
        with a note that names the payment or refund. Emits as `PaymentOutcomes.conclude` and `Refunds.refund`.
        """
        reader = db.reader(actor.company_id)
        open_payments = await self._payment.reconciliation.due_payments(reader)
        open_payments += await self._payment.reconciliation.due_authorizations(reader)
        open_refunds = await self._payment.reconciliation.due_refunds(reader)
        failures: list[Exception] = []

        async def reconcile_payment(payment: Payment) -> None:
            await db.run_statement(lambda tx: self._payment.reconciliation.begin_payment(tx, payment.id), actor)
            await self.look_up(db, actor, payment)

        async def reconcile_refund(refund: Refund) -> None:
            await db.run_statement(lambda tx: self._payment.reconciliation.begin_refund(tx, refund.id), actor)
            (payment,) = await self._payment.payments_by_id(reader, [refund.payment_id])
            await self._refunds.send(db, actor, PendingRefund(payment, refund))

        await _run_all("payment", open_payments, reconcile_payment, failures)
        await _run_all("refund", open_refunds, reconcile_refund, failures)
        if failures:
            raise ExceptionGroup("Some payments or refunds could not be reconciled.", failures)
        return len(open_payments) + len(open_refunds)

    async def look_up(self, db: Database, actor: Actor, payment: Payment) -> tuple[Order, Payment]:
        """Ask the provider for a payment's present state, and record it in the payment and the order; both after it.

        Carries out what was requested. Refunds and chargebacks that were made at the provider are recorded too.
        Idempotent. Emits as `PaymentOutcomes.conclude`.
        """
        outcome = await self._payment.reconciliation.reconcile(db.reader(payment.company_id), payment)
        return await self._outcomes.conclude(Attempt(db), actor, payment, outcome)


async def _run_all(
    name: str, items: list[T], work: Callable[[T], Awaitable[None]], failures: list[Exception]
) -> None:
    for item in items:
        try:
            await work(item)
        except Exception as error:  # noqa: BLE001 - all of them are raised when the others are done
            raise_if_cancelled()
            error.add_note(f"{name} {item.id}")
            failures.append(error)
