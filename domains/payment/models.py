"""Models of payments, refunds and settings."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domains.payment.data import (
    CaptureMethod,
    CaptureMode,
    DeclineReason,
    NextActionType,
    PaymentAudience,
    PaymentAuditEvent,
    PaymentStatus,
    RefundStatus,
    SavedMethodType,
    TransactionStatus,
    TransactionType,
)
from domains.payment.data import PaymentAccountRow as PaymentAccount
from domains.payment.data import PaymentAuditLogRow as PaymentAuditLog
from domains.payment.data import PaymentRow as Payment
from domains.payment.data import PaymentTransactionRow as PaymentTransaction
from domains.payment.data import RefundRow as Refund

__all__ = [
    "Balance",
    "CaptureMethod",
    "CaptureMode",
    "DeclineReason",
    "NextActionType",
    "Payment",
    "PaymentAccount",
    "PaymentAudience",
    "PaymentAuditEvent",
    "PaymentAuditLog",
    "PaymentMethod",
    "PaymentSettings",
    "PaymentStatus",
    "PaymentTransaction",
    "RecordedPayment",
    "Refund",
    "RefundStatus",
    "SavedMethodType",
    "TransactionStatus",
    "TransactionType",
    "is_captured",
]


class PaymentMethod(StrEnum):
    """How an order is paid."""

    CARD = "CARD"
    INVOICE = "INVOICE"
    CASH_ON_DELIVERY = "CASH_ON_DELIVERY"


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """How a company takes payments: their provider, their capture, and the buyers that each method is offered to."""

    payment_provider: str
    card_payments: PaymentAudience = PaymentAudience.EVERYONE
    invoice_payments: PaymentAudience = PaymentAudience.CUSTOMERS
    cash_on_delivery: PaymentAudience = PaymentAudience.NOBODY
    capture_mode: CaptureMode = CaptureMode.AUTOMATIC


@dataclass(frozen=True, slots=True)
class Balance:
    """The sums of an order's payments: captured and not being cancelled, refunded, and in refunds under way."""

    captured: Decimal
    refunded: Decimal
    refunding: Decimal

    @property
    def refundable(self) -> Decimal:
        """The amount that can still be refunded."""
        return self.captured - self.refunded - self.refunding


def is_captured(payment: Payment) -> bool:
    """Whether a payment counts as captured: it succeeded and is not being cancelled."""
    return payment.status is PaymentStatus.SUCCEEDED and payment.cancel_requested_at is None


@dataclass(frozen=True, slots=True)
class RecordedPayment:
    """A payment after the provider's answer was recorded, and its previous status."""

    payment: Payment
    previous_status: PaymentStatus
