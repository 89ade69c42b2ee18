"""Numbers in the explanations of discounts."""

from decimal import Decimal


def plain(value: Decimal) -> str:
    """A number without trailing zeros: 10, not 10.0000."""
    return f"{value.normalize():f}"
