"""Numbers in the explanations of discounts."""

from decimal import Decimal


def plain(value: Decimal) -> str:
    """A number without trailing zeros: 10, not 10.0000."""
    return f"{value.normalize():f}"


def counted(number: int, noun: str) -> str:
    """A number of things: 1 set, 2 sets."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
