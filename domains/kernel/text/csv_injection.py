"""Protection against CSV injection: formulas in texts of untrusted users (OWASP, CSV Injection)."""

import re
import unicodedata
from typing import Final

# The possible beginnings of a cell: spreadsheets also split at separators that the file does not use.
CELLS: Final = re.compile(r"[^;\t\r\n]+")
FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")
FILLERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols that are invisible
QUOTE: Final = "'"


def neutralize_formulas(text: str) -> str:
    """The text with a quote before each formula, which a spreadsheet then shows and does not run.

    The first visible character decides, in compatibility form (NFKC): some programs read a full-width equals sign as
    an equals sign, and skip spaces, byte order marks and other invisible characters before it.
    """
    return CELLS.sub(lambda cell: f"{QUOTE}{cell[0]}" if _is_formula(cell[0]) else cell[0], text)


def _is_formula(cell: str) -> bool:
    first = next((character for character in cell if not _is_invisible(character)), "")
    return unicodedata.normalize("NFKC", first)[:1] in FORMULA


def _is_invisible(character: str) -> bool:
    """Separators, control and format characters and marks (general categories Z, C and M), and fillers."""
    return unicodedata.category(character)[0] in "ZCM" or character in FILLERS
