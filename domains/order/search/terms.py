"""Search terms of orders: the end of the number, names, postal codes, telephone numbers and SKUs.

A term is the company's code, a letter for its kind, and a folded word, as the catalogue's search folds it.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from domains.catalog.search.facet_tokens import company_code
from domains.catalog.search.normalization import WORD_LENGTH, index_words, joined, lexemes, word_alternatives
from domains.kernel.text import phone_numbers

MOST_WORDS: Final = 8
# Fewer characters of an order number's end, or of the beginning of a postal code or SKU, are not searched.
_LEAST_END: Final = 3
_LEAST_BEGINNING: Final = 4
_LEAST_NAME: Final = 2
_NUMBER: Final = re.compile(r"\d+")


class Kind(StrEnum):
    """What a term is: its letter."""

    NAME = "n"
    NUMBER = "o"
    NUMBER_END = "e"
    POSTAL_CODE = "p"
    PHONE_END = "t"
    SKU = "s"
    SKU_END = "x"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Of an order's address what it is searched by."""

    name: str
    postal_code: str
    phone: str | None


def terms_of(company_id: UUID, number: str, recipients: Iterable[Recipient], skus: Collection[str]) -> list[str]:
    """The terms of an order, each once, in order."""
    code = company_code(company_id)
    terms = {*_of_number(number), *(term for sku in skus for term in _of_sku(sku))}
    for recipient in recipients:
        terms.update(Kind.NAME + word for place in index_words(recipient.name) for word in place)
        terms.update(_of_postal_code(recipient.postal_code))
        terms.update(Kind.PHONE_END + end for end in phone_numbers.search_keys(recipient.phone or ""))
    return sorted(code + term for term in terms)


def query_of(company_id: UUID, text: str) -> str | None:
    """The `tsquery` text that finds what a text asks for; None when there is no letter or digit in it.

    The text as one (a number, a code), or all its words, of which the last name may be unfinished.
    """
    code, whole, words = company_code(company_id), joined(text), word_alternatives(text)[:MOST_WORDS]
    if not words:
        return None
    last = len(words) - 1
    each = [f"({' | '.join(_of_word(code, ways, is_last=place == last))})" for place, ways in enumerate(words)]
    numbers = (
        _quoted(code, Kind.PHONE_END + end, is_beginning=beginning)
        for end, beginning in phone_numbers.search_key(text)
    )
    return " | ".join([*_of_code(code, whole), *numbers, " & ".join(each)])


def _of_number(number: str) -> Iterator[str]:
    yield Kind.NUMBER_END + joined(number)[::-1][:WORD_LENGTH]
    yield from (Kind.NUMBER + _counted(digits) for digits in _NUMBER.findall(number))


def _of_sku(sku: str) -> Iterator[str]:
    if whole := joined(sku):
        yield Kind.SKU + whole[:WORD_LENGTH]
        yield Kind.SKU_END + whole[::-1][:WORD_LENGTH]


def _of_postal_code(code: str) -> Iterator[str]:
    """The code in one, and each half of one that is written in two."""
    halves = [joined(half) for half in code.replace("-", " ").split()]
    yield from (Kind.POSTAL_CODE + half for half in {"".join(halves), *halves} if half)


def _of_word(code: str, ways: Iterable[str], *, is_last: bool) -> Iterator[str]:
    """What a word may be: of a name, or a code; `ways` to write it, some in parts that are all needed."""
    for way in ways:
        is_beginning = is_last and len(way) >= _LEAST_NAME
        found = (
            _quoted(code, Kind.NAME + word, is_beginning=is_beginning or unfinished)
            for word, unfinished in lexemes(way)
        )
        yield f"({' & '.join(found)})"
        yield from _of_code(code, way.replace(" ", ""))


def _of_code(code: str, typed: str) -> Iterator[str]:
    """What a number or a code may be: of an order, a SKU, a place."""
    word = typed[:WORD_LENGTH]
    if word.isdecimal():
        yield _quoted(code, Kind.NUMBER + _counted(word))
    if len(word) >= _LEAST_END:
        yield _quoted(code, Kind.NUMBER_END + word[::-1], is_beginning=True)
    for kind, written in ((Kind.SKU, word), (Kind.SKU_END, word[::-1]), (Kind.POSTAL_CODE, word)):
        yield _quoted(code, kind + written, is_beginning=len(word) >= _LEAST_BEGINNING)


def _counted(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _quoted(code: str, term: str, *, is_beginning: bool = False) -> str:
    return f"'{code}{term}'{':*' if is_beginning else ''}"
