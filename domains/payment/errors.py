"""What the payment domain refuses. No error ever holds a card's number."""

from collections.abc import Sequence
from decimal import Decimal

from domains.kernel.errors import Conflict, DomainError, ErrorCode, InvalidInput, NotAllowed, NotFound
from domains.kernel.values.money import round_half_up


class CardInvalid(InvalidInput):
    """The card's details cannot be right."""


class PaymentDeclined(DomainError):
    """The provider refused the charge; the attempt stays on record. `reason` is the provider's code."""

    code = ErrorCode.PAYMENT_DECLINED
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
    """The provider that took a payment is not set up here any more."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"This payment was taken by the provider {name}, which is not set up here. Set it up to go on.",
            field=("order_id",),
        )
        self.name = name


class PaymentNotRefundable(NotAllowed):
    """No money can be given back of a payment that took none, or that is being undone."""

    def __init__(self) -> None:
        super().__init__("This payment has taken no money that could be refunded.", field=("payment_id",))


class PaymentNotVoidable(NotAllowed):
    """A payment of which money was given back is not undone as a whole."""

    def __init__(self) -> None:
        super().__init__("Some of this payment was refunded already. Refund the rest.", field=("payment_id",))


class RefundTooLarge(DomainError):
    """More would be given back than was taken."""

    code = ErrorCode.LIMIT_EXCEEDED

    def __init__(self, requested: Decimal, available: Decimal, currency: str) -> None:
        left, wanted = round_half_up(available, currency), round_half_up(requested, currency)
        super().__init__(f"{left:f} {currency} can still be refunded, not {wanted:f}.", field=("amount",))
        self.requested = requested
        self.available = available
        self.currency = currency


class PaymentInProgress(Conflict):
    """A payment of the order is on its way, and its outcome not known yet."""

    def __init__(self) -> None:
        super().__init__(
            "A payment of this order is being settled. Wait for its outcome before paying again.",
            field=("order_id",),
        )
