"""Search documents: what of a product is searched, weighted, in the form that PostgreSQL's `tsvector` reads."""

from collections.abc import Iterable, Sequence
from itertools import islice

from domains.catalog.search.normalization import ending, lexemes

# tsvector holds 256 places a word and 16,383 in all; nobody searches for the thousandth word of a description.
MAX_WORDS = 1_000
MAX_POSITIONS = 200
# How a SKU ends may be asked for by so many characters or more.
_MIN_SUFFIX_LENGTH = 3


def document(code: str, fields: Sequence[tuple[str, Iterable[Sequence[str]]]]) -> str:
    """The document of fields: a weight, `A` to `D`, and places, each with the words that stand there.

    Words are as `folding.index_words` gives them. Every one begins with the company's code in the document, so that
    the shared index finds its products alone.
    """
    places: dict[str, list[str]] = {}
    weighted = ((standing, weight) for weight, found in fields for standing in found)
    for place, (standing, weight) in enumerate(islice(weighted, MAX_WORDS), 1):
        at = f"{place}{weight}"
        for word in standing:
            places.setdefault(word, []).append(at)
    return " ".join(f"'{code}{word}':{','.join(all_at[:MAX_POSITIONS])}" for word, all_at in places.items())


def search_expression(code: str, alternatives: Sequence[Sequence[str]], *, weights: str = "") -> str:
    """The `tsquery` text that asks for one of each list of alternatives; of the last list a beginning is enough.

    A word with a digit may also be how a SKU ends. With `weights` only words of these fields count, and SKUs do not.
    Words are folded: letters, marks, digits and emoji, nothing to escape.
    """
    parts = []
    for place, choices in enumerate(alternatives, 1):
        asked = [_asked(code, word, weights, is_last=place == len(alternatives)) for word in choices]
        if not weights:
            asked += [_quoted(code, end, "*") for word in choices if (end := _ending(word))]
        parts.append("(" + " | ".join(asked) + ")")
    return " & ".join(parts)


def _asked(code: str, word: str, weights: str, *, is_last: bool) -> str:
    found = [
        _quoted(code, lexeme, weights + ("*" if is_last or is_beginning else ""))
        for lexeme, is_beginning in lexemes(word)
    ]
    return found[0] if len(found) == 1 else "(" + " & ".join(found) + ")"


def _quoted(code: str, lexeme: str, label: str) -> str:
    return f"'{code}{lexeme}'" + (f":{label}" if label else "")


def _ending(word: str) -> str | None:
    """What a word asks for when it is how a SKU ends: one with a digit, so that plain words are looked up once."""
    is_code = len(word) >= _MIN_SUFFIX_LENGTH and word.isascii() and word.isalnum() and not word.isalpha()
    return ending(word) if is_code else None
