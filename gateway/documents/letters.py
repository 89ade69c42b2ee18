"""The letters that the fonts of documents have; others are transliterated, so that none is lost."""

import re
import unicodedata
from typing import Final

from text_unidecode import unidecode

from domains.kernel.text.unicode_forms import normalized

# What Libertinus Serif and DejaVu Sans Mono have in both weights, without scripts that are written from the right.
_HAD: Final = (
    "\n\x20-\x7e\xa0-\u02af\u02bb-\u02dd\u0300-\u034e\u0350-\u036f\u0374-\u037f\u0384-\u03ce\u03d0-\u03e1\u03f0-\u03ff"
    "\u0400-\u045f\u0490-\u04c4\u04c7-\u04cc\u04cf-\u04f9\u0531-\u0556\u0561-\u0587\u10d0-\u10fa\u1e00-\u1e9b\u1e9e"
    "\u1ea0-\u1ef9\u1f00-\u1fff\u2010-\u2015\u2018-\u2022\u2026\u2030-\u2037\u2039\u203a\u2044\u2070-\u209c"
    "\u20a0-\u20b5\u20b8-\u20ba\u20bd-\u20bf\u2116\u2122\u2126\u212e\u2190-\u21ff\u2212\u2248\u2260\u2264\u2265"
)
_OTHERS: Final = re.compile(f"[^{_HAD}]")


def printable(text: str) -> str:
    """The text in letters that the fonts have: `東京` is `Dong Jing`; what has no transliteration is `?`."""
    return _OTHERS.sub(_transliterated, normalized("NFC", text)).strip()


def _transliterated(match: re.Match[str]) -> str:
    letter = match[0]
    if letter.isspace():
        return " "
    if unicodedata.category(letter) in {"Cc", "Cf", "Mn"}:
        return ""
    return unidecode(letter) or "?"
