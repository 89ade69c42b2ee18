"""Replacement: another payment of an order takes the place of one that its buyer has not completed."""

from typing import Final

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.order.payments.outcomes import PaymentOutcomes
from domains.payment.errors import PaymentInProgress, TooManyPayments
from domains.payment.models import Payment
from domains.payment.providers.results import ProviderStatus
from domains.payment.service import PaymentService

# No money was taken or reserved, and none is before the buyer, or we, do something.
WAITING: Final = {ProviderStatus.REQUIRES_ACTION, ProviderStatus.APPROVED}
UNDECIDED: Final = {ProviderStatus.NO_ANSWER, ProviderStatus.PROCESSING}
# Of an order: nobody begins payments without end, each of which asks the provider and is kept.
MAX_PAYMENTS: Final = 30


class Replacement:
    """Ends open payments: what the provider has decided is recorded, what waits for the buyer is cancelled first."""

    def __init__(self, payment: PaymentService, outcomes: PaymentOutcomes) -> None:
        self._payment = payment
        self._outcomes = outcomes

    async def end(self, db: Database, actor: Actor, payment: Payment) -> None:
        """End a payment that REQUIRES_ACTION or is PROCESSING, in no transaction; then another one may begin.

        The provider is asked first. What it authorized or captured is recorded, and pays the order. A payment that
        waits for its buyer is marked, cancelled at the provider, and recorded as CANCELLED: from the mark on, nothing
        that it takes counts, and all of it is returned, so a buyer who completes it at that moment pays once. Each
        step can be repeated, and reconciliation carries a marked payment on. Raises PaymentInProgress when the
        provider has no outcome, and TooManyPayments once the order has 30. Emits as `PaymentOutcomes.conclude`.
        """
        reader = db.reader(payment.company_id)
        if len(await self._payment.payments_of(reader, [payment.order_id])) >= MAX_PAYMENTS:
            raise TooManyPayments(MAX_PAYMENTS)
        state = await self._payment.operations.find(reader, payment)
        if state is not None and state.status in WAITING:
            if await db.run(lambda tx: self._payment.abandon(tx, payment.id), actor) is None:
                return  # it has an outcome by now
            reach("payment.abandoned")
            state = await self._payment.operations.cancel(reader, payment)
            reach("payment.abandonment_sent")
        if state is None or state.status in UNDECIDED:
            raise PaymentInProgress
        await self._outcomes.conclude(Attempt(db), actor, payment, state)
