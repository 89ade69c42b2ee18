"""Phone numbers: stored in E.164 when the country is known, otherwise as entered."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

import phonenumbers

from domains.kernel.errors import InvalidInput
from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import optional_text, require_bounded_length

LENGTH: Final = 40
MIN_DIGITS, MAX_DIGITS = 4, 24
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")
# The text begins like a number; letters for digits, an extension or a comment may follow.
_NUMBER: Final = re.compile(r"(?:tel:)?[+(]{0,2}\d[\d ()./,*\[\]-]{2,}[^<>]*")
# A search for a number: digits and separators, without a comment.
_SEARCHED_NUMBER: Final = re.compile(r"(?:tel:)?[+(]{0,2}\d[\d ()./-]*", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"(?:,|;|#|\*|\bext|x).*", re.IGNORECASE)
# `+49 (0)171 …`: the trunk prefix, which is dialled within the country only.
_TRUNK_PREFIX: Final = re.compile(r"\(0\)")
# A shorter suffix matches too many numbers.
_MIN_SEARCHED_DIGITS: Final = 5


def phone_number(value: str | None, *, country: str | None = None, field: Sequence[str] = ("phone",)) -> str | None:
    """A phone number in E.164, with the extension after an `x`: `+15551234567 x12`.

    A number without a country prefix is read as one of `country` (two letters). A number of an unknown country stays
    as entered, with plain spaces and dashes. Raises InvalidInput for a text that is not a phone number, and TooLong.
    """
    require_bounded_length(value or "", field=field, max_length=LENGTH)
    entered = optional_text(_normalize_punctuation(value), field=field, max_length=LENGTH)
    if entered is None:
        return None
    count = sum(letter.isdigit() for letter in entered)
    if not (_NUMBER.fullmatch(entered) and MIN_DIGITS <= count <= MAX_DIGITS):
        raise InvalidInput("This is not a telephone number; write it like +49 30 123456.", field=field)
    return _to_e164(entered, country) or entered


def search_keys(stored: str) -> list[str]:
    """The search keys of a stored number: its reversed digits, as dialled from abroad and within the country."""
    forms = {digits(stored), *_national_digits(stored)}
    return sorted(
        form[::-1] for form in forms if form and not any(form != other and other.endswith(form) for other in forms)
    )


def search_key(entered: str) -> Iterator[tuple[str, bool]]:
    """The key to look for among `search_keys`, and whether a prefix is enough; none when the text is not a number.

    A number is found with and without its country code, in any spelling, and by its last five digits. A search with
    the country code also finds a number that was stored without it.
    """
    text = _EXTENSION.sub("", _normalize_punctuation(entered) or "").strip()
    searched_digits = digits(text)
    if not _SEARCHED_NUMBER.fullmatch(text) or not _MIN_SEARCHED_DIGITS <= len(searched_digits) <= MAX_DIGITS:
        return
    yield searched_digits[::-1], True
    for national in _national_digits(f"+{searched_digits}" if text.startswith("00") else text):
        yield national[::-1], False


def digits(number: str) -> str:
    """The digits of a number without its extension and without zeros before it."""
    main = _TRUNK_PREFIX.sub("", _EXTENSION.sub("", number))
    return "".join(letter for letter in main if letter.isdecimal()).lstrip("0")


def _national_digits(number: str) -> Iterator[str]:
    """The digits as dialled within the number's country; none when the country is unknown."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return
    yield digits(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL))


def _normalize_punctuation(value: str | None) -> str | None:
    if value is None:
        return None
    letters = _DASHES.sub("-", normalized("NFKC", value))
    # Numbers that are copied from a contact often contain direction marks.
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Cf").split())


def _to_e164(entered: str, country: str | None) -> str | None:
    """The number in E.164, or None when its country or its length makes it ambiguous."""
    try:
        number = phonenumbers.parse(entered, country)
    except phonenumbers.NumberParseException:
        return None
    length = phonenumbers.is_possible_number_with_reason(number)
    if length != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    formatted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{formatted} x{number.extension}" if number.extension else formatted
