"""Facet tokens: short texts by which products are filtered and counted, stored in one indexed array.

A token consists of three letters of its company, one of its kind, and a case-folded value: `Café` and `CAFÉ` are one.
The original spelling is stored with the counts. The letters separate the products of companies in the
shared index; two companies may have the same letters, so statements also name the company.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from domains.kernel.text.validation import casefold_text

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SEPARATOR = "\x1f"
CODE_LENGTH = 3
# An index entry holds less than 2,700 bytes, and a letter has up to four.
MAX_TOKEN_LENGTH = 600
PREFIX_LENGTH = CODE_LENGTH + 1
# Case folding makes up to eighteen letters of one.
_BRAND_LENGTH = 500


class TokenKind(StrEnum):
    """The kind of a token; the value is its letter."""

    ALL = "."
    CATEGORY = "c"
    BRAND = "b"
    ATTRIBUTE = "a"
    PRICE = "p"
    RATING = "r"
    STOCK = "s"
    FEATURED = "f"


@dataclass(frozen=True, slots=True)
class PriceBand:
    """Prices from `lower` up to and not including `upper` (None: no end)."""

    lower: Decimal
    upper: Decimal | None


# 0, 1, 2.5, 5, 10, 25, 50 … : steps for any currency.
_STEPS = (
    Decimal(0),
    Decimal(1),
    Decimal("2.5"),
    *(Decimal(step * 10**ten) for ten in range(14) for step in (5, 10, 25)),
)
RATING_FLOORS = (4, 3, 2, 1)


def company_code(company_id: UUID) -> str:
    """Three letters or digits that identify a company in tokens and words."""
    number, letters = company_id.int % 36**CODE_LENGTH, ""
    for _ in range(CODE_LENGTH):
        number, digit = divmod(number, 36)
        letters += _DIGITS[digit]
    return letters


@dataclass(frozen=True, slots=True)
class FacetTokens:
    """Creates the tokens of one company."""

    code: str

    @classmethod
    def for_company(cls, company_id: UUID | None) -> "FacetTokens":
        """The tokens of a company; without one they match no product."""
        return cls(company_code(company_id) if company_id else "---")

    def _make(self, kind: TokenKind, value: object = "") -> str:
        return f"{self.code}{kind}{value}"

    @property
    def all_products(self) -> str:
        """The token that counts all products; no product stores it."""
        return self._make(TokenKind.ALL)

    @property
    def in_stock(self) -> str:
        """The token of products in stock."""
        return self._make(TokenKind.STOCK)

    @property
    def featured(self) -> str:
        """The token of featured products."""
        return self._make(TokenKind.FEATURED)

    def category(self, category_id: UUID) -> str:
        """The token of products in this category or below it."""
        return self._make(TokenKind.CATEGORY, category_id)

    def categories_in(self, tokens: Iterable[str]) -> frozenset[UUID]:
        """The categories among a product's tokens: its own and the ancestors."""
        prefix = self._make(TokenKind.CATEGORY)
        return frozenset(_id_of(token) for token in tokens if token.startswith(prefix))

    def brand(self, name: str) -> str:
        """The token of a brand; case is ignored."""
        return self._make(TokenKind.BRAND, casefold_text(name)[:_BRAND_LENGTH])

    def attribute(self, name: str, value: str) -> str:
        """The token of an attribute's value; case is ignored."""
        return self._make(TokenKind.ATTRIBUTE, label_of(casefold_text(name), casefold_text(value)))

    def price(self, price: Decimal) -> str:
        """The token of the band of a price."""
        return self._make(TokenKind.PRICE, f"{_STEPS[bisect_right(_STEPS, price) - 1]:f}")

    def prices(self, lowest: Decimal | None, highest: Decimal | None) -> list[str]:
        """The tokens of the bands that a range of prices overlaps."""
        first = 0 if lowest is None else max(bisect_right(_STEPS, lowest) - 1, 0)
        end = len(_STEPS) if highest is None else bisect_right(_STEPS, highest)
        return [self._make(TokenKind.PRICE, f"{step:f}") for step in _STEPS[first:end]]

    def price_shares(self, lowest: Decimal | None, highest: Decimal | None) -> dict[str, float]:
        """Of each band that a range of prices overlaps, the token and the part that it overlaps."""
        shares = {}
        for token in self.prices(lowest, highest):
            lower, upper = band_of(token).lower, band_of(token).upper
            if upper is None:
                shares[token] = 1.0
            else:
                first, last = max(lower, lowest or lower), upper if highest is None else min(upper, highest)
                shares[token] = float((last - first) / (upper - lower))
        return shares

    def ratings(self, rating: Decimal) -> list[str]:
        """The tokens of a rating: one for each full star that it reaches."""
        return [self._make(TokenKind.RATING, floor) for floor in RATING_FLOORS if rating >= floor]


def price_steps() -> list[Decimal]:
    """The lower ends of the price bands."""
    return list(_STEPS)


def band_at(number: int) -> PriceBand:
    """The price band of this number, counted from one."""
    return PriceBand(_STEPS[number - 1], _STEPS[number] if number < len(_STEPS) else None)


def kind_of(token: str) -> str:
    """The letter of a token's kind."""
    return token[CODE_LENGTH]


@lru_cache(maxsize=1024)
def _id_of(token: str) -> UUID:
    return UUID(value_of(token))


def value_of(token: str) -> str:
    """The value of a token."""
    return token[PREFIX_LENGTH:]


def label_of(name: str, value: str) -> str:
    """The name and value of an attribute in one text, which `attribute_of` splits."""
    return f"{name.replace(_SEPARATOR, ' ')}{_SEPARATOR}{value}"


def attribute_of(label: str) -> tuple[str, str]:
    """The name and value of an attribute's label, or of its token's value."""
    name, _, value = label.partition(_SEPARATOR)
    return name, value


def band_of(token: str) -> PriceBand:
    """The band of a price's token."""
    return band_at(_STEPS.index(Decimal(value_of(token))) + 1)


def distinct_tokens(tokens: Iterable[str]) -> Sequence[str]:
    """The distinct tokens in a fixed order, without those that are too long for the index."""
    return sorted(set(filter(is_indexable, tokens)))


def is_indexable(token: str) -> bool:
    """Whether a token is short enough for the index."""
    return len(token) <= MAX_TOKEN_LENGTH
