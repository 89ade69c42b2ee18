"""Validation of input texts: normalized, trimmed, bounded, and free of characters that PostgreSQL cannot store.

The normal form is NFC without invisible characters. `caseless` is the form for case-insensitive comparison.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.text.unicode_forms import normalized

NAME_LENGTH = 255
LINE_LENGTH = 1_000
TEXT_LENGTH = 50_000
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates, which no column can store."""

INVISIBLE: Final = (
    "\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""A character class of invisible characters: Unicode's Default_Ignorable_Code_Point, and controls."""
_MAX_DECOMPOSITION: Final = 4  # the longest decomposition of a character
ASCII_SPELLINGS: Final = str.maketrans(
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
"""Lower-case letters that Unicode does not decompose, with their spelling in ASCII."""
_INVISIBLE: Final = re.compile(f"[{INVISIBLE}]")
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\u180b-\u180d\u180f\U000e0100-\U000e01ef]")
_JOINERS: Final = "\u200c\u200d"
_DIRECTIONS: Final = "\u061c\u200e\u200f"
_SOFT_HYPHEN: Final = "\u00ad"
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# From Hebrew on there are scripts and emoji with joining characters.
_FIRST_JOINING_LETTER: Final = "\u0590"
_VIRAMA: Final = 9
_FLAG: Final = "\U0001f3f4"
_TAGS: Final = re.compile("[\U000e0020-\U000e007f]")
# Shown as an empty cell, but not white space in Unicode.
_BLANK: Final = "\u2800"
_SPACE: Final = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + _BLANK


class TooLong(DomainError):
    """A text is longer than the field allows."""


class Required(DomainError):
    """A required value is missing or empty."""


def normalize_text(text: str) -> str:
    """The normal form of a text, which is stored: NFC, trimmed, without invisible characters.

    Invisible characters stay where they change how their neighbours look: joiners in joining scripts and emoji,
    variation selectors, the tags of flags, direction marks in right-to-left text, soft hyphens within words.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = normalized("NFC", text)
    if _INVISIBLE.search(text):
        text = normalized("NFC", _remove_redundant_invisible(text))
    return text.strip(_SPACE)


def normalize_key(text: str) -> str:
    """The normal form of an identifying text, such as a SKU: without any invisible character."""
    return normalize_text(without_invisible(text))


def casefold_text(text: str) -> str:
    """The form for case-insensitive comparison: Unicode's NFKC_Casefold with white space collapsed.

    Accents count: `Rosé` and `Rose` differ. `CAFÉ`, `café` and the decomposed `café` are one.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    folded = without_invisible(text)
    for _ in range(2):  # some letters have a case in composed form only
        folded = normalized("NFKC", normalized("NFKD", folded).casefold())
    return " ".join(lower_without_dots(folded).split()).strip(_SPACE)


def without_invisible(text: str) -> str:
    """The text without all invisible characters."""
    return _INVISIBLE.sub("", text)


def lower_without_dots(text: str) -> str:
    """The text in lower case, with a plain `i` for the Turkish capital `İ`."""
    return text.replace("i\u0307", "i")


def require_text(value: str, *, field: Sequence[str], max_length: int = NAME_LENGTH) -> str:
    """The text in its normal form. Raises Required when it has no visible character, and as `optional_text`."""
    text = optional_text(value, field=field, max_length=max_length)
    if not text:
        raise Required(f"{label(field)} must not be empty.", field=field)
    return text


def optional_text(value: str | None, *, field: Sequence[str], max_length: int = TEXT_LENGTH) -> str | None:
    """The text in its normal form, or None when it has no visible character.

    Raises TooLong above `max_length` characters, InvalidInput for NUL and lone surrogates.
    """
    if value is None:
        return None
    if UNSTORABLE.search(value):
        raise InvalidInput(f"{label(field)} contains a character that is not text.", field=field)
    require_bounded_length(value, field=field, max_length=max_length)
    text = normalize_text(value)
    if len(text) > max_length:
        raise TooLong(f"{label(field)} has {len(text)} characters; at most {max_length} are allowed.", field=field)
    return text or None


def require_bounded_length(value: str, *, field: Sequence[str], max_length: int) -> None:
    """Raise TooLong for a text whose normal form must be too long, without the cost of normalizing it."""
    if len(value) > max_length * _MAX_DECOMPOSITION:
        raise TooLong(f"{label(field)} has {len(value)} characters; at most {max_length} are allowed.", field=field)


def normalize_search(
    value: str | None, *, field: Sequence[str] = ("search",), max_length: int = NAME_LENGTH
) -> str | None:
    """The normal form of a search: None for null and an empty text, which do not restrict the list.

    An empty result means that the search has no visible character and finds nothing. Raises as `optional_text`.
    """
    return (optional_text(value, field=field, max_length=max_length) or "") if value else None


def _remove_redundant_invisible(text: str) -> str:
    """The text without the invisible characters that have no effect in their position."""
    is_right_to_left = _RIGHT_TO_LEFT.search(text) is not None
    preceding = _PrecedingText()
    letters: list[str] = []
    for index, letter in enumerate(text):
        after = text[index + 1 : index + 2]
        if not _INVISIBLE.match(letter) or preceding.needs_invisible(
            letter, after, is_right_to_left=is_right_to_left
        ):
            letters.append(letter)
            preceding.advance(letter)
    return "".join(letters)


class _PrecedingText:
    """The context before a character: the last one, and the base with its combining marks in any order."""

    def __init__(self) -> None:
        self._last = self._base = ""
        self._has_virama = False

    def advance(self, letter: str) -> None:
        """Append a character that stays in the text."""
        mark = unicodedata.combining(letter)
        self._has_virama = mark == _VIRAMA or (mark != 0 and self._has_virama)
        if not mark:
            self._base = "" if _is_space(letter) else letter
        self._last = letter

    def needs_invisible(self, letter: str, after: str, *, is_right_to_left: bool) -> bool:
        """Whether an invisible character after a visible one changes how its neighbours look."""
        if not self._last or _is_space(self._last):
            return False
        if _SELECTORS.match(letter):
            return not _INVISIBLE.match(self._last)
        if _TAGS.match(letter):
            return self._last == _FLAG or _TAGS.match(self._last) is not None
        if letter in _JOINERS:
            joins = self._has_virama or _is_visible(after)
            return joins and self._base >= _FIRST_JOINING_LETTER and self._last not in _JOINERS
        if letter in _DIRECTIONS:
            return is_right_to_left
        return letter == _SOFT_HYPHEN and self._last.isalpha() and after.isalpha() and _is_visible(after)


def _is_space(letter: str) -> bool:
    return letter in _SPACE


def _is_visible(letter: str) -> bool:
    return bool(letter) and not _is_space(letter) and not _INVISIBLE.match(letter)


def label(field: Sequence[str]) -> str:
    """The name of a field in messages: `name`, or `tags[2]` for an item of a list."""
    if not field:
        return "The text"
    *_, parent, name = ("", *field)
    return f"`{parent}[{name}]`" if name.isdecimal() and parent else f"`{name}`"
