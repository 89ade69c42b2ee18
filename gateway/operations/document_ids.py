"""Ids of documents: the SHA-256 of a text, or any id of a list of operations."""

import re
from hashlib import sha256
from typing import Any, Final

MAX_ID: Final = 256
_ID: Final = re.compile(rf"[!-~]{{1,{MAX_ID}}}")  # visible ASCII characters
_DIGEST: Final = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")


def document_id(value: Any) -> str | None:
    """The id in its stored form, or None for a value that is no id.

    A SHA-256 is stored as 64 lower-case digits: clients also write it with the prefix `sha256:`.
    """
    if not isinstance(value, str) or not _ID.fullmatch(value):
        return None
    digest = _DIGEST.fullmatch(value)
    return digest[1].lower() if digest else value


def is_digest(stored_id: str) -> bool:
    """Whether an id in its stored form is a SHA-256."""
    return _DIGEST.fullmatch(stored_id) is not None


def digest_of(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return sha256(text.encode()).hexdigest()
