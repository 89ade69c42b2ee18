"""Confirmation: a buyer has completed a next action, and asks what became of the payment."""

from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction
from domains.kernel.values.secret import Secret
from domains.order import data
from domains.order.payments.outcomes import PaymentOutcomes
from domains.order.payments.progress import PaymentProgress, client_secret_of
from domains.order.policy import may_reach
from domains.payment.errors import PaymentNotFound
from domains.payment.models import NextActionType, Payment, PaymentStatus
from domains.payment.service import PaymentService


class Confirmation:
    """Looks payments up at the provider when their buyer is back, before a webhook or reconciliation does."""

    def __init__(self, payment: PaymentService, outcomes: PaymentOutcomes) -> None:
        self._payment = payment
        self._outcomes = outcomes

    async def confirm(
        self, db: Database, actor: Actor, payment_id: UUID, *, token: str | None = None
    ) -> PaymentProgress:
        """Look a payment up at its provider, carry it out when its buyer has approved it, and record the answer.

        A payment that is decided, is being cancelled, or was not sent yet is returned as it is. Idempotent. Raises
        PaymentNotFound, also for a payment of an order that the actor may not pay, PaymentDeclined when it fails now,
        and as `Operations.find`. Emits what `PaymentOutcomes.conclude` does.
        """
        reader = db.reader(actor.company_id)
        payment = next(iter(await self._payment.payments_by_id(reader, [payment_id])), None)
        order = None if payment is None else await data.order.find_unique(reader, id=payment.order_id)
        if payment is None or order is None or not may_reach(actor, order, token, PermissionAction.UPDATE):
            raise PaymentNotFound
        if not _awaits_buyer(payment):
            return PaymentProgress(order, payment)
        state = await self._payment.reconciliation.look_up(reader, payment)
        if state is None:
            return PaymentProgress(order, payment)
        order, payment = await self._outcomes.conclude(Attempt(db), actor, payment, state)
        progress = PaymentProgress(order, payment, client_secret_of(payment, state))
        progress.require_not_declined()
        return progress

    async def client_secret(self, db: Reader, payment: Payment) -> Secret | None:
        """The client secret of a payment that its buyer is to confirm in the browser, anew from the provider.

        None for any other payment, and when the provider does not answer.
        """
        if payment.next_action_type is not NextActionType.CONFIRMATION or not _awaits_buyer(payment):
            return None
        return client_secret_of(payment, await self._payment.operations.find(db, payment))


def _awaits_buyer(payment: Payment) -> bool:
    """Whether a payment was sent and is undecided. One that is being cancelled must not be carried out."""
    is_undecided = payment.status in (PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING)
    return is_undecided and payment.cancel_requested_at is None
