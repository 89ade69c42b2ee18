"""Tokens: everything a product is filtered and counted by, one short text each, held in one indexed array.

A token is three letters of its company, one of its kind, and a value, which is folded: `Café` and `CAFÉ` are one. How
products write it is kept beside the counts. The letters keep one company's products apart from another's in the
shared index; two companies may share them, so the company is asked for as well.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domains.kernel.text.validation import casefold_text

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PARTS = "\x1f"
CODE_LENGTH = 3
# An index entry holds less than 2,700 bytes, and a letter has up to four.
MAX_TOKEN_LENGTH = 600
PREFIX_LENGTH = CODE_LENGTH + 1
# Case folding makes up to eighteen letters of one.
_BRAND_LENGTH = 500


class TokenKind(StrEnum):
    """What a token says of a product: its letter."""

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


# 0, 1, 2.5, 5, 10, 25, 50 … : steps that read well in every currency.
_STEPS = (
    Decimal(0),
    Decimal(1),
    Decimal("2.5"),
    *(Decimal(step * 10**ten) for ten in range(14) for step in (5, 10, 25)),
)
RATING_FLOORS = (4, 3, 2, 1)


def company_code(company_id: UUID) -> str:
    """Three letters or digits that stand for a company in tokens and words."""
    number, letters = company_id.int % 36**CODE_LENGTH, ""
    for _ in range(CODE_LENGTH):
        number, digit = divmod(number, 36)
        letters += _DIGITS[digit]
    return letters


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes the tokens of one company."""

    code: str

    @classmethod
    def of(cls, company_id: UUID | None) -> "Tokens":
        """The tokens of a company; without one there are no products to find."""
        return cls(company_code(company_id) if company_id else "---")

    def _make(self, kind: TokenKind, value: object = "") -> str:
        return f"{self.code}{kind}{value}"

    @property
    def every(self) -> str:
        """Counted for each product and kept on none."""
        return self._make(TokenKind.ALL)

    @property
    def in_stock(self) -> str:
        """Can be bought."""
        return self._make(TokenKind.STOCK)

    @property
    def featured(self) -> str:
        """Is featured."""
        return self._make(TokenKind.FEATURED)

    def category(self, category_id: UUID) -> str:
        """Stands in this category or below it."""
        return self._make(TokenKind.CATEGORY, category_id)

    def categories_in(self, tokens: Iterable[str]) -> frozenset[UUID]:
        """The categories among a product's tokens: its own and all above it."""
        prefix = self._make(TokenKind.CATEGORY)
        return frozenset(UUID(value_of(token)) for token in tokens if token.startswith(prefix))

    def brand(self, name: str) -> str:
        """Is of this brand, in any case."""
        return self._make(TokenKind.BRAND, casefold_text(name)[:_BRAND_LENGTH])

    def attribute(self, name: str, value: str) -> str:
        """Has this value of this attribute, both in any case."""
        return self._make(TokenKind.ATTRIBUTE, label_of(casefold_text(name), casefold_text(value)))

    def price(self, price: Decimal) -> str:
        """Costs something within the band that this price is in."""
        return self._make(TokenKind.PRICE, f"{_STEPS[bisect_right(_STEPS, price) - 1]:f}")

    def ratings(self, rating: Decimal) -> list[str]:
        """Is rated this and better, one for each whole star reached."""
        return [self._make(TokenKind.RATING, floor) for floor in RATING_FLOORS if rating >= floor]


def kind_of(token: str) -> str:
    """The letter of a token's kind."""
    return token[CODE_LENGTH]


def value_of(token: str) -> str:
    """What follows the kind."""
    return token[PREFIX_LENGTH:]


def label_of(name: str, value: str) -> str:
    """Name and value of an attribute in one text, as `attribute_of` takes it apart."""
    return f"{name.replace(_PARTS, ' ')}{_PARTS}{value}"


def attribute_of(label: str) -> tuple[str, str]:
    """Name and value of an attribute's label, or of what follows the kind in its token."""
    name, _, value = label.partition(_PARTS)
    return name, value


def band_of(token: str) -> PriceBand:
    """The band of a price's token."""
    lower = Decimal(value_of(token))
    place = _STEPS.index(lower) + 1
    return PriceBand(lower, _STEPS[place] if place < len(_STEPS) else None)


def kept(tokens: Iterable[str]) -> Sequence[str]:
    """The tokens without doubles, in a fixed order, and without those too long to be a choice of anybody's."""
    return sorted(set(filter(is_kept, tokens)))


def is_kept(token: str) -> bool:
    """Whether a token is short enough to be a choice of anybody's."""
    return len(token) <= MAX_TOKEN_LENGTH
