"""The rules of amounts that are paid, refunded, issued or adjusted."""

from decimal import Decimal

from domains.kernel.errors import OutOfRange
from domains.kernel.values.money import MAX_AMOUNT, require_amount
from domains.ledger.errors import BalanceTooLow


def require_positive(amount: Decimal, currency: str) -> Decimal:
    """The amount at the currency's scale.

    Raises OutOfRange when it is not more than zero, TooManyDecimals when it is finer than the currency's minor unit.
    """
    exact = require_amount(amount, currency, field=("amount",))
    if not exact:
        raise OutOfRange("The amount must be more than zero.", field=("amount",))
    return exact


def require_change(amount: Decimal, currency: str) -> Decimal:
    """The amount of a change at the currency's scale, which is negative for a deduction.

    Raises OutOfRange for zero, TooManyDecimals when it is finer than the currency's minor unit.
    """
    if not amount:
        raise OutOfRange("The amount of a change is not zero.", field=("amount",))
    exact = require_amount(abs(amount), currency, field=("amount",))
    return exact if amount > 0 else -exact


def require_balance(balance: Decimal) -> None:
    """Check what a change by staff leaves of a balance.

    Raises BalanceTooLow for less than zero, OutOfRange for 10^15 or more, which no balance can be.
    """
    if balance < 0:
        raise BalanceTooLow(field=("amount",))
    if balance >= MAX_AMOUNT:
        raise OutOfRange(f"The balance must stay below {MAX_AMOUNT:f}.", field=("amount",))
