"""Highlighting: the searched words in a product's name and description, as HTML with `<mark>`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from domains.catalog.search.normalization import is_run, lexemes, spans
from domains.kernel.text.html import plain_text
from domains.kernel.text.unicode_forms import normalized

SNIPPET_LENGTH = 160
_CONTEXT_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Highlight:
    """A product's name and an extract of its description without markup, with the searched words marked."""

    name: str
    description: str | None


def highlight(name: str, description: str | None, alternatives: Sequence[Sequence[str]]) -> Highlight:
    """Mark the words of a search; of the last word a prefix is enough. The extract is None without a match."""
    searched = _SearchedWords.from_alternatives(alternatives)
    return Highlight(_marked(name, searched), _extract(description or "", searched))


@dataclass(frozen=True, slots=True)
class _SearchedWords:
    """The words to mark: whole words, and words with these prefixes."""

    whole: frozenset[str]
    prefixes: tuple[str, ...]

    @classmethod
    def from_alternatives(cls, alternatives: Sequence[Sequence[str]]) -> "_SearchedWords":
        lexemes_by_word = [[lexeme for word in choices for lexeme, _ in lexemes(word)] for choices in alternatives]
        last = [lexeme for lexeme in lexemes_by_word[-1] if not is_run(lexeme)] if lexemes_by_word else []
        return cls(frozenset(lexeme for lexemes_ in lexemes_by_word for lexeme in lexemes_), tuple(last))

    def matches(self, text: str) -> Iterator[tuple[int, int]]:
        """The start and end of each match, in order; adjacent ones are merged."""
        begin = end = -1
        for first, last, word in sorted(spans(text)):
            if word not in self.whole and not word.startswith(self.prefixes):
                continue
            if first > end:
                if end > 0:
                    yield begin, end
                begin = first
            end = max(end, last)
        if end > 0:
            yield begin, end


def _extract(text: str, searched: _SearchedWords) -> str | None:
    text = normalized("NFC", plain_text(text))
    first = next((start for start, _ in searched.matches(text)), None)
    if first is None:
        return None
    begin = 0 if first <= _CONTEXT_LENGTH else text.rfind(" ", 0, first - _CONTEXT_LENGTH // 2) + 1
    if first - begin > SNIPPET_LENGTH // 2:  # a text without spaces
        begin = first - _CONTEXT_LENGTH
    end = len(text) if len(text) <= begin + SNIPPET_LENGTH else text.rfind(" ", first + 1, begin + SNIPPET_LENGTH)
    end = end if end > first else begin + SNIPPET_LENGTH
    shown = _marked(text[begin:end], searched)
    return ("… " if begin else "") + shown + (" …" if end < len(text) else "")


def _marked(text: str, searched: _SearchedWords) -> str:
    text = normalized("NFC", text)
    parts, position = [], 0
    for start, end in searched.matches(text):
        parts += [escape(text[position:start]), "<mark>", escape(text[start:end]), "</mark>"]
        position = end
    return "".join([*parts, escape(text[position:])])
