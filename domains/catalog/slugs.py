"""Slugs: generated from names or validated, by the same rule for the API and files."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from slugify import slugify

from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import Required, TooLong, lower_without_dots, normalize_key

LENGTH = 255
_GENERATED_LENGTH = 188
# What most slugs are, and what is its own one spelling.
_NORMAL_SLUG = re.compile(f"[a-z0-9][a-z0-9_-]{{0,{LENGTH - 1}}}")


def generate_slug(name: str, *, fallback: str) -> str:
    """The slug of a name: ASCII, lower case, words joined by hyphens; the fallback when no letter remains."""
    return slugify(name, max_length=_GENERATED_LENGTH, word_boundary=True) or fallback


def normalize_slug(slug: str) -> str:
    """The normal form of a slug, in which it is stored and looked up: NFC, in lower case."""
    return normalized("NFC", lower_without_dots(normalized("NFD", normalize_key(slug).lower())))


def require_slug(slug: str | None, *, field: Sequence[str]) -> str:
    """The normal form of a slug that a user entered: letters, marks and digits of any script, hyphens, underscores.

    Raises Required, TooLong, and InvalidInput for other characters.
    """
    if slug is None:
        raise Required("A slug can be changed, not removed.", field=field)
    if _NORMAL_SLUG.fullmatch(slug):
        return slug
    normal = normalize_slug(slug)
    if len(normal) > LENGTH:
        raise TooLong(f"A slug has at most {LENGTH} characters.", field=field)
    if not (any(map(str.isalnum, normal)) and all(map(_is_allowed, normal)) and not _is_mark(normal[0])):
        raise InvalidInput(
            "A slug is made of letters and digits, with hyphens and underscores between them.", field=field
        )
    return normal


def slug_from_handle(handle: str, *, field: Sequence[str]) -> str:
    """The slug of a product with this handle in a file: the handle if it is a valid slug, else one generated from it.

    Raises InvalidInput when none can be generated.
    """
    try:
        return require_slug(handle, field=field)
    except DomainError:
        if slug := generate_slug(handle, fallback=""):
            return slug
        raise InvalidInput("A handle is made of letters, digits and hyphens.", field=field) from None


def slug_candidates(base: str) -> Iterator[list[str]]:
    """The candidates for a base, in batches of growing size: the base itself, then with numbers from 2."""
    start, size = 2, 9
    yield [base, *(f"{base}-{number}" for number in range(start, start + size))]
    while True:
        start, size = start + size, size * 10
        yield [f"{base}-{number}" for number in range(start, start + size)]


def _is_allowed(letter: str) -> bool:
    return letter in "-_" or letter.isalnum() or _is_mark(letter)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")
