"""Folding: text without accents and case, as it is sorted and searched by (the server needs no extension for it)."""

import re
import unicodedata
from collections.abc import Iterator

WORD_LENGTH = 40
# Some letters fold to many; an index entry holds less than 2,700 bytes.
KEY_LENGTH = 300
_WORD = re.compile(r"[^\W_]+")
# Letters that Unicode does not take apart, in the spelling people type for them.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
    }
)


def fold(text: str) -> str:
    """The text without case, accents and typographic variants: `Crème BRÛLÉE` and `creme brulee` fold alike."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return bare.casefold().translate(_LETTERS)


def words(text: str) -> list[str]:
    """The folded words of a text in order, each cut at `WORD_LENGTH`; what is neither letter nor digit parts them."""
    return [word[:WORD_LENGTH] for word in _WORD.findall(fold(text))]


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each word stands in the text as written: start, end, and the word folded."""
    for match in _WORD.finditer(text):
        yield match.start(), match.end(), fold(match.group())


def sort_key(text: str) -> str:
    """What a name is sorted by, compared by code point, cut at `KEY_LENGTH`."""
    return " ".join(fold(text).split())[:KEY_LENGTH]
