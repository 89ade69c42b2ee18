"""Highlighting: where a product has the words that were searched for, as HTML with `<mark>`."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from domains.catalog.folding import spans
from domains.kernel.markup import plain_text

SNIPPET_LENGTH = 160
_LEAD = 40


@dataclass(frozen=True, slots=True)
class Highlight:
    """A product's name and an extract of its description, found words marked; markup left out."""

    name: str
    description: str | None


def highlight(name: str, description: str | None, alternatives: Sequence[Sequence[str]]) -> Highlight:
    """Mark the words of a search; the last word's beginning is enough. No extract without a word in it."""
    return Highlight(_marked(name, alternatives), _extract(description or "", alternatives))


def _extract(text: str, alternatives: Sequence[Sequence[str]]) -> str | None:
    text = unicodedata.normalize("NFC", plain_text(text))
    first = next((start for start, _, word in spans(text) if _is_found(word, alternatives)), None)
    if first is None:
        return None
    begin = 0 if first <= _LEAD else text.rfind(" ", 0, first - _LEAD // 2) + 1
    end = len(text) if len(text) <= begin + SNIPPET_LENGTH else text.rfind(" ", first + 1, begin + SNIPPET_LENGTH)
    end = end if end > first else begin + SNIPPET_LENGTH
    shown = _marked(text[begin:end], alternatives)
    return ("… " if begin else "") + shown + (" …" if end < len(text) else "")


def _marked(text: str, alternatives: Sequence[Sequence[str]]) -> str:
    text = unicodedata.normalize("NFC", text)
    parts, place = [], 0
    for start, end, word in spans(text):
        if _is_found(word, alternatives):
            parts += [escape(text[place:start]), "<mark>", escape(text[start:end]), "</mark>"]
            place = end
    return "".join([*parts, escape(text[place:])])


def _is_found(word: str, alternatives: Sequence[Sequence[str]]) -> bool:
    *whole, last = alternatives
    return any(word in choices for choices in whole) or any(word.startswith(start) for start in last)
