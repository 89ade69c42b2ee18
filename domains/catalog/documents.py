"""Search documents: what of a product is searched, weighted, in the form that PostgreSQL's `tsvector` reads."""

from collections.abc import Sequence
from itertools import islice

# tsvector holds 256 places a word and 16,383 in all; nobody searches for the thousandth word of a description.
MOST_WORDS = 1_000
MOST_PLACES = 200


def document(code: str, fields: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The document of (weight, words) fields, weights `A` to `D`, words as `folding.words` gives them.

    Every word in the document begins with the company's code, so that the shared index finds its products alone.
    """
    places: dict[str, list[str]] = {}
    weighted = ((word, weight) for weight, found in fields for word in found)
    for place, (word, weight) in enumerate(islice(weighted, MOST_WORDS), 1):
        places.setdefault(word, []).append(f"{place}{weight}")
    return " ".join(f"'{code}{word}':{','.join(at[:MOST_PLACES])}" for word, at in places.items())


def search_expression(code: str, alternatives: Sequence[Sequence[str]], *, weights: str = "") -> str:
    """The `tsquery` text that asks for one of each list of alternatives; of the last list a beginning is enough.

    With `weights` only words of these fields count. Words are folded: letters and digits, nothing to escape.
    """
    parts = []
    for place, choices in enumerate(alternatives, 1):
        label = weights + ("*" if place == len(alternatives) else "")
        end = f":{label}" if label else ""
        parts.append("(" + " | ".join(f"'{code}{word}'{end}" for word in choices) + ")")
    return " & ".join(parts)
