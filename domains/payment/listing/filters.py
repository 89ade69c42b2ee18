"""The conditions of lists of payments, transactions, refunds and the audit log. None sets no condition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.payment.models import (
    PaymentAuditEvent,
    PaymentMethod,
    PaymentStatus,
    RefundStatus,
    TransactionStatus,
    TransactionType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """Conditions on payments; the amounts are those to be paid, in any currency."""

    ids: Sequence[UUID] | None = None
    order_id: UUID | None = None
    providers: Sequence[str] | None = None
    methods: Sequence[PaymentMethod] | None = None
    statuses: Sequence[PaymentStatus] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    amount_at_least: Decimal | None = None
    amount_at_most: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Conditions on transactions of payments."""

    payment_id: UUID | None = None
    order_id: UUID | None = None
    providers: Sequence[str] | None = None
    types: Sequence[TransactionType] | None = None
    statuses: Sequence[TransactionStatus] | None = None
    processed_from: datetime | None = None
    processed_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFilter:
    """Conditions on refunds."""

    payment_id: UUID | None = None
    order_id: UUID | None = None
    statuses: Sequence[RefundStatus] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Conditions on entries of the audit log."""

    payment_id: UUID | None = None
    order_id: UUID | None = None
    user_id: UUID | None = None
    event_types: Sequence[PaymentAuditEvent] | None = None
    success: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
