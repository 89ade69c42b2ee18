"""Slugs: made from names, or given and checked; free of collisions within a company."""

import re
from collections.abc import Iterator, Sequence

from slugify import slugify

from domains.kernel.errors import InvalidInput
from domains.kernel.text import Required, TooLong

LENGTH = 200
_ROOM_FOR_NUMBER = 12
HANDLE_LENGTH = 255
_HANDLE = re.compile(r"[\w-]+")
_SHAPE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def slug_from(name: str, *, fallback: str) -> str:
    """The slug a name makes: ASCII, lower case, words joined by hyphens; the fallback when no letter is left."""
    return slugify(name, max_length=LENGTH - _ROOM_FOR_NUMBER, word_boundary=True) or fallback


def require_slug(slug: str | None, *, path: Sequence[str]) -> str:
    """A slug as somebody wrote it. Raises Required, TooLong, and InvalidInput for what has not a slug's shape."""
    if slug is None:
        raise Required("A slug can be changed, not taken away.", path=path)
    if len(slug) > LENGTH:
        raise TooLong(f"A slug has at most {LENGTH} characters.", path=path)
    if not _SHAPE.fullmatch(slug):
        raise InvalidInput(
            "A slug is made of lower-case letters a-z, digits and single hyphens between them.", path=path
        )
    return slug


def slug_of_handle(handle: str, *, path: Sequence[str]) -> str:
    """The slug of a product that has this handle in a file: the same in lower case, else what can be made of it.

    Raises InvalidInput when nothing can.
    """
    lowered = handle.lower()
    if len(lowered) <= HANDLE_LENGTH and _HANDLE.fullmatch(lowered):
        return lowered
    if slug := slug_from(lowered, fallback=""):
        return slug
    raise InvalidInput("A handle is made of letters, digits and hyphens.", path=path)


def candidates(base: str) -> Iterator[list[str]]:
    """The slugs to try for a base, a batch ten times the last: the base itself, then with numbers from 2 on."""
    start, size = 2, 9
    yield [base, *(f"{base}-{number}" for number in range(start, start + size))]
    while True:
        start, size = start + size, size * 10
        yield [f"{base}-{number}" for number in range(start, start + size)]
