"""Manual payments: money received by transfer or in cash, which staff record; and the value of exchanged goods."""

from decimal import Decimal
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.payment import data
from domains.payment.amounts import require_positive
from domains.payment.audit import log
from domains.payment.events import PaymentCaptured
from domains.payment.models import Payment, PaymentAuditEvent, PaymentStatus, TransactionStatus, TransactionType
from domains.payment.providers.recorded_provider import MANUAL, transaction_id
from domains.payment.providers.results import ProviderTransaction
from domains.payment.transactions import Transactions


class ManualPayments:
    """Records payments that were made outside a provider."""

    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def record(
        self, tx: Tx, order_id: UUID, amount: Decimal, currency: str, method: str, provider: str = MANUAL
    ) -> Payment:
        """Record received money as a SUCCEEDED payment of the provider MANUAL. One statement.

        Of the provider EXCHANGE it is the value of goods that the order replaces; refunds of the same transaction
        make it.

        Its transaction id is made from the payment's id: one transfer may pay several orders, so a bank's reference
        is not unique. A refund of it succeeds at once. Raises OutOfRange for an amount that is not
        positive, and TooManyDecimals. Emits PaymentCaptured.
        """
        payment_id, now, exact = new_id(), self._clock.now(), require_positive(amount, currency)
        payment = await data.payment.create(
            tx,
            {
                "id": payment_id,
                "order_id": order_id,
                "provider": provider,
                "method": method,
                "status": PaymentStatus.SUCCEEDED,
                "amount": exact,
                "amount_captured": exact,
                "currency": currency,
                "provider_transaction_id": transaction_id(provider, payment_id),
                "settled_at": now,
                "created_at": now,
                "updated_at": now,
            },
        )
        charge = ProviderTransaction(
            transaction_id(provider, payment_id),
            TransactionType.CHARGE,
            TransactionStatus.SUCCEEDED,
            Money(payment.amount, currency),
            now,
        )
        await self._transactions.record_captured(tx, payment, charge)
        tx.emit(PaymentCaptured.of(payment))
        log.record(tx, PaymentAuditEvent.PAYMENT_RECORDED, log.Subject.payment(payment))
        return payment
