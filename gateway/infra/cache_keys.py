"""The bounds of keys and values that every cache holds to, and the meaning of a pattern."""

import re
from collections.abc import Callable
from typing import Final

from domains.kernel.ports import KeyInvalid, ValueTooLarge

MAX_KEY: Final = 512  # characters
MAX_VALUE: Final = 1024 * 1024  # bytes
KEY: Final = re.compile(rf"[^\x00-\x1f\x7f]{{1,{MAX_KEY}}}")


def check_key(key: str) -> None:
    """Raise KeyInvalid unless a key has 1 to 512 characters and no control character."""
    if not KEY.fullmatch(key):
        raise KeyInvalid(f"A cache key has 1 to {MAX_KEY} characters and no control characters.")


def check_value(value: bytes) -> None:
    """Raise ValueTooLarge above 1 MiB."""
    if len(value) > MAX_VALUE:
        raise ValueTooLarge(f"The value has {len(value)} bytes; a cache stores at most {MAX_VALUE}.")


def matcher(pattern: str) -> Callable[[str], object]:
    """Whether a key matches a pattern, in which `*` is any text and every other character stands for itself."""
    check_key(pattern)
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL).fullmatch


def glob(pattern: str) -> str:
    """The pattern in the syntax of Redis, which has more special characters."""
    check_key(pattern)
    return re.sub(r"([?\[\]\\])", r"\\\1", pattern)
