"""Unicode's normal forms in linear time: to order the marks of one letter takes the square of their number."""

import re
import unicodedata
from functools import cache
from typing import Final, Literal

MOST: Final = 30
"""Marks on one letter that are kept, as in Unicode's Stream-Safe Text Format (UAX 15); no language comes near."""
_PARTED: Final = "\u0f73\u0f75\u0f81\uff9e\uff9f"
"""What is no mark by itself and becomes marks when it is taken apart."""


def normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """The text in this normal form, without the marks on a letter beyond the thirtieth."""
    return text if text.isascii() else _bounded(unicodedata.normalize(form, _bounded(text)))


def _bounded(text: str) -> str:
    """The text with at most 30 marks in a row; a longer run holds every thirtieth place of a text."""
    if len(text) <= MOST or not _mark().search(text[::MOST]):
        return text
    return _run().sub(lambda run: run[0][:MOST], text)


@cache
def _marks() -> str:
    return _PARTED + "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code)))


@cache
def _mark() -> re.Pattern[str]:
    return re.compile(f"[{_marks()}]")


@cache
def _run() -> re.Pattern[str]:
    return re.compile(f"[{_marks()}]{{{MOST + 1},}}+")
