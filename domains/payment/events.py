"""The events of the payment domain. Amounts are in the payment's currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final, Self
from uuid import UUID

from domains.kernel.events import Event
from domains.kernel.settings import SettingsUpdated
from domains.payment.data import SavedPaymentMethodRow
from domains.payment.models import Payment, PaymentStatus, Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent(Event):
    """The base of the events about one payment."""

    payment_id: UUID
    order_id: UUID
    amount: Decimal
    currency: str

    @property
    def aggregate_id(self) -> UUID:
        """The payment."""
        return self.payment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentResult(PaymentEvent):
    """The base of the events about the result of a payment; `amount` is that of the whole payment."""

    provider: str
    method: str
    failure_reason: str | None

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """The event of a payment."""
        return cls(
            payment_id=payment.id,
            order_id=payment.order_id,
            amount=payment.amount,
            currency=payment.currency,
            provider=payment.provider,
            method=payment.method,
            failure_reason=payment.failure_reason.value if payment.failure_reason else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorized(PaymentResult):
    """The provider holds the amount of a payment, which is to be captured later."""

    topic: ClassVar[str] = "payment.authorized"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(PaymentResult):
    """The provider took the money of a payment, or staff recorded that it was received."""

    topic: ClassVar[str] = "payment.captured"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(PaymentResult):
    """A payment was declined or failed: no money was taken. `failure_reason` is the same for all providers."""

    topic: ClassVar[str] = "payment.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCancelled(PaymentResult):
    """A payment was cancelled: the provider takes no money, or has given back what it took."""

    topic: ClassVar[str] = "payment.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptureFailed(PaymentResult):
    """The provider refused the capture of an authorized payment; its order is not paid, and can be paid again."""

    topic: ClassVar[str] = "payment.capture_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorizationExpired(PaymentResult):
    """An authorization ended at the provider before its capture: its time was over, or it was cancelled there.

    Its order is not paid, and can be paid again.
    """

    topic: ClassVar[str] = "payment.authorization_expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEvent(PaymentEvent):
    """The base of the events about a refund of a payment; `amount` is that of the refund."""

    refund_id: UUID

    @classmethod
    def of(cls, refund: Refund) -> Self:
        """The event of a refund."""
        return cls(
            payment_id=refund.payment_id,
            order_id=refund.order_id,
            amount=refund.amount,
            currency=refund.currency,
            refund_id=refund.id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(RefundEvent):
    """A refund of a payment, in whole or in part, succeeded at the provider."""

    topic: ClassVar[str] = "payment.refunded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(RefundEvent):
    """The provider refused a refund; its amount can be refunded again."""

    topic: ClassVar[str] = "payment.refund_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMethodEvent(Event):
    """The base of the events about one saved payment method of a customer."""

    user_id: UUID
    payment_method_id: UUID
    provider: str
    type: str

    @property
    def aggregate_id(self) -> UUID:
        """The customer."""
        return self.user_id

    @classmethod
    def of(cls, method: SavedPaymentMethodRow) -> Self:
        """The event of a method."""
        return cls(
            user_id=method.user_id,
            payment_method_id=method.id,
            provider=method.provider,
            type=method.type.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodSaved(SavedMethodEvent):
    """A provider keeps a payment method for a customer, who can pay with it again."""

    topic: ClassVar[str] = "payment.method_saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodRemoved(SavedMethodEvent):
    """A customer removed a saved payment method. Another one may have become the default."""

    topic: ClassVar[str] = "payment.method_removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackEvent(PaymentEvent):
    """The base of the events about chargebacks of a payment; `amount` is what was taken back or given back now."""

    provider: str

    @classmethod
    def of(cls, payment: Payment, amount: Decimal) -> Self:
        """The event of a payment."""
        return cls(
            payment_id=payment.id,
            order_id=payment.order_id,
            amount=amount,
            currency=payment.currency,
            provider=payment.provider,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChargedBack(ChargebackEvent):
    """The buyer's bank took back a captured amount. Staff answer the dispute at the provider, before its deadline."""

    topic: ClassVar[str] = "payment.charged_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackReversed(ChargebackEvent):
    """The shop won a dispute: the buyer's bank gave back what it had taken."""

    topic: ClassVar[str] = "payment.chargeback_reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSettingsUpdated(SettingsUpdated):
    """The payment settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "payment.settings_updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAccountUpdated(SettingsUpdated):
    """A company's account at a payment provider changed; `changed` names what, and no value is told."""

    topic: ClassVar[str] = "payment.account_updated"
    provider: str


RESULTS: Final[Mapping[PaymentStatus, type[PaymentResult]]] = {
    PaymentStatus.AUTHORIZED: PaymentAuthorized,
    PaymentStatus.SUCCEEDED: PaymentCaptured,
    PaymentStatus.FAILED: PaymentFailed,
    PaymentStatus.CANCELLED: PaymentCancelled,
}
"""The event of a payment that gets a status; the other statuses are not results."""
LOST_AUTHORIZATIONS: Final[Mapping[PaymentStatus, type[PaymentResult]]] = {
    PaymentStatus.FAILED: PaymentCaptureFailed,
    PaymentStatus.CANCELLED: PaymentAuthorizationExpired,
}
"""The further event of an authorized payment that gets a status without a request to cancel it."""
