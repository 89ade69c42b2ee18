"""Names of people: validation, and normalization for search."""

import unicodedata
from typing import Final, TypedDict

from domains.kernel.prisma.conditions import escaped
from domains.kernel.text import phone_numbers
from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import ASCII_SPELLINGS, normalize_search, optional_text, without_invisible
from domains.kernel.validation import collect_errors

NAME_LENGTH: Final = 100


class PersonName(TypedDict):
    """A person's names; either may be empty."""

    first_name: str
    last_name: str


def normalize_name(name: str | None, field: str) -> str:
    """A first or last name in its normal form; empty for None. Raises TooLong and InvalidInput."""
    return optional_text(name, field=(field,), max_length=NAME_LENGTH) or ""


def normalize_names(first: str | None, last: str | None) -> PersonName:
    """Both names. Raises TooLong and InvalidInput; the errors of both names are raised together."""
    with collect_errors() as errors:
        with errors:
            first_name = normalize_name(first, "first_name")
        with errors:
            last_name = normalize_name(last, "last_name")
    return {"first_name": first_name, "last_name": last_name}


def search_text_of(first: str, last: str, email: str, phone: str | None = None) -> str:
    """The search text of a person: normalized names and e-mail address, and the digits of the phone number."""
    return " ".join(
        part for part in (normalize_for_search(f"{first} {last} {email}"), phone_numbers.digits(phone or "")) if part
    )


def search_patterns(search: str | None) -> list[str] | None:
    """The patterns for `like any` that find a search in a text of `search_text_of`: a part of it, or a phone number.

    None for null and an empty search; an empty list for one without a visible character. Raises TooLong and
    InvalidInput.
    """
    text = normalize_search(search)
    if text is None:
        return None
    name_part = normalize_for_search(text)
    patterns = [f"%{escaped(name_part)}%"] if name_part else []
    for key, is_prefix in phone_numbers.search_key(text):
        patterns.append(f"%{key[::-1]}" if is_prefix else f"% {key[::-1]}")
    return patterns


def normalize_for_search(text: str) -> str:
    """The text without accents, case and invisible characters."""
    decomposed = normalized("NFKD", without_invisible(text).casefold())
    without_accents = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(without_accents.translate(ASCII_SPELLINGS).split())
