"""The errors of refunds of returns."""

from collections.abc import Sequence
from decimal import Decimal

from domains.kernel.errors import DomainError, NotAllowed
from domains.kernel.text.plurals import counted
from domains.kernel.values.money import round_half_up


class NothingToRefund(NotAllowed):
    """No unit of the return came that was not refunded."""

    def __init__(self) -> None:
        super().__init__(
            "No unit of this return waits for its refund. Receive its goods first, or refund approved units without "
            "them with `without_goods`.",
            field=("return_request_id",),
        )


class MoreThanRefundable(DomainError):
    """More units would be refunded than came and were not refunded yet."""

    def __init__(self, requested: int, left: int) -> None:
        super().__init__(
            f"{counted(left, 'unit')} of this item can be refunded, not {requested}. Enter at most that many.",
            field=("quantity",),
        )
        self.left = left


class UnitsNotShipped(NotAllowed):
    """Units that did not come back cannot be refunded while others of their line are to be shipped.

    The refund would count for those, and they would not be shipped.
    """

    def __init__(self, name: str, units: int, *, field: Sequence[str]) -> None:
        left = counted(units, "unit is", "units are")
        super().__init__(
            f"Of {name!r}, {left} still to be shipped in this order. Ship what is left of the line, or receive the "
            "goods of this return, before you refund more units of it than came.",
            field=field,
        )
        self.units = units


class FeeTooLarge(DomainError):
    """The fee leaves nothing to refund."""

    def __init__(self, fee: Decimal, currency: str) -> None:
        super().__init__(
            f"A fee of {round_half_up(fee, currency):f} {currency} leaves nothing to refund. Enter a smaller `fee`.",
            field=("fee",),
        )


class NoExchangeLines(NotAllowed):
    """An exchange names no goods, and the buyer wished none."""

    def __init__(self, *, field: Sequence[str] = ("lines",)) -> None:
        super().__init__(
            "The return names no goods in exchange. Enter `lines`, or refund it in another way.", field=field
        )
