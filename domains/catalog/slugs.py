"""Slugs: made from names, or given and checked, by one rule for the API and files, without collisions."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from slugify import slugify

from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import Required, TooLong, lower_without_dots, normalize_key

LENGTH = 255
_MADE_LENGTH = 188
# What most slugs are, and what is its own one spelling.
_IN_SHAPE = re.compile(f"[a-z0-9][a-z0-9_-]{{0,{LENGTH - 1}}}")


def slug_from(name: str, *, fallback: str) -> str:
    """The slug a name makes: ASCII, lower case, words joined by hyphens; the fallback when no letter is left."""
    return slugify(name, max_length=_MADE_LENGTH, word_boundary=True) or fallback


def slug_key(slug: str) -> str:
    """The one spelling of a slug, by which it is stored and looked up: NFC, in lower case."""
    return normalized("NFC", lower_without_dots(normalized("NFD", normalize_key(slug).lower())))


def require_slug(slug: str | None, *, field: Sequence[str]) -> str:
    """A slug as somebody gave it, in its one spelling: letters, marks and digits of any script, hyphens, underscores.

    Raises Required, TooLong, and InvalidInput for what has not a slug's shape.
    """
    if slug is None:
        raise Required("A slug can be changed, not taken away.", field=field)
    if _IN_SHAPE.fullmatch(slug):
        return slug
    wanted = slug_key(slug)
    if len(wanted) > LENGTH:
        raise TooLong(f"A slug has at most {LENGTH} characters.", field=field)
    if not (any(map(str.isalnum, wanted)) and all(map(_belongs, wanted)) and not _is_mark(wanted[0])):
        raise InvalidInput(
            "A slug is made of letters and digits, with hyphens and underscores between them.", field=field
        )
    return wanted


def slug_of_handle(handle: str, *, field: Sequence[str]) -> str:
    """The slug of a product that has this handle in a file: the same by the rule of slugs, else what it makes.

    Raises InvalidInput when it makes none.
    """
    try:
        return require_slug(handle, field=field)
    except DomainError:
        if slug := slug_from(handle, fallback=""):
            return slug
        raise InvalidInput("A handle is made of letters, digits and hyphens.", field=field) from None


def candidates(base: str) -> Iterator[list[str]]:
    """The slugs to try for a base, a batch ten times the last: the base itself, then with numbers from 2 on."""
    start, size = 2, 9
    yield [base, *(f"{base}-{number}" for number in range(start, start + size))]
    while True:
        start, size = start + size, size * 10
        yield [f"{base}-{number}" for number in range(start, start + size)]


def _belongs(letter: str) -> bool:
    return letter in "-_" or letter.isalnum() or _is_mark(letter)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")
