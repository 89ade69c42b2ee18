"""Search documents: what of a product is searched, weighted, in the form that PostgreSQL's `tsvector` reads."""

from collections.abc import Iterable, Sequence

from domains.catalog.folding import words

# tsvector holds 256 places a word and 16,383 in all; nobody searches for the thousandth word of a description.
MOST_WORDS = 1_000


def document(code: str, fields: Sequence[tuple[str, Iterable[str]]]) -> tuple[str, set[str]]:
    """The document of (weight, texts) fields, weights `A` to `D`, and its words.

    Every word in the document begins with the company's code, so that the shared index finds its products alone.
    """
    places: dict[str, list[str]] = {}
    place = 0
    for weight, texts in fields:
        for text in texts:
            for word in words(text):
                place += 1
                if place > MOST_WORDS:
                    break
                places.setdefault(word, []).append(f"{place}{weight}")
    lexemes = (f"'{code}{word}':{','.join(at[:200])}" for word, at in places.items())
    return " ".join(lexemes), set(places)


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
