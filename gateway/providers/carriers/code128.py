"""Code 128 barcodes (ISO/IEC 15417): the widths of bars and spaces of a text."""

from collections.abc import Sequence
from typing import Final

# The widths of three bars and three spaces of each value, in modules.
_WIDTHS: Final = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231
113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211
212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131
113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111
314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211
241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141
214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214
211232
"""
PATTERNS: Final = tuple(_WIDTHS.split())
STOP: Final = "2331112"
START_B: Final = 104
START_C: Final = 105
MODULUS: Final = 103
FIRST: Final = 32  # the character of value 0 in code set B


def bars(text: str) -> Sequence[int]:
    """The widths of the bars and the spaces between them in modules, beginning and ending with a bar.

    Digits of an even number are in pairs (code set C). Raises ValueError for a text that is empty or not printable
    ASCII.
    """
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError("A barcode has printable ASCII characters.")
    if text.isdigit() and len(text) % 2 == 0:
        values = [START_C, *(int(text[at : at + 2]) for at in range(0, len(text), 2))]
    else:
        values = [START_B, *(ord(letter) - FIRST for letter in text)]
    checksum = (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % MODULUS
    symbols = "".join(PATTERNS[value] for value in (*values, checksum)) + STOP
    return [int(width) for width in symbols]
