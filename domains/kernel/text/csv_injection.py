"""What a spreadsheet would take for a formula, in texts that strangers have written (OWASP, CSV injection)."""

import re
import unicodedata
from typing import Final

# Where a cell may begin: spreadsheets also split at other separators than the file's own.
CELLS: Final = re.compile(r"[^;\t\r\n]+")
FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")
FILLERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols that show nothing
MARK: Final = "'"


def as_text(text: str) -> str:
    """The text with a mark before each beginning that a spreadsheet would run, which then shows it instead.

    What counts is the first visible character in its plain form (NFKC): a full-width equals sign is one to some,
    and spaces, byte order marks and other invisible characters before one are passed over.
    """
    return CELLS.sub(lambda cell: f"{MARK}{cell[0]}" if _is_formula(cell[0]) else cell[0], text)


def _is_formula(cell: str) -> bool:
    first = next((character for character in cell if not _is_invisible(character)), "")
    return unicodedata.normalize("NFKC", first)[:1] in FORMULA


def _is_invisible(character: str) -> bool:
    """Separators, control and format characters and marks (general categories Z, C and M), and fillers."""
    return unicodedata.category(character)[0] in "ZCM" or character in FILLERS
