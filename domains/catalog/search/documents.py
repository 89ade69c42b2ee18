"""Search documents: the weighted words of a product, as input of PostgreSQL's `tsvector`."""

from collections.abc import Iterable, Sequence
from itertools import islice

from domains.catalog.search.normalization import lexemes, reversed_suffix

# A tsvector holds 256 positions of a word and 16,383 in all; words beyond these limits are not indexed.
MAX_WORDS = 1_000
MAX_POSITIONS = 200
NAME_MARK = "="
# The shortest suffix by which a SKU is found.
_MIN_SUFFIX_LENGTH = 3


def document(code: str, fields: Sequence[tuple[str, Iterable[Sequence[str]]]]) -> str:
    """The document of fields: each has a weight, `A` to `D`, and positions with the words at each.

    Words are those of `normalization.index_words`. In the document each begins with the company's code, so that
    the shared index finds its products alone. The words with weight A, those of the name, are in it once more,
    without a position, after `NAME_MARK`: they have postings of their own.
    """
    positions: dict[str, list[str]] = {}
    weighted = (
        (position_words, weight) for weight, words_by_position in fields for position_words in words_by_position
    )
    for position, (position_words, weight) in enumerate(islice(weighted, MAX_WORDS), 1):
        entry = f"{position}{weight}"
        for word in position_words:
            positions.setdefault(word, []).append(entry)
    named = (f"'{code}{NAME_MARK}{word}'" for word, entries in positions.items() if entries[0].endswith("A"))
    placed = (f"'{code}{word}':{','.join(entries[:MAX_POSITIONS])}" for word, entries in positions.items())
    return " ".join([*placed, *named])


def search_expression(code: str, alternatives: Sequence[Sequence[str]], *, in_name: bool = False) -> str:
    """The `tsquery` text that matches one of each list of alternatives; of the last list a prefix is enough.

    A word with a digit also matches the end of a SKU. With `in_name` only words of names match, and no SKUs.
    Words are normalized to letters, marks, digits and emoji, so nothing is escaped.
    """
    start = code + NAME_MARK if in_name else code
    parts = []
    for position, choices in enumerate(alternatives, 1):
        conditions = [_condition(start, word, is_last=position == len(alternatives)) for word in choices]
        if not in_name:
            conditions += [_quoted(code, end, "*") for word in choices if (end := _sku_suffix(word))]
        parts.append("(" + " | ".join(conditions) + ")")
    return " & ".join(parts)


def _condition(start: str, word: str, *, is_last: bool) -> str:
    quoted = [
        _quoted(start, lexeme, "*" if is_last or is_beginning else "") for lexeme, is_beginning in lexemes(word)
    ]
    return quoted[0] if len(quoted) == 1 else "(" + " & ".join(quoted) + ")"


def _quoted(start: str, lexeme: str, label: str) -> str:
    return f"'{start}{lexeme}'" + (f":{label}" if label else "")


def _sku_suffix(word: str) -> str | None:
    """The lexeme of a word as a SKU's suffix; only of words with a digit, so that plain words are looked up once."""
    is_code = len(word) >= _MIN_SUFFIX_LENGTH and word.isascii() and word.isalnum() and not word.isalpha()
    return reversed_suffix(word) if is_code else None
