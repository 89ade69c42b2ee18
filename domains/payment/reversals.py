"""Reversals: refunds and chargebacks that are seen in the transactions at the provider."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.kernel.actor import ActorKind
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.payment import data, refunds
from domains.payment.audit import log
from domains.payment.events import ChargebackReversed, PaymentChargedBack, PaymentRefunded, RefundFailed
from domains.payment.models import (
    DeclineReason,
    NewRefundLine,
    Payment,
    PaymentAuditEvent,
    PaymentReversals,
    Refund,
    RefundStatus,
    is_captured,
)
from domains.payment.transactions import AddedTransactions, Transactions

REFUNDED_AT_PROVIDER: Final = "Refunded at the payment provider"
# Refund transactions, each with its last status, whose refund is missing or has another status.
UNSETTLED: Final = """
select t.refund_id, t.provider_transaction_id, t.status::text, t.amount, r.id, r.status::text as previous_status
from (
  select distinct on (provider_transaction_id) refund_id, provider_transaction_id, status, amount
  from payment_transactions
  where company_id = $1 and payment_id = $2 and type = 'REFUND' order by provider_transaction_id, status desc
) t
left join refunds r on r.company_id = $1 and r.payment_id = $2
  and (r.id = t.refund_id or r.provider_refund_id = t.provider_transaction_id)
where r.status::text is distinct from t.status::text and (r.id is not null or t.status = 'SUCCEEDED')
order by t.provider_transaction_id
"""


class Reversals:
    """Brings refunds and the sums of a payment into agreement with its transactions."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def record(
        self, tx: Tx, payment: Payment, added: AddedTransactions, *, captured: Decimal, is_counted: bool = True
    ) -> tuple[Payment, PaymentReversals]:
        """The payment with the sums of its transactions, some of which were added, and what they reversed.

        `tx` has locked the payment. A refund of ours gets the status of its transaction, also before its own answer
        is recorded; one that was made at the provider is added, unless the payment is not counted. The ledger has
        posted the `captured` amount, which the sum of the transactions may change. Idempotent. Two statements, and
        one for each such refund. Emits PaymentRefunded, RefundFailed, PaymentChargedBack, ChargebackReversed.
        """
        after = await self._transactions.count(tx, payment.id, added, captured)
        taken = after.amount_charged_back - payment.amount_charged_back
        if taken:
            subject = replace(log.Subject.payment(after, abs(taken)), details=None if taken > 0 else "won")
            log.record(tx, PaymentAuditEvent.CHARGEBACK, subject)
            tx.emit(PaymentChargedBack.of(after, taken) if taken > 0 else ChargebackReversed.of(after, -taken))
        if not (is_counted and is_captured(after)):
            return after, PaymentReversals()
        rows = await tx.fetch(UNSETTLED, tx.company_id, payment.id)
        refunds = tuple([await self._settle(tx, after, row) for row in rows])
        undone = {row["id"] for row in rows if row["previous_status"] == RefundStatus.SUCCEEDED}
        return after, PaymentReversals(refunds, undone=frozenset(undone), chargeback_id=added.chargeback_id)

    async def _settle(self, tx: Tx, payment: Payment, row: Any) -> Refund:
        refund = await (_settled(tx, row) if row["id"] else _added(tx, payment, row))
        if refund.status is not RefundStatus.PENDING:
            log.record_refund(tx, refund)
            event = PaymentRefunded if refund.status is RefundStatus.SUCCEEDED else RefundFailed
            tx.emit(event.of(refund))
        return refund


async def _settled(tx: Tx, row: Any) -> Refund:
    """The refund with the status of its transaction."""
    refund_id: UUID = row["id"]
    now, status = tx.clock.now(), RefundStatus(row["status"])
    changes: data.RefundUpdate = {
        "status": status,
        "provider_refund_id": row["provider_transaction_id"],
        "settled_at": None if status is RefundStatus.PENDING else now,
        "updated_at": now,
    }
    if status is RefundStatus.FAILED:
        changes["failure_reason"] = DeclineReason.PROVIDER_ERROR
    return await data.refund.update(tx, id=refund_id, data=changes)


async def _added(tx: Tx, payment: Payment, row: Any) -> Refund:
    """A refund that was made at the provider."""
    now = tx.clock.now()
    refund: data.RefundCreate = {
        "id": new_id(),
        "payment_id": payment.id,
        "order_id": payment.order_id,
        "amount": row["amount"],
        "currency": payment.currency,
        "reason": REFUNDED_AT_PROVIDER,
        "status": RefundStatus.SUCCEEDED,
        "provider_refund_id": row["provider_transaction_id"],
        "actor_kind": ActorKind.SYSTEM,
        "settled_at": now,
        "created_at": now,
        "updated_at": now,
    }
    return await refunds.insert(tx, refund, [NewRefundLine.adjustment(row["amount"])])
