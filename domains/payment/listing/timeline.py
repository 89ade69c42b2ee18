"""The money timeline of an order: its attempts to pay, and what moved at the providers, with who asked for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Final, TypeAlias
from uuid import UUID

from domains.kernel.actor import ActorKind
from domains.payment.models import (
    Payment,
    PaymentAuditEvent,
    PaymentAuditLog,
    PaymentStatus,
    PaymentTransaction,
    Refund,
    RefundStatus,
    TransactionStatus,
)


class MoneyTimelineKind(StrEnum):
    """An attempt to pay, or the type of a transaction."""

    ATTEMPT = "ATTEMPT"
    AUTHORIZATION = "AUTHORIZATION"
    CHARGE = "CHARGE"
    CAPTURE = "CAPTURE"
    REFUND = "REFUND"
    VOID = "VOID"
    CHARGEBACK = "CHARGEBACK"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTimelineEntry:
    """An attempt, or a transaction; the amount is in the payment's currency.

    The actor is who began the attempt, or asked for the capture, void or refund; None when that is not known.
    """

    kind: MoneyTimelineKind
    status: TransactionStatus
    amount: Decimal
    currency: str
    provider: str
    provider_transaction_id: str | None
    payment_id: UUID
    refund_id: UUID | None = None
    actor_kind: ActorKind | None = None
    user_id: UUID | None = None
    error: str | None = None
    occurred_at: datetime


# The acts by which an attempt and its transactions are asked for.
ASKED_BY: Final[Mapping[MoneyTimelineKind, tuple[PaymentAuditEvent, ...]]] = {
    MoneyTimelineKind.ATTEMPT: (PaymentAuditEvent.PAYMENT_CREATED, PaymentAuditEvent.PAYMENT_RECORDED),
    MoneyTimelineKind.CHARGE: (PaymentAuditEvent.PAYMENT_CREATED, PaymentAuditEvent.PAYMENT_RECORDED),
    MoneyTimelineKind.AUTHORIZATION: (PaymentAuditEvent.PAYMENT_CREATED,),
    MoneyTimelineKind.CAPTURE: (PaymentAuditEvent.CAPTURE_REQUESTED,),
    MoneyTimelineKind.VOID: (PaymentAuditEvent.CANCELLATION_REQUESTED,),
}
RESULTS: Final[Mapping[PaymentStatus, TransactionStatus]] = {
    PaymentStatus.AUTHORIZED: TransactionStatus.SUCCEEDED,
    PaymentStatus.SUCCEEDED: TransactionStatus.SUCCEEDED,
    PaymentStatus.FAILED: TransactionStatus.FAILED,
    PaymentStatus.CANCELLED: TransactionStatus.FAILED,
}


def money_timeline(
    payments: Iterable[Payment],
    refunds: Iterable[Refund],
    transactions: Iterable[PaymentTransaction],
    entries: Iterable[PaymentAuditLog],
) -> list[MoneyTimelineEntry]:
    """The entries of one order's payments, oldest first. A refund that has no outcome yet is PENDING."""
    acts = {(entry.payment_id, entry.event_type): entry for entry in sorted(entries, key=attrgetter("id"))}
    by_id, refund_by_id = ({each.id: each for each in payments}, {each.id: each for each in refunds})
    pending = [each for each in refund_by_id.values() if each.status is RefundStatus.PENDING]
    made = [
        *(_attempt(payment, acts) for payment in by_id.values()),
        *(_moved(row, by_id[row.payment_id], refund_by_id, acts) for row in transactions),
        *(_pending(each, by_id[each.payment_id]) for each in pending),
    ]
    return sorted(made, key=attrgetter("occurred_at"))


Acts: TypeAlias = Mapping[tuple[UUID | None, PaymentAuditEvent], PaymentAuditLog]


def _attempt(payment: Payment, acts: Acts) -> MoneyTimelineEntry:
    kind = MoneyTimelineKind.ATTEMPT
    asked = _asked_by(_act(payment.id, kind, acts))
    return MoneyTimelineEntry(
        kind=kind,
        status=RESULTS.get(payment.status, TransactionStatus.PENDING),
        amount=payment.amount,
        currency=payment.currency,
        provider=payment.provider,
        provider_transaction_id=payment.provider_transaction_id,
        payment_id=payment.id,
        actor_kind=asked[0],
        user_id=asked[1],
        error=payment.failure_reason and payment.failure_reason.value,
        occurred_at=payment.created_at,
    )


def _moved(
    row: PaymentTransaction, payment: Payment, refunds: Mapping[UUID, Refund], acts: Acts
) -> MoneyTimelineEntry:
    kind = MoneyTimelineKind(row.type.value)
    act = _act(row.payment_id, kind, acts)
    refund = refunds.get(row.refund_id) if row.refund_id else None
    asked = (refund.actor_kind, refund.performed_by) if refund else _asked_by(act)
    return MoneyTimelineEntry(
        kind=kind,
        status=row.status,
        amount=row.amount,
        currency=row.currency,
        provider=payment.provider,
        provider_transaction_id=row.provider_transaction_id,
        payment_id=row.payment_id,
        refund_id=row.refund_id,
        actor_kind=asked[0],
        user_id=asked[1],
        error=refund.failure_reason.value if refund and refund.failure_reason else None,
        occurred_at=row.processed_at,
    )


def _pending(refund: Refund, payment: Payment) -> MoneyTimelineEntry:
    return MoneyTimelineEntry(
        kind=MoneyTimelineKind.REFUND,
        status=TransactionStatus.PENDING,
        amount=refund.amount,
        currency=refund.currency,
        provider=payment.provider,
        provider_transaction_id=refund.provider_refund_id,
        payment_id=payment.id,
        refund_id=refund.id,
        actor_kind=refund.actor_kind,
        user_id=refund.performed_by,
        occurred_at=refund.created_at,
    )


def _asked_by(act: PaymentAuditLog | None) -> tuple[ActorKind | None, UUID | None]:
    return (None, None) if act is None else (act.actor_kind, act.user_id)


def _act(payment_id: UUID, kind: MoneyTimelineKind, acts: Acts) -> PaymentAuditLog | None:
    """The last act that asked for this."""
    return next((acts[payment_id, event] for event in ASKED_BY.get(kind, ()) if (payment_id, event) in acts), None)
