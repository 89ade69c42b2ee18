"""Names as people give them: bounded, and folded for search."""

import unicodedata
from typing import Final, TypedDict

from domains.kernel.marks import normalized
from domains.kernel.problems import all_problems
from domains.kernel.text import optional_text, searched_text

NAME_LENGTH: Final = 100


class GivenNames(TypedDict):
    """A person's names; either may be empty."""

    first_name: str
    last_name: str


def given_name(value: str | None, field: str) -> str:
    """A first or last name, empty when there is none. Raises TooLong and InvalidInput."""
    return optional_text(value, path=("input", field), most=NAME_LENGTH) or ""


def given_names(first: str | None, last: str | None) -> GivenNames:
    """Both names. Raises TooLong and InvalidInput, of both at once."""
    with all_problems() as each:
        with each:
            first_name = given_name(first, "firstName")
        with each:
            last_name = given_name(last, "lastName")
    return {"first_name": first_name, "last_name": last_name}


def searchable(*parts: str) -> str:
    """The parts as one text to search in: accents and case folded."""
    return folded(" ".join(part for part in parts if part))


def folded(text: str) -> str:
    """The text without accents and case."""
    spread = normalized("NFKD", text.casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def search_pattern(search: str | None) -> str | None:
    """The pattern, with `!` as its escape, of what `searchable` texts are searched for: None when nothing is asked.

    Empty when nothing is left to be found. Raises TooLong and InvalidInput.
    """
    text = searched_text(search)
    if text is None:
        return None
    escaped = folded(text).replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return escaped and f"%{escaped}%"
