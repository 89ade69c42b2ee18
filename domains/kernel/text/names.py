"""Names of people: validation, and normalization for search."""

import unicodedata
from typing import Final, TypedDict

from domains.kernel.prisma.conditions import escaped
from domains.kernel.text import phone_numbers
from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import AS_TYPED, optional_text, searched_text, without_invisible
from domains.kernel.validation import collect_errors

NAME_LENGTH: Final = 100


class GivenNames(TypedDict):
    """A person's names; either may be empty."""

    first_name: str
    last_name: str


def given_name(value: str | None, field: str) -> str:
    """A first or last name in its normal form; empty for None. Raises TooLong and InvalidInput."""
    return optional_text(value, field=(field,), most=NAME_LENGTH) or ""


def given_names(first: str | None, last: str | None) -> GivenNames:
    """Both names. Raises TooLong and InvalidInput; the errors of both names are raised together."""
    with collect_errors() as each:
        with each:
            first_name = given_name(first, "first_name")
        with each:
            last_name = given_name(last, "last_name")
    return {"first_name": first_name, "last_name": last_name}


def search_text_of(first: str, last: str, email: str, phone: str | None = None) -> str:
    """The search text of a person: normalized names and e-mail address, and the digits of the phone number."""
    return " ".join(
        part for part in (normalize_for_search(f"{first} {last} {email}"), phone_numbers.digits(phone or "")) if part
    )


def search_patterns(search: str | None) -> list[str] | None:
    """The patterns for `like any` that find a search in a text of `searchable`: a part of it, or a phone number.

    None for null and an empty search; an empty list for one without a visible character. Raises TooLong and
    InvalidInput.
    """
    text = searched_text(search)
    if text is None:
        return None
    part = normalize_for_search(text)
    parts = [f"%{escaped(part)}%"] if part else []
    for ending, is_beginning in phone_numbers.search_key(text):
        parts.append(f"%{ending[::-1]}" if is_beginning else f"% {ending[::-1]}")
    return parts


def normalize_for_search(text: str) -> str:
    """The text without accents, case and invisible characters."""
    spread = normalized("NFKD", without_invisible(text).casefold())
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return " ".join(bare.translate(AS_TYPED).split())
