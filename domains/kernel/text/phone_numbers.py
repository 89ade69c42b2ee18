"""Telephone numbers: stored in one form where it can be told, else as they were typed."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

import phonenumbers

from domains.kernel.errors import InvalidInput
from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import optional_text, refuse_far_too_long

LENGTH: Final = 40
FEWEST_DIGITS, MOST_DIGITS = 4, 24
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")
# It begins like a number; letters for digits, an extension or a word about it may follow.
_FORM: Final = re.compile(r"(?:tel:)?[+(]{0,2}\d[\d ()./,*\[\]-]{2,}[^<>]*")
# What is typed to find a number: digits and what parts them, and no word about it.
_SOUGHT: Final = re.compile(r"(?:tel:)?[+(]{0,2}\d[\d ()./-]*", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"(?:,|;|#|\*|\bext|x).*", re.IGNORECASE)
# `+49 (0)171 …`: what is dialled at home alone.
_AT_HOME: Final = re.compile(r"\(0\)")
# Fewer digits of a number's end are found in too many.
_FEWEST_SOUGHT: Final = 5


def phone_number(value: str | None, *, country: str | None = None, field: Sequence[str] = ("phone",)) -> str | None:
    """A telephone number in E.164, its extension behind an `x`: `+15551234567 x12`.

    A number without a country's prefix is read as one of `country` (two letters). What cannot be told stays as it was
    typed, with plain spaces and dashes. Raises InvalidInput for what is no telephone number at all, and TooLong.
    """
    refuse_far_too_long(value or "", field=field, most=LENGTH)
    typed = optional_text(_plain(value), field=field, most=LENGTH)
    if typed is None:
        return None
    count = sum(letter.isdigit() for letter in typed)
    if not (_FORM.fullmatch(typed) and FEWEST_DIGITS <= count <= MOST_DIGITS):
        raise InvalidInput("This is not a telephone number; write it like +49 30 123456.", field=field)
    return _international(typed, country) or typed


def endings(stored: str) -> list[str]:
    """What a stored number is found by: its digits from the last to the first, as dialled from abroad and at home."""
    ways = {digits(stored), *_at_home(stored)}
    return sorted(way[::-1] for way in ways if way and not any(o != way and o.endswith(way) for o in ways))


def sought(typed: str) -> Iterator[tuple[str, bool]]:
    """What to look for among `endings`, and whether a beginning of one is enough; nothing for what is no number.

    So a number is found with and without its country's code, in any spelling, and by five digits of its end. Whoever
    types the country also finds a number that was stored without.
    """
    text = _EXTENSION.sub("", _plain(typed) or "").strip()
    found = digits(text)
    if not _SOUGHT.fullmatch(text) or not _FEWEST_SOUGHT <= len(found) <= MOST_DIGITS:
        return
    yield found[::-1], True
    for national in _at_home(f"+{found}" if text.startswith("00") else text):
        yield national[::-1], False


def digits(number: str) -> str:
    """The digits of a number without its extension and without zeros before it."""
    main = _AT_HOME.sub("", _EXTENSION.sub("", number))
    return "".join(letter for letter in main if letter.isdecimal()).lstrip("0")


def _at_home(number: str) -> Iterator[str]:
    """The digits that are dialled within the number's own country; none when that is not known."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return
    yield digits(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL))


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
