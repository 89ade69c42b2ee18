"""The rule of amounts that are paid or refunded."""

from decimal import Decimal

from domains.kernel.errors import OutOfRange
from domains.kernel.values.money import require_amount


def require_positive(amount: Decimal, currency: str) -> Decimal:
    """The amount at the currency's scale.

    Raises OutOfRange when it is not more than zero, TooManyDecimals when it is finer than the currency's minor unit.
    """
    exact = require_amount(amount, currency, field=("amount",))
    if not exact:
        raise OutOfRange("An amount to pay or to refund must be more than zero.", field=("amount",))
    return exact
