"""Text that came from outside: trimmed, bounded, and free of what PostgreSQL cannot hold."""

import re
from collections.abc import Sequence
from typing import Final

from domains.kernel.errors import DomainError, ErrorCode, InvalidInput

NAME_LENGTH = 255
LINE_LENGTH = 1_000
TEXT_LENGTH = 50_000
NOT_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates, which no column holds."""


class TooLong(DomainError):
    """A text beyond what the field holds."""

    code = ErrorCode.TOO_LONG


class Required(DomainError):
    """A text that must not be empty."""

    code = ErrorCode.REQUIRED


def require_text(value: str, *, path: Sequence[str], most: int = NAME_LENGTH) -> str:
    """The text without surrounding space. Raises Required when nothing is left, and what `optional_text` raises."""
    text = optional_text(value, path=path, most=most)
    if not text:
        raise Required(f"{_label(path)} must not be empty.", path=path)
    return text


def optional_text(value: str | None, *, path: Sequence[str], most: int = TEXT_LENGTH) -> str | None:
    """The text without surrounding space, or None when there is none.

    Raises TooLong beyond `most` characters, InvalidInput for NUL and lone surrogates.
    """
    if value is None:
        return None
    text = value.strip()
    if len(text) > most:
        raise TooLong(f"{_label(path)} has {len(text)} characters; at most {most} are allowed.", path=path)
    if NOT_TEXT.search(text):
        raise InvalidInput(f"{_label(path)} contains a character that is not text.", path=path)
    return text or None


def _label(path: Sequence[str]) -> str:
    return f"`{path[-1]}`" if path else "The text"
