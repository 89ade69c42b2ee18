"""What may become of a payment and of a refund: pure tables."""

from typing import Final

from domains.payment.models import PaymentStatus, RefundStatus
from domains.payment.provider import OutcomeStatus

OPEN: Final = (PaymentStatus.PENDING, PaymentStatus.UNKNOWN)

# For each answer of the provider: what the payment becomes, and what it must be before. Any other answer comes too
# late and changes nothing.
PAYMENT_AFTER: Final = {
    OutcomeStatus.APPROVED: (PaymentStatus.SUCCEEDED, OPEN),
    OutcomeStatus.DECLINED: (PaymentStatus.DECLINED, OPEN),
    OutcomeStatus.UNKNOWN: (PaymentStatus.UNKNOWN, OPEN),
    OutcomeStatus.VOIDED: (PaymentStatus.VOIDED, (*OPEN, PaymentStatus.SUCCEEDED)),
}
REFUND_AFTER: Final = {
    OutcomeStatus.APPROVED: RefundStatus.SUCCEEDED,
    OutcomeStatus.DECLINED: RefundStatus.FAILED,
    OutcomeStatus.VOIDED: RefundStatus.FAILED,
    OutcomeStatus.UNKNOWN: RefundStatus.PENDING,
}
