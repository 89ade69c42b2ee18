"""Card details of a request: test cards alone, validated, sent to the MOCK provider, never stored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domains.kernel.validation import collect_errors
from domains.kernel.values.secret import Secret
from domains.payment.errors import CardInvalid, CardNumberRefused

SEPARATORS: Final = str.maketrans("", "", " -")
# The first digits of the test cards of MOCK. No other number is accepted: it may be that of a real card.
TEST_RANGES: Final = ("424242", "400000")
_LENGTHS: Final = range(12, 20)  # of card numbers (ISO/IEC 7812)
# Digits between other signs that begin as the cards of banks do, and not as a date or a time does.
_NETWORK: Final = r"(?:2[2-7]|3[0-9]|[456][0-9])"
_UUID: Final = re.compile(r"(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])", re.IGNORECASE)
_WHOLE: Final = re.compile(rf"{_NETWORK}[0-9]{{10,17}}")
_WITHIN: Final = re.compile(rf"(?<![0-9A-Za-z]){_NETWORK}[0-9]{{10,17}}(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class CardDetails:
    """A test card. Its number and security code are secrets: they are in no repr, log, row or response."""

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
    (ISO/IEC 7812), an expiry date in the past, or a security code that is not 3 or 4 digits; CardNumberRefused for a
    number that is not one of the test cards. The error names the field and never repeats its value.
    """
    digits = number.reveal().translate(SEPARATORS)
    code = None if security_code is None else security_code.reveal()
    with collect_errors() as each:
        with each:
            if not is_card_number(digits):
                raise CardInvalid("This is not a card number. Check its digits.", field=(*field, "number"))
            if not is_test_card(digits):
                raise CardNumberRefused(field=(*field, "number"))
        with each:
            if not 1 <= expiry_month <= 12:
                raise CardInvalid("A month is a number from 1 to 12.", field=(*field, "expiry_month"))
        with each:
            _require_year(expiry_year, expiry_month, now, field=(*field, "expiry_year"))
        with each:
            if code is not None and not (_are_digits(code) and len(code) in (3, 4)):
                raise CardInvalid("A security code has 3 or 4 digits.", field=(*field, "security_code"))
    return CardDetails(Secret(digits), expiry_month, expiry_year, security_code)


def is_test_card(text: str) -> bool:
    """Whether a text can be the number of a test card."""
    return text.translate(SEPARATORS).startswith(TEST_RANGES)


def is_card_number(text: str) -> bool:
    """Whether a text can be the number of a card: 12 to 19 digits, of which the last is the check digit.

    Spaces and hyphens between them are allowed.
    """
    digits = text.translate(SEPARATORS)
    return _are_digits(digits) and len(digits) in _LENGTHS and has_check_digit(digits)


def contains_card_number(text: str) -> bool:
    """Whether a text is the number of a bank's card, or has one among other words, as a URL may.

    The last group of a UUID, which can look like a number of 12 digits, is none.
    """
    text = _UUID.sub(" ", text)
    digits = text.translate(SEPARATORS)
    found = [digits] if _WHOLE.fullmatch(digits) else _WITHIN.findall(text)
    return any(map(has_check_digit, found))


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
