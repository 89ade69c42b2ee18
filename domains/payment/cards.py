"""Card details of a request: validated, sent to the provider, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domains.kernel.validation import collect_errors
from domains.kernel.values.secret import Secret
from domains.payment.errors import CardInvalid

SEPARATORS: Final = str.maketrans("", "", " -")


@dataclass(frozen=True, slots=True)
class CardDetails:
    """A card to pay with. Its number and security code are secrets: they are in no repr, log, row or response."""

    number: Secret
    expiry_month: int
    expiry_year: int
    security_code: Secret | None = None

    @property
    def last4(self) -> str:
        """The last four digits, the only part of the number that is stored."""
        return self.number.hint


def require_card(
    number: Secret,
    expiry_month: int,
    expiry_year: int,
    security_code: Secret | None,
    *,
    now: datetime,
    field: Sequence[str] = ("card",),
) -> CardDetails:
    """The card with its number without separators.

    Raises CardInvalid, for all fields at once, for a number that is not 12 to 19 digits with the right check digit
    (ISO/IEC 7812), an expiry date in the past, or a security code that is not 3 or 4 digits. The error names the
    field and never repeats its value.
    """
    digits = number.reveal().translate(SEPARATORS)
    code = None if security_code is None else security_code.reveal()
    with collect_errors() as each:
        with each:
            if not (_are_digits(digits) and 12 <= len(digits) <= 19 and has_check_digit(digits)):
                raise CardInvalid("This is not a card number. Check its digits.", field=(*field, "number"))
        with each:
            if not 1 <= expiry_month <= 12:
                raise CardInvalid("A month is a number from 1 to 12.", field=(*field, "expiry_month"))
        with each:
            _require_year(expiry_year, expiry_month, now, field=(*field, "expiry_year"))
        with each:
            if code is not None and not (_are_digits(code) and len(code) in (3, 4)):
                raise CardInvalid("A security code has 3 or 4 digits.", field=(*field, "security_code"))
    return CardDetails(Secret(digits), expiry_month, expiry_year, security_code)


def has_check_digit(digits: str) -> bool:
    """Whether the last of these ASCII digits is the check digit of the others (the Luhn formula, ISO/IEC 7812-1)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _require_year(year: int, month: int, now: datetime, *, field: Sequence[str]) -> None:
    if not now.year - 1 < year <= now.year + 50:
        raise CardInvalid(
            "The year of expiry is in the past or not a year in four digits. Check it, or use another card.",
            field=field,
        )
    if year == now.year and 1 <= month < now.month:
        raise CardInvalid("The card has expired. Use another.", field=field)
