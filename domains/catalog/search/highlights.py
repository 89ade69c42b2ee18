"""Highlighting: where a product has the words that were searched for, as HTML with `<mark>`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from domains.catalog.search.normalization import is_run, lexemes, spans
from domains.kernel.text.html import plain_text
from domains.kernel.text.unicode_forms import normalized

SNIPPET_LENGTH = 160
_LEAD = 40


@dataclass(frozen=True, slots=True)
class Highlight:
    """A product's name and an extract of its description, found words marked; markup left out."""

    name: str
    description: str | None


def highlight(name: str, description: str | None, alternatives: Sequence[Sequence[str]]) -> Highlight:
    """Mark the words of a search; the last word's beginning is enough. No extract without a word in it."""
    sought = _Sought.of(alternatives)
    return Highlight(_marked(name, sought), _extract(description or "", sought))


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is marked: whole words, and words that begin like these."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]

    @classmethod
    def of(cls, alternatives: Sequence[Sequence[str]]) -> "_Sought":
        asked = [[lexeme for word in choices for lexeme, _ in lexemes(word)] for choices in alternatives]
        last = [lexeme for lexeme in asked[-1] if not is_run(lexeme)] if asked else []
        return cls(frozenset(lexeme for lexemes_ in asked for lexeme in lexemes_), tuple(last))

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands, from first to last; neighbours in one."""
        begin = end = -1
        for first, last, word in sorted(spans(text)):
            if word not in self.whole and not word.startswith(self.beginnings):
                continue
            if first > end:
                if end > 0:
                    yield begin, end
                begin = first
            end = max(end, last)
        if end > 0:
            yield begin, end


def _extract(text: str, sought: _Sought) -> str | None:
    text = normalized("NFC", plain_text(text))
    first = next((start for start, _ in sought.places(text)), None)
    if first is None:
        return None
    begin = 0 if first <= _LEAD else text.rfind(" ", 0, first - _LEAD // 2) + 1
    if first - begin > SNIPPET_LENGTH // 2:  # a text without spaces
        begin = first - _LEAD
    end = len(text) if len(text) <= begin + SNIPPET_LENGTH else text.rfind(" ", first + 1, begin + SNIPPET_LENGTH)
    end = end if end > first else begin + SNIPPET_LENGTH
    shown = _marked(text[begin:end], sought)
    return ("… " if begin else "") + shown + (" …" if end < len(text) else "")


def _marked(text: str, sought: _Sought) -> str:
    text = normalized("NFC", text)
    parts, place = [], 0
    for start, end in sought.places(text):
        parts += [escape(text[place:start]), "<mark>", escape(text[start:end]), "</mark>"]
        place = end
    return "".join([*parts, escape(text[place:])])
