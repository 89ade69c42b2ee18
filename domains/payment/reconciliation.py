"""Reconciliation: finds payments and refunds without an outcome, and asks the provider for it."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.payment import data, sql
from domains.payment.lifecycle import UNCONFIRMED
from domains.payment.models import Payment, PaymentStatus, Refund, RefundStatus
from domains.payment.providers.operations import Operations
from domains.payment.providers.results import ProviderPayment, ProviderStatus

# After this time no request that began a payment or a refund is still running.
ABANDONED_AFTER: Final = timedelta(minutes=2)
RETRY_AFTER: Final = timedelta(seconds=30)
# How long a buyer has to complete a next action, such as 3-D Secure.
ACTION_TIME: Final = timedelta(minutes=15)
# How often the provider is asked about an authorization that it holds beyond its time.
HELD_CHECK: Final = timedelta(hours=1)
BATCH: Final = 100


class Reconciliation:
    """Finds unfinished payments and refunds, and asks the provider for the state of a payment."""

    def __init__(self, operations: Operations, clock: Clock) -> None:
        self._operations = operations
        self._clock = clock

    async def due_payments(self, db: Reader, limit: int = BATCH) -> list[Payment]:
        """Payments without an outcome, or with a capture or cancellation to carry out; longest waiting first."""
        now = self._clock.now()
        return await sql.due_payments(
            db, created_before=now - ABANDONED_AFTER, checked_before=now - RETRY_AFTER, limit=limit
        )

    async def due_authorizations(self, db: Reader, limit: int = BATCH) -> list[Payment]:
        """Authorized payments whose time is over, each once an hour while the provider holds it nevertheless."""
        now = self._clock.now()
        return await sql.due_authorizations(db, ended_before=now, checked_before=now - HELD_CHECK, limit=limit)

    async def due_refunds(self, db: Reader, limit: int = BATCH) -> list[Refund]:
        """Refunds that were not answered and are to be sent again; longest waiting first."""
        where: data.RefundWhere = {
            "status": RefundStatus.PENDING,
            "updated_at": {"lte": self._clock.now() - ABANDONED_AFTER},
        }
        order: list[data.RefundOrder] = [{"updated_at": "asc"}, {"id": "asc"}]
        return await data.refund.find_many(db, where=where, order_by=order, take=limit)

    async def begin_payment(self, tx: Tx, payment_id: UUID) -> None:
        """Record that the provider is now asked about a payment, which makes it the last of those that are due.

        Payments that the provider never settles then do not keep the others waiting. One statement.
        """
        await data.payment.update_many(tx, where={"id": payment_id}, data={"updated_at": self._clock.now()})

    async def begin_refund(self, tx: Tx, refund_id: UUID) -> None:
        """Record that a refund is now sent again, as `begin_payment` does for payments. One statement."""
        await data.refund.update_many(tx, where={"id": refund_id}, data={"updated_at": self._clock.now()})

    async def reconcile(self, db: Reader, payment: Payment) -> ProviderPayment:
        """The present state of a payment at its provider, in no transaction; `PaymentService.record` applies it.

        Carries out a capture or cancellation that was requested. Cancels a payment that the provider never received,
        so that it takes no money when it arrives late, and one whose next action was not completed in ACTION_TIME.
        Raises ProviderNotConfigured, AmountMismatch.
        """
        if payment.cancel_requested_at is not None:
            return await self._operations.cancel(db, payment)
        if payment.status is PaymentStatus.AUTHORIZED and payment.capture_requested_at is not None:
            return await self._operations.capture(db, payment)
        state = await self._operations.find(db, payment)
        if state is None or self._is_abandoned(payment, state):
            return await self._operations.cancel(db, payment)
        return await self._operations.confirm(db, payment) if state.status is ProviderStatus.APPROVED else state

    async def look_up(self, db: Reader, payment: Payment) -> ProviderPayment | None:
        """The present state of a payment at its provider after an event; None when there is no answer, or no payment.

        Carries out a payment that its buyer has approved, and nothing else. In no transaction; `record` applies it.
        Raises ProviderNotConfigured, AmountMismatch.
        """
        state = await self._operations.find(db, payment)
        if state is None or state.status is ProviderStatus.NO_ANSWER:
            return None
        may_confirm = payment.status in UNCONFIRMED and payment.cancel_requested_at is None
        if state.status is not ProviderStatus.APPROVED or not may_confirm:
            return state
        confirmed = await self._operations.confirm(db, payment)
        return None if confirmed.status is ProviderStatus.NO_ANSWER else confirmed

    def _is_abandoned(self, payment: Payment, state: ProviderPayment) -> bool:
        return (
            state.status is ProviderStatus.REQUIRES_ACTION and payment.created_at + ACTION_TIME <= self._clock.now()
        )
