"""Phone numbers: stored in E.164 when the country is known, otherwise as entered."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

import phonenumbers

from domains.kernel.errors import InvalidInput
from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import optional_text, require_bounded

LENGTH: Final = 40
FEWEST_DIGITS, MOST_DIGITS = 4, 24
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")
# The text begins like a number; letters for digits, an extension or a comment may follow.
_FORM: Final = re.compile(r"(?:tel:)?[+(]{0,2}\d[\d ()./,*\[\]-]{2,}[^<>]*")
# A search for a number: digits and separators, without a comment.
_SOUGHT: Final = re.compile(r"(?:tel:)?[+(]{0,2}\d[\d ()./-]*", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"(?:,|;|#|\*|\bext|x).*", re.IGNORECASE)
# `+49 (0)171 …`: the trunk prefix, which is dialled within the country only.
_AT_HOME: Final = re.compile(r"\(0\)")
# A shorter suffix matches too many numbers.
_FEWEST_SOUGHT: Final = 5


def phone_number(value: str | None, *, country: str | None = None, field: Sequence[str] = ("phone",)) -> str | None:
    """A phone number in E.164, with the extension after an `x`: `+15551234567 x12`.

    A number without a country prefix is read as one of `country` (two letters). A number of an unknown country stays
    as entered, with plain spaces and dashes. Raises InvalidInput for a text that is not a phone number, and TooLong.
    """
    require_bounded(value or "", field=field, most=LENGTH)
    typed = optional_text(_plain(value), field=field, most=LENGTH)
    if typed is None:
        return None
    count = sum(letter.isdigit() for letter in typed)
    if not (_FORM.fullmatch(typed) and FEWEST_DIGITS <= count <= MOST_DIGITS):
        raise InvalidInput("This is not a telephone number; write it like +49 30 123456.", field=field)
    return _international(typed, country) or typed


def search_keys(stored: str) -> list[str]:
    """The search keys of a stored number: its reversed digits, as dialled from abroad and within the country."""
    ways = {digits(stored), *_at_home(stored)}
    return sorted(way[::-1] for way in ways if way and not any(o != way and o.endswith(way) for o in ways))


def search_key(typed: str) -> Iterator[tuple[str, bool]]:
    """The key to look for among `endings`, and whether a prefix is enough; none when the text is not a number.

    A number is found with and without its country code, in any spelling, and by its last five digits. A search with
    the country code also finds a number that was stored without it.
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
    """The digits as dialled within the number's country; none when the country is unknown."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return
    yield digits(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL))


def _plain(value: str | None) -> str | None:
    if value is None:
        return None
    letters = _DASHES.sub("-", normalized("NFKC", value))
    # Numbers that are copied from a contact often contain direction marks.
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Cf").split())


def _international(typed: str, country: str | None) -> str | None:
    """The number in E.164, or None when its country or its length makes it ambiguous."""
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return None
    length = phonenumbers.is_possible_number_with_reason(number)
    if length != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written} x{number.extension}" if number.extension else written
