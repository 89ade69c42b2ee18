"""Models of payments, refunds and settings."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from domains.payment.data import (
    CaptureMethod,
    CaptureMode,
    DeclineReason,
    NextActionType,
    PaymentAudience,
    PaymentAuditEvent,
    PaymentStatus,
    RefundDestination,
    RefundLineKind,
    RefundStatus,
    SavedMethodType,
    TransactionStatus,
    TransactionType,
    WebhookStatus,
)
from domains.payment.data import PaymentAccountRow as PaymentAccount
from domains.payment.data import PaymentAuditLogRow as PaymentAuditLog
from domains.payment.data import PaymentRow as Payment
from domains.payment.data import PaymentTransactionRow as PaymentTransaction
from domains.payment.data import PaymentWebhookRow as PaymentWebhook
from domains.payment.data import RefundLineRow as RefundLine
from domains.payment.data import RefundRow as Refund

__all__ = [
    "NOTHING",
    "Amounts",
    "Balance",
    "CaptureMethod",
    "CaptureMode",
    "DeclineReason",
    "NewRefundLine",
    "NextActionType",
    "Payment",
    "PaymentAccount",
    "PaymentAudience",
    "PaymentAuditEvent",
    "PaymentAuditLog",
    "PaymentMethod",
    "PaymentReversals",
    "PaymentSettings",
    "PaymentStatus",
    "PaymentTransaction",
    "PaymentWebhook",
    "RecordedPayment",
    "Refund",
    "RefundDestination",
    "RefundLine",
    "RefundLineKind",
    "RefundStatus",
    "RefundTarget",
    "SavedMethodType",
    "TransactionStatus",
    "TransactionType",
    "WebhookStatus",
    "is_captured",
]

NOTHING: Final = Decimal(0)


class PaymentMethod(StrEnum):
    """How an order is paid."""

    CARD = "CARD"
    INVOICE = "INVOICE"
    CASH_ON_DELIVERY = "CASH_ON_DELIVERY"
    GIFT_CARD = "GIFT_CARD"
    STORE_CREDIT = "STORE_CREDIT"
    EXCHANGE = "EXCHANGE"


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """How a company takes payments: their provider, their capture, and the buyers that each method is offered to.

    A new gift card is valid for `gift_card_validity_months`, for ever when that is None, within what the law of
    `gift_card_country` (ISO 3166-1) allows.
    """

    payment_provider: str
    card_payments: PaymentAudience = PaymentAudience.EVERYONE
    invoice_payments: PaymentAudience = PaymentAudience.CUSTOMERS
    cash_on_delivery: PaymentAudience = PaymentAudience.NOBODY
    capture_mode: CaptureMode = CaptureMode.AUTOMATIC
    gift_card_validity_months: int | None = None
    gift_card_country: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """The sums of an order's captured payments that are not being cancelled.

    `refunding` is in refunds under way; `charged_back` is what the buyers' banks took back, also while a dispute is
    open.
    """

    captured: Decimal
    refunded: Decimal
    refunding: Decimal
    charged_back: Decimal

    @property
    def refundable(self) -> Decimal:
        """The amount that can still be refunded."""
        return max(self.captured - self.refunded - self.refunding - self.charged_back, NOTHING)


def is_captured(payment: Payment) -> bool:
    """Whether a payment counts as captured: it succeeded and is not being cancelled."""
    return payment.status is PaymentStatus.SUCCEEDED and payment.cancel_requested_at is None


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a payment contributes to the sums of its order."""

    captured: Decimal = NOTHING
    refunded: Decimal = NOTHING
    charged_back: Decimal = NOTHING

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """The amounts of a payment; zero unless it counts as captured."""
        if not is_captured(payment):
            return cls()
        return cls(payment.amount_captured, payment.amount_refunded, payment.amount_charged_back)

    def __sub__(self, other: "Amounts") -> "Amounts":
        """The change from `other`; an amount may be negative."""
        return Amounts(
            self.captured - other.captured, self.refunded - other.refunded, self.charged_back - other.charged_back
        )

    def __bool__(self) -> bool:
        """Whether any of them is not zero."""
        return any((self.captured, self.refunded, self.charged_back))


@dataclass(frozen=True, slots=True)
class NewRefundLine:
    """A line of a new refund: its amount with tax, the tax in it, and for an ITEM the units of an order's line.

    `tax_rate` is the rate of the tax, a fraction.
    """

    kind: RefundLineKind
    amount: Decimal
    tax: Decimal
    order_item_id: UUID | None = None
    quantity: int | None = None
    tax_rate: Decimal = NOTHING

    @classmethod
    def adjustment(cls, amount: Decimal) -> Self:
        """An amount that belongs to no line of the order; negative for a deduction. It has no tax."""
        return cls(RefundLineKind.ADJUSTMENT, amount, NOTHING)

    @classmethod
    def overpayment(cls, amount: Decimal) -> Self:
        """An amount that was paid above the total of the order. It has no tax: the edit of the order took it back."""
        return cls(RefundLineKind.OVERPAYMENT, amount, NOTHING)


@dataclass(frozen=True, slots=True)
class RefundTarget:
    """Where a refund goes: back to what paid, to store credit, or to the payment of an exchange order."""

    store_credit_id: UUID | None = None
    exchange_payment_id: UUID | None = None

    @property
    def destination(self) -> RefundDestination:
        """The kind of the target."""
        if self.store_credit_id is not None:
            return RefundDestination.STORE_CREDIT
        if self.exchange_payment_id is not None:
            return RefundDestination.EXCHANGE
        return RefundDestination.ORIGINAL_PAYMENT


@dataclass(frozen=True, slots=True)
class PaymentReversals:
    """What an answer of the provider told of refunds and chargebacks of a payment that counts.

    `refunds` changed: they were made at the provider, or are ours, whose own answer is not recorded yet. Those with
    ids in `undone` had succeeded before, and failed. `chargeback_id` is the transaction by which the charged-back
    amount changed, if it did. `lines` are those of the refunds, None where they were not read.
    """

    refunds: tuple[Refund, ...] = ()
    lines: tuple[RefundLine, ...] | None = None
    undone: frozenset[UUID] = frozenset()
    chargeback_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RecordedPayment:
    """A payment after the provider's answer was recorded, and before: its status, and what its order counted."""

    payment: Payment
    previous_status: PaymentStatus
    previous: Amounts
    reversals: PaymentReversals = PaymentReversals()

    @property
    def change(self) -> Amounts:
        """The change of what the payment contributes to the sums of its order."""
        return Amounts.of(self.payment) - self.previous
