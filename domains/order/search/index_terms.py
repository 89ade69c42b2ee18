"""Search terms of orders: the end of the number, names, companies, postal codes, telephone numbers and SKUs.

A term is the company's code, a letter for its type, and a word that is normalized as in the search of the catalogue.
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

MAX_WORDS: Final = 8
# The minimum characters of the end of an order number, the beginning of a postal code or SKU, and of a name.
_MIN_SUFFIX_LENGTH: Final = 3
_MIN_PREFIX_LENGTH: Final = 4
_MIN_NAME_LENGTH: Final = 2
_NUMBER: Final = re.compile(r"\d+")


class TermType(StrEnum):
    """The type of a term, as its letter. Companies are names."""

    NAME = "n"
    NUMBER = "o"
    NUMBER_END = "e"
    POSTAL_CODE = "p"
    PHONE_END = "t"
    SKU = "s"
    SKU_END = "x"


@dataclass(frozen=True, slots=True)
class Recipient:
    """The searchable fields of an order's address."""

    name: str
    company: str | None
    postal_code: str
    phone: str | None


def index_terms(company_id: UUID, number: str, recipients: Iterable[Recipient], skus: Collection[str]) -> list[str]:
    """The terms of an order, each once, in order."""
    code = company_code(company_id)
    terms = {*_of_number(number), *(term for sku in skus for term in _of_sku(sku))}
    for recipient in recipients:
        for name in (recipient.name, recipient.company or ""):
            terms.update(TermType.NAME + word for place in index_words(name) for word in place)
        terms.update(_of_postal_code(recipient.postal_code))
        terms.update(TermType.PHONE_END + end for end in phone_numbers.search_keys(recipient.phone or ""))
    return sorted(code + term for term in terms)


def search_query(company_id: UUID, text: str) -> str | None:
    """The `tsquery` of a search text; None when it has no letter or digit.

    It matches the whole text as a number or code, or all its words, of which the last one may be incomplete.
    """
    code, whole, words = company_code(company_id), joined(text), word_alternatives(text)[:MAX_WORDS]
    if not words:
        return None
    last = len(words) - 1
    word_queries = [
        f"({' | '.join(_of_word(code, spellings, is_last=index == last))})" for index, spellings in enumerate(words)
    ]
    numbers = (
        _quoted(code, TermType.PHONE_END + end, is_beginning=beginning)
        for end, beginning in phone_numbers.search_key(text)
    )
    return " | ".join([*_of_code(code, whole), *numbers, " & ".join(word_queries)])


def _of_number(number: str) -> Iterator[str]:
    yield TermType.NUMBER_END + joined(number)[::-1][:WORD_LENGTH]
    yield from (TermType.NUMBER + _without_zeros(digits) for digits in _NUMBER.findall(number))


def _of_sku(sku: str) -> Iterator[str]:
    if whole := joined(sku):
        yield TermType.SKU + whole[:WORD_LENGTH]
        yield TermType.SKU_END + whole[::-1][:WORD_LENGTH]


def _of_postal_code(code: str) -> Iterator[str]:
    """The code without separators, and its two halves."""
    halves = [joined(half) for half in code.replace("-", " ").split()]
    yield from (TermType.POSTAL_CODE + half for half in {"".join(halves), *halves} if half)


def _of_word(code: str, spellings: Iterable[str], *, is_last: bool) -> Iterator[str]:
    """The terms that a word can match: a name or a code. A spelling may have several parts, all required."""
    for spelling in spellings:
        is_beginning = is_last and len(spelling) >= _MIN_NAME_LENGTH
        lexeme_queries = (
            _quoted(code, TermType.NAME + word, is_beginning=is_beginning or unfinished)
            for word, unfinished in lexemes(spelling)
        )
        yield f"({' & '.join(lexeme_queries)})"
        yield from _of_code(code, spelling.replace(" ", ""))


def _of_code(code: str, typed: str) -> Iterator[str]:
    """The terms that a number or a code can match: an order number, a SKU, a postal code."""
    word = typed[:WORD_LENGTH]
    if word.isdecimal():
        yield _quoted(code, TermType.NUMBER + _without_zeros(word))
    if len(word) >= _MIN_SUFFIX_LENGTH:
        yield _quoted(code, TermType.NUMBER_END + word[::-1], is_beginning=True)
    for term_type, text in ((TermType.SKU, word), (TermType.SKU_END, word[::-1]), (TermType.POSTAL_CODE, word)):
        yield _quoted(code, term_type + text, is_beginning=len(word) >= _MIN_PREFIX_LENGTH)


def _without_zeros(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _quoted(code: str, term: str, *, is_beginning: bool = False) -> str:
    return f"'{code}{term}'{':*' if is_beginning else ''}"
