"""The audit log of payments: what was done about money, by whom and with what result. Rows are only added.

Events tell other domains what happened, and are deleted once they are old. The log stays, and has what moved no money
too: refusals of the provider, requests that were not answered, and changes of accounts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Self
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import Statement
from domains.payment import data
from domains.payment.models import DeclineReason, Payment, PaymentAuditEvent, PaymentStatus, Refund, RefundStatus

FAILURES: Final = (PaymentAuditEvent.PAYMENT_FAILED, PaymentAuditEvent.REFUND_FAILED)
# The statuses of a payment that are results. PENDING and PROCESSING are not.
EVENT_OF: Final[Mapping[PaymentStatus, PaymentAuditEvent]] = {
    PaymentStatus.REQUIRES_ACTION: PaymentAuditEvent.PAYMENT_REQUIRES_ACTION,
    PaymentStatus.AUTHORIZED: PaymentAuditEvent.PAYMENT_AUTHORIZED,
    PaymentStatus.SUCCEEDED: PaymentAuditEvent.PAYMENT_SUCCEEDED,
    PaymentStatus.FAILED: PaymentAuditEvent.PAYMENT_FAILED,
    PaymentStatus.CANCELLED: PaymentAuditEvent.PAYMENT_CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an act was done to: a payment, a refund of it, or something of a provider that `details` names.

    The `amount`, in the payment's currency, is the one that was acted on; None when there is none. `details` contain
    no secrets and nothing that identifies a person.
    """

    provider: str | None = None
    payment_id: UUID | None = None
    order_id: UUID | None = None
    amount: Decimal | None = None
    currency: str | None = None
    details: str | None = None

    @classmethod
    def payment(cls, payment: Payment, amount: Decimal | None = None) -> Self:
        """A payment; with an `amount`, a part of it."""
        return cls(
            provider=payment.provider,
            payment_id=payment.id,
            order_id=payment.order_id,
            amount=payment.amount if amount is None else amount,
            currency=payment.currency,
        )

    @classmethod
    def refund(cls, refund: Refund) -> Self:
        """A refund."""
        return cls(
            payment_id=refund.payment_id,
            order_id=refund.order_id,
            amount=refund.amount,
            currency=refund.currency,
            details=f"refund {refund.id}",
        )


def record(tx: Tx, event: PaymentAuditEvent, subject: Subject, *, error: str | None = None) -> None:
    """Log an act of the transaction's actor, with the last statement of `tx`: it adds no statement after an event.

    The act succeeded unless there is an `error`, or the event is a failure itself.
    """
    tx.defer(insertion(tx, event, subject, error=error))


def insertion(tx: Tx, event: PaymentAuditEvent, subject: Subject, *, error: str | None = None) -> Statement:
    """The row of `record`, for another statement (`alongside`)."""
    return data.payment_audit_log.insertion(tx, [_row(tx, event, subject, error)])


def record_all(tx: Tx, event: PaymentAuditEvent, subjects: Sequence[Subject]) -> list[UUID]:
    """`record` the same act of several subjects; the ids of the entries, in their order."""
    rows = [_row(tx, event, subject, None) for subject in subjects]
    tx.defer(data.payment_audit_log.insertion(tx, rows))
    return [row["id"] for row in rows]


def _row(tx: Tx, event: PaymentAuditEvent, subject: Subject, error: str | None) -> data.PaymentAuditLogCreate:
    return {
        "id": new_id(),
        "event_type": event,
        "actor_kind": tx.actor.kind,
        "user_id": tx.actor.user_id,
        "provider": subject.provider,
        "payment_id": subject.payment_id,
        "order_id": subject.order_id,
        "amount": subject.amount,
        "currency": subject.currency,
        "success": error is None and event not in FAILURES,
        "error": error,
        "details": subject.details,
        "timestamp": tx.clock.now(),
    }


def creation(tx: Tx, row: data.PaymentCreate) -> Statement:
    """The entry of a payment that is created by this row."""
    subject = Subject(
        provider=row["provider"],
        payment_id=row["id"],
        order_id=row["order_id"],
        amount=row["amount"],
        currency=row["currency"],
    )
    return insertion(tx, PaymentAuditEvent.PAYMENT_CREATED, subject)


def record_status(tx: Tx, payment: Payment) -> None:
    """Log the status that a payment has got, unless it is not a result."""
    if event := EVENT_OF.get(payment.status):
        captured = payment.amount_captured if payment.status is PaymentStatus.SUCCEEDED else None
        subject = replace(
            Subject.payment(payment, captured or payment.amount), details=payment.provider_transaction_id
        )
        record(tx, event, subject, error=failure(payment.failure_reason, payment.failure_code))


def record_refund(tx: Tx, refund: Refund) -> None:
    """Log the result of a refund that the provider has answered."""
    succeeded = refund.status is RefundStatus.SUCCEEDED
    event = PaymentAuditEvent.REFUND_SUCCEEDED if succeeded else PaymentAuditEvent.REFUND_FAILED
    record(tx, event, Subject.refund(refund), error=failure(refund.failure_reason, refund.failure_code))


def failure(reason: DeclineReason | None, code: str | None) -> str | None:
    """The reason of a failure, with the provider's code; its message may name a person and is left out."""
    return None if reason is None else f"{reason.value} ({code})" if code else reason.value
