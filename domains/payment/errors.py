"""What the payment domain refuses. No error ever holds a card's number."""

from collections.abc import Sequence
from decimal import Decimal

from domains.kernel.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from domains.kernel.values.money import round_half_up


class CardInvalid(InvalidInput):
    """The card's details are not valid."""


class PaymentDeclined(DomainError):
    """The payment provider declined the charge; nothing was taken. `reason` is the provider's code."""

    commits = True

    def __init__(self, reason: str | None, message: str | None, *, field: Sequence[str] = ("card",)) -> None:
        super().__init__(message or "The payment was declined. Try another card.", field=field)
        self.reason = reason


class PaymentNotFound(NotFound):
    """There is no such payment."""

    def __init__(self) -> None:
        super().__init__("There is no such payment.", field=("payment_id",))


class RefundNotFound(NotFound):
    """There is no such refund."""

    def __init__(self) -> None:
        super().__init__("There is no such refund.", field=("refund_id",))


class ProviderMissing(NotAllowed):
    """The payment provider that took the payment is not configured any more."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"This payment was taken by the provider {name}, which is not set up here. Set it up to go on.",
            field=("order_id",),
        )
        self.name = name


class PaymentNotRefundable(NotAllowed):
    """The payment captured no money, or is being voided."""

    def __init__(self) -> None:
        super().__init__("This payment has taken no money that could be refunded.", field=("payment_id",))


class PaymentNotVoidable(NotAllowed):
    """The payment was partly refunded, so it cannot be voided."""

    def __init__(self) -> None:
        super().__init__("Some of this payment was refunded already. Refund the rest.", field=("payment_id",))


class RefundTooLarge(DomainError):
    """The amount exceeds what can still be refunded."""

    def __init__(self, requested: Decimal, available: Decimal, currency: str) -> None:
        left, wanted = round_half_up(available, currency), round_half_up(requested, currency)
        super().__init__(f"{left:f} {currency} can still be refunded, not {wanted:f}.", field=("amount",))
        self.requested = requested
        self.available = available
        self.currency = currency


class PaymentInProgress(Conflict):
    """A payment of the order is in progress and its outcome is not known yet."""

    def __init__(self) -> None:
        super().__init__(
            "A payment of this order is being settled. Wait for its outcome before paying again.",
            field=("order_id",),
        )
