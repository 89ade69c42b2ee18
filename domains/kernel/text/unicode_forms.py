"""Unicode normalization in linear time: sorting the marks of one letter takes quadratic time."""

import re
import unicodedata
from functools import cache
from typing import Final, Literal

MAX_MARKS: Final = 30
"""The highest number of marks on one letter, as in Unicode's Stream-Safe Text Format (UAX 15)."""
_DECOMPOSED_TO_MARKS: Final = "\u0f73\u0f75\u0f81\uff9e\uff9f"
"""Characters that are not marks and decompose into marks."""


def normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """The text in this normal form; marks on a letter after the thirtieth are dropped."""
    return text if text.isascii() else _bounded(unicodedata.normalize(form, _bounded(text)))


def _bounded(text: str) -> str:
    """The text with at most 30 consecutive marks; a longer run includes an index divisible by thirty."""
    if len(text) <= MAX_MARKS or not _mark().search(text[::MAX_MARKS]):
        return text
    return _run().sub(lambda run: run[0][:MAX_MARKS], text)


@cache
def _marks() -> str:
    return _DECOMPOSED_TO_MARKS + "".join(
        chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code))
    )


@cache
def _mark() -> re.Pattern[str]:
    return re.compile(f"[{_marks()}]")


@cache
def _run() -> re.Pattern[str]:
    return re.compile(f"[{_marks()}]{{{MAX_MARKS + 1},}}+")
