"""Payments as the rest of the house sees them."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domains.payment.data import PaymentRow as Payment
from domains.payment.data import PaymentStatus, RefundStatus
from domains.payment.data import RefundRow as Refund

__all__ = ["Balance", "Payment", "PaymentMethod", "PaymentStatus", "Recorded", "Refund", "RefundStatus"]


class PaymentMethod(StrEnum):
    """How an order is paid."""

    CARD = "CARD"
    INVOICE = "INVOICE"
    CASH_ON_DELIVERY = "CASH_ON_DELIVERY"


@dataclass(frozen=True, slots=True)
class Balance:
    """What an order's payments come to: captured and not voided, given back, and on its way back."""

    captured: Decimal
    refunded: Decimal
    refunding: Decimal

    @property
    def refundable(self) -> Decimal:
        """What could still be given back."""
        return self.captured - self.refunded - self.refunding


@dataclass(frozen=True, slots=True)
class Recorded:
    """A payment once a provider's answer was written down, and what it was before."""

    payment: Payment
    before: PaymentStatus
