"""Filters of product lists as conditions on the search table; the condition of each facet can be removed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final
from uuid import UUID

from domains.catalog.search.facet_tokens import TokenKind

# The facet a filter belongs to; the name is the attribute's, empty for all others.
FacetKey = tuple[TokenKind, str]
# The columns of facets: arrays of ids, and flags.
ARRAYS: Final = {TokenKind.CATEGORY: "categories", TokenKind.BRAND: "brands", TokenKind.ATTRIBUTE: "attributes"}
FLAGS: Final = {TokenKind.STOCK: "in_stock", TokenKind.FEATURED: "is_featured"}
# `price_number` is a price above the middle of the range of prices, in ten-thousandths.
_MIDDLE_PRICE: Final = 500_000_000_000_000
_LARGEST_NUMBER: Final = 2**63 - 1


@dataclass(slots=True)
class Parameters:
    """The parameters of a statement that is being built."""

    values: list[Any] = field(default_factory=list)

    def add(self, value: Any) -> str:
        """Add a value and return its placeholder."""
        self.values.append(value)
        return f"${len(self.values)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Conditions on the products of a company, which are combined with AND.

    `any_of` has the tokens of one filter each, of which a product needs one; `none_of` those that it must not have.
    `expression` is a tsquery of `alternatives`, the searched words. `listed` None means listed or not.
    """

    company_id: UUID | None
    listed: bool | None = True
    expression: str | None = None
    alternatives: Sequence[Sequence[str]] = ()
    any_of: Mapping[FacetKey, Sequence[str]] = field(default_factory=dict)
    none_of: Mapping[FacetKey, str] = field(default_factory=dict)
    lowest_price: Decimal | None = None
    highest_price: Decimal | None = None
    lowest_rating: Decimal | None = None

    @property
    def filtered_facets(self) -> frozenset[FacetKey]:
        """The facets with a filter."""
        keys = {*self.any_of, *self.none_of}
        if self.lowest_price is not None or self.highest_price is not None:
            keys.add((TokenKind.PRICE, ""))
        if self.lowest_rating is not None:
            keys.add((TokenKind.RATING, ""))
        return frozenset(keys)

    @property
    def is_whole_catalogue(self) -> bool:
        """Whether it has no condition but on what is listed."""
        return self.expression is None and not self.filtered_facets

    def without(self, key: FacetKey) -> "Selection":
        """The selection without the filter of one facet."""
        return replace(
            self,
            any_of={other: tokens for other, tokens in self.any_of.items() if other != key},
            none_of={other: token for other, token in self.none_of.items() if other != key},
            lowest_price=None if key[0] is TokenKind.PRICE else self.lowest_price,
            highest_price=None if key[0] is TokenKind.PRICE else self.highest_price,
            lowest_rating=None if key[0] is TokenKind.RATING else self.lowest_rating,
        )

    def counted_token(self, all_products: str) -> str | None:
        """The token whose stored count is this selection's, or None when the products must be counted."""
        if self.expression is not None or self.none_of:
            return None
        if not self.filtered_facets:
            return all_products
        tokens = next(iter(self.any_of.values()), ())
        return tokens[0] if len(self.filtered_facets) == len(self.any_of) == len(tokens) == 1 else None

    def where(self, sql: Parameters) -> str:
        """The conditions on `product_search s`; the company's comes first."""
        parts = self._rows(sql)
        if self.expression is not None:
            parts.append(f"s.document @@ {sql.add(self.expression)}::text::tsquery")
        parts += [f"s.tokens && {sql.add(list(tokens))}::text[]" for tokens in self.any_of.values()]
        parts += [f"not s.tokens @> {sql.add([token])}::text[]" for token in self.none_of.values()]
        return " and ".join([*parts, *self._ranges(sql)])

    def where_narrow(self, sql: Parameters) -> str:
        """The same conditions on `product_facets s`, without those on words; the cheapest first."""
        numbers = [holds for holds, *_ in self._numbers(sql)]
        return " and ".join([*self._rows(sql), *numbers, *(condition for _, condition in self._arrays(sql))])

    def where_keys(self, sql: Parameters, keys: Callable[[str, str], str]) -> str:
        """The same with arrays found by their keys: `keys` makes the query of those of a column's arrays `s`."""
        # A query of the ids is executed once, whether the statement is planned for these values or for all.
        found = self._arrays(sql, "(select facet_ids({tokens}, '{kind}'))::bigint[]")
        arrays = [f"s.{column}_key = any(array({keys(column, condition)}))" for column, condition in found]
        return " and ".join([*self._rows(sql), *arrays, *(holds for holds, *_ in self._numbers(sql))])

    def excluded(self, sql: Parameters) -> list[str]:
        """Conditions on `product_facets s`: of the rows that filters of numbers exclude, each meets one of them."""
        held, excluded = self._rows(sql), []
        for holds, *fails in self._numbers(sql):
            excluded += [" and ".join([*held, each]) for each in fails]
            held.append(holds)
        return excluded

    @property
    def array_kinds(self) -> frozenset[TokenKind]:
        """The kinds of the filters on arrays."""
        return frozenset(kind for kind, _ in self.any_of if kind in ARRAYS)

    def _arrays(self, sql: Parameters, ids: str = "facet_ids({tokens}, '{kind}')") -> list[tuple[str, str]]:
        """The column and the condition of each filter on an array."""
        return [
            (
                ARRAYS[kind],
                f"s.{ARRAYS[kind]} && {ids.format(tokens=f'{sql.add(list(tokens))}::text[]', kind=kind)}",
            )
            for (kind, _), tokens in self.any_of.items()
            if kind in ARRAYS
        ]

    def _numbers(self, sql: Parameters) -> list[list[str]]:
        """Of each filter of a number the condition that holds, and those of which one holds otherwise."""
        filters = []
        for kind, column in FLAGS.items():
            if (kind, "") in self.any_of:
                filters.append([f"s.{column}", f"not s.{column}"])
            elif (kind, "") in self.none_of:
                filters.append([f"not s.{column}", f"s.{column}"])
            elif kind is TokenKind.STOCK and not self.array_kinds:
                filters.append(["s.in_stock = any('{true,false}')"])  # the index of prices begins with it
        prices = [
            (sign, opposite, sql.add(_price_number(price, rounded)))
            for sign, opposite, price, rounded in (
                (">=", "<", self.lowest_price, ceil),
                ("<=", ">", self.highest_price, floor),
            )
            if price is not None
        ]
        if prices:
            holds = " and ".join(f"s.price_number {sign} {number}" for sign, _, number in prices)
            filters.append([holds, *(f"s.price_number {opposite} {number}" for _, opposite, number in prices)])
        if self.lowest_rating is not None:
            rating = sql.add(self.lowest_rating)
            filters.append([f"s.rating >= {rating}", f"s.rating < {rating}"])
        return filters

    def _rows(self, sql: Parameters) -> list[str]:
        parts = [f"s.company_id = {sql.add(self.company_id)}"]
        if self.listed is not None:
            parts.append("s.is_listed" if self.listed else "not s.is_listed")
        return parts

    def _ranges(self, sql: Parameters) -> list[str]:
        return [
            f"s.{column} {sign} {sql.add(bound)}"
            for column, sign, bound in (
                ("price", ">=", self.lowest_price),
                ("price", "<=", self.highest_price),
                ("rating", ">=", self.lowest_rating),
            )
            if bound is not None
        ]


def _price_number(price: Decimal, rounded: Callable[[Fraction], int]) -> int:
    """The first or the last number of a range of prices with this end."""
    number = rounded((Fraction(price) - _MIDDLE_PRICE) * 10_000)
    return max(-_LARGEST_NUMBER, min(number, _LARGEST_NUMBER))
