"""Telephone numbers: stored in one form where it can be told, else as they were typed."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import phonenumbers

from domains.kernel.errors import InvalidInput
from domains.kernel.marks import normalized
from domains.kernel.text import optional_text, refuse_far_too_long

LENGTH: Final = 40
FEWEST_DIGITS, MOST_DIGITS = 4, 24
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")
# It begins like a number; letters for digits, an extension or a word about it may follow.
_FORM: Final = re.compile(r"(?:tel:)?[+(]{0,2}\d[\d ()./,*\[\]-]{2,}[^<>]*")


def phone_number(
    value: str | None, *, country: str | None = None, path: Sequence[str] = ("input", "phone")
) -> str | None:
    """A telephone number in E.164, its extension behind an `x`: `+15551234567 x12`.

    A number without a country's prefix is read as one of `country` (two letters). What cannot be told stays as it was
    typed, with plain spaces and dashes. Raises InvalidInput for what is no telephone number at all, and TooLong.
    """
    refuse_far_too_long(value or "", path=path, most=LENGTH)
    typed = optional_text(_plain(value), path=path, most=LENGTH)
    if typed is None:
        return None
    digits = sum(letter.isdigit() for letter in typed)
    if not (_FORM.fullmatch(typed) and FEWEST_DIGITS <= digits <= MOST_DIGITS):
        raise InvalidInput("This is not a telephone number; write it like +49 30 123456.", path=path)
    return _international(typed, country) or typed


def _plain(value: str | None) -> str | None:
    if value is None:
        return None
    letters = _DASHES.sub("-", normalized("NFKC", value))
    # Marks that turn the direction of text come along when a number is copied from a contact.
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Cf").split())


def _international(typed: str, country: str | None) -> str | None:
    """The number in E.164, or None when its country or its length leaves in doubt which number it is."""
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return None
    length = phonenumbers.is_possible_number_with_reason(number)
    if length != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written} x{number.extension}" if number.extension else written
