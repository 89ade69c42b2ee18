"""Normalization of texts for search and sorting: without accents and case, without an extension of the server.

A text is read as tokens: compounds of words (`wi-fi`), runs of a script that has no spaces between words, and emoji.
Runs are indexed and searched by grams, all pieces of two or three characters.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import ASCII_SPELLINGS, INVISIBLE, without_invisible

WORD_LENGTH = 40
# Some letters normalize to several; an index entry holds less than 2,700 bytes.
KEY_LENGTH = 300
# Longer runs are sentences and are not suggested.
RUN_LENGTH = range(3, 31)
MAX_GRAMS = 12
MAX_PARTS = 8
SUFFIX_MARK = "~"
_SIGNS = str.maketrans("™®©℠", "    ")
# Optional marks: accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, nuktas, tatweel.
_OPTIONAL = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u093c\u09bc\u0a3c\u0abc\u0b3c\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Han, Hiragana, Katakana, Bopomofo, Hangul.
_BY_TWO = (
    "\u3005\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
# Thai, Lao, Myanmar, Khmer.
_BY_THREE = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0ece\u0ed0-\u0edf\u1000-\u1049\u1050-\u109d"
    "\u1780-\u17d3\u17d7\u17dc-\u17e9"
)
_EMOJI = "\u231a\u231b\u23e9-\u23fa\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
_JOINERS = "-/.'\u2019&+\u00b7_\u2010"


_ASCII_TOKEN = re.compile(rf"[A-Za-z0-9]+(?:[{_JOINERS}][A-Za-z0-9]+)*", re.ASCII)
_JOINER = re.compile(f"[{_JOINERS}]")
_RUN = re.compile(f"[{_BY_TWO}{_BY_THREE}]+")
_TWO = re.compile(f"[{_BY_TWO}]")


@cache
def _token() -> re.Pattern[str]:
    """A run, an emoji, or a compound of words, which ends where a run begins; marks belong to the letter before."""
    marks = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.category(chr(code)).startswith("M"))
    letter = f"(?![{_BY_TWO}{_BY_THREE}])[^\\W_]"
    word = f"{letter}(?:{letter}|[{marks}{INVISIBLE}])*"
    runs = f"[{_BY_TWO}]+|[{_BY_THREE}]+"
    return re.compile(f"{runs}|[\U0001f1e6-\U0001f1ff]{{2}}|[{_EMOJI}]|{word}(?:[{_JOINERS}]{word})*")


def normalize(text: str) -> str:
    """The text without case, accents and typographic variants: `Crème BRÛLÉE` and `creme brulee` become equal."""
    text = without_invisible(text)
    if text.isascii():
        return text.lower()
    text = text.translate(_SIGNS)
    parts = normalized("NFKD", normalized("NFKD", text).casefold())
    without_accents = normalized("NFC", _OPTIONAL.sub("", parts))
    return without_accents.casefold().translate(ASCII_SPELLINGS)


_normalize_word = lru_cache(maxsize=20_000)(normalize)  # texts repeat words


def words(text: str) -> list[str]:
    """The normalized words of a text in order, each cut at `WORD_LENGTH`; other characters separate them.

    A run without spaces is one word, and so is an emoji.
    """
    return [part for token in _tokens(normalize(text)) for part in _parts(token)]


def word_alternatives(text: str) -> list[list[str]]:
    """The alternatives of each word of a search text; a compound also matches in one word.

    All parts of an alternative with spaces must match.
    """
    alternatives = []
    for token in _tokens(normalize(text)):
        parts = _parts(token)
        whole = "".join(parts)
        is_whole = 1 < len(parts) <= MAX_PARTS and not whole.isdigit()
        alternatives.append([" ".join(parts[:MAX_PARTS]), *([whole[:WORD_LENGTH]] if is_whole else ())])
    return alternatives


def index_words(text: str, *, whole_runs: bool = False) -> Iterator[list[str]]:
    """The indexed words of a text by position: its words, the grams of runs, and compounds in one word.

    `whole_runs` adds short runs as they are, so that they can be suggested.
    """
    for token in _tokens(normalize(text)):
        parts = _parts(token)
        if len(parts) > 1:
            yield from _compound(parts)
        elif token.isascii():
            yield parts
        elif is_run(token):
            grams = _grams(token)
            whole = [token] if whole_runs and len(token) in RUN_LENGTH else []
            yield [grams[0], *whole]
            yield from ([gram] for gram in grams[1:])
        else:
            yield parts


def lexemes(word: str) -> list[tuple[str, bool]]:
    """The lexemes of a searched word, all of which must match, and whether a prefix of each is enough."""
    result: list[tuple[str, bool]] = []
    for part in word.split(" "):
        if not is_run(part):
            result.append((part, False))
            continue
        size = _size(part)
        if len(part) < size:
            result.append((_decompose_hangul(part), True))
        else:
            result += [
                (_decompose_hangul(part[at : at + size]), False) for at in range(min(len(part) - size + 1, MAX_GRAMS))
            ]
    return result


def joined(text: str) -> str:
    """The letters and digits of a text in one normalized word, such as a SKU or a number without punctuation."""
    return "".join(part for token in _tokens(normalize(text)) for part in _parts(token))


def reversed_suffix(sku: str) -> str | None:
    """The lexeme by which a SKU is found by its end: its letters and digits reversed; None without any."""
    return reversed_suffix_of(part for token in _tokens(normalize(sku)) for part in _parts(token))


def reversed_suffix_of(parts: Iterable[str]) -> str | None:
    """As `reversed_suffix`, of the words of a SKU with compounds split."""
    whole = "".join(parts)
    return SUFFIX_MARK + whole[::-1][:WORD_LENGTH] if whole else None


def is_run(word: str) -> bool:
    """Whether a word is of a script that has no spaces between words."""
    return not word.isascii() and _RUN.match(word) is not None


def is_gram(word: str) -> bool:
    """Whether a word of the index is a gram of a run, not a word."""
    composed = word if word.isascii() else normalized("NFC", word)
    return is_run(composed) and len(composed) <= _size(composed)


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """The position of each word in the original text: start, end, and the normalized word; compounds also whole.

    Each gram of a run, and each prefix of one, is a word.
    """
    for match in (_ASCII_TOKEN if text.isascii() else _token()).finditer(text):
        token, start = match.group(), match.start()
        if is_run(token):
            size = _size(token)
            for at in range(len(token)):
                for end in range(at + 1, min(at + size, len(token)) + 1):
                    yield start + at, start + end, _decompose_hangul(normalize(token[at:end]))
            continue
        position = start
        for part in _JOINER.split(token):
            yield (
                position,
                position + len(part),
                _normalize_word(part) if len(part) <= WORD_LENGTH else normalize(part),
            )
            position += len(part) + 1
        if _JOINER.search(token):
            yield start, match.end(), "".join(_parts(normalize(token)))[:WORD_LENGTH]


def sort_key(text: str) -> str:
    """The sort key of a name, compared by code point, cut at `KEY_LENGTH`."""
    return " ".join(normalize(text).split())[:KEY_LENGTH]


def _tokens(text: str) -> list[str]:
    result: list[str] = (_ASCII_TOKEN if text.isascii() else _token()).findall(text)
    return result


def _parts(token: str) -> list[str]:
    if token.isascii():
        parts = [token] if token.isalnum() else _JOINER.split(token)
        return parts if len(token) <= WORD_LENGTH else [part[:WORD_LENGTH] for part in parts]
    if token.isalnum():
        return [token[:WORD_LENGTH]] if not is_run(token) else [token]
    return [part[:WORD_LENGTH] if not is_run(part) else part for part in _JOINER.split(token)]


def _compound(parts: Sequence[str]) -> Iterator[list[str]]:
    """The parts by position, each also joined with the one before, the last also with all parts in one word.

    Numbers are not joined: 3.5 is not 35.
    """
    whole, last, before = "".join(parts), len(parts) - 1, ""
    for position, part in enumerate(parts):
        combined = (before + part, whole if position == last else part)
        yield list(dict.fromkeys([part, *(word[:WORD_LENGTH] for word in combined if not word.isdigit())]))
        before = part


def _size(run: str) -> int:
    return 2 if _TWO.match(run) else 3


def _grams(run: str) -> list[str]:
    size = _size(run)
    return [_decompose_hangul(run[at : at + size]) for at in range(len(run))]


def _decompose_hangul(gram: str) -> str:
    """Hangul decomposed into letters, so that an unfinished syllable matches."""
    return normalized("NFD", gram) if "\uac00" <= gram[0] <= "\ud7a3" or "\uac00" <= gram[-1] <= "\ud7a3" else gram
