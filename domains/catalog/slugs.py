"""Slugs: made from names, or given and checked; free of collisions within a company."""

import re
from collections.abc import Collection, Sequence

from slugify import slugify

from domains.kernel.errors import InvalidInput
from domains.kernel.text import Required, TooLong

LENGTH = 200
_ROOM_FOR_NUMBER = 12
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


def free_slug(base: str, taken: Collection[str]) -> str:
    """The base itself when it is free, else the base with the first free number from 2 on."""
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
