"""Facets: the numbers of a selection's products with each value; a facet's own filter does not affect its counts."""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

import asyncpg

from domains.catalog.search import facet_sql
from domains.catalog.search.facet_sql import Group, Way
from domains.catalog.search.facet_tokens import (
    FacetTokens,
    TokenKind,
    attribute_of,
    band_at,
    band_of,
    kind_of,
    value_of,
)
from domains.catalog.search.filters import ARRAYS, FacetKey, Selection
from domains.kernel.database import Reader

MAX_VALUES = 100
# The number of products above which it pays to choose between ways to count.
LARGE = 5_000
# With more groups a statement does not choose between ways to count: it would grow with their square. So many filters
# leave few products.
FEW_GROUPS = 4
# The number of remembered filters.
MAX_REMEMBERED = 2_000
FACETS = frozenset(TokenKind) - {TokenKind.ALL}


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value and the number of products with it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class AttributeFacet:
    """The values of one attribute, most products first."""

    name: str
    values: Sequence[ValueCount]


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category and the number of products in it or below it."""

    category_id: UUID
    count: int


@dataclass(frozen=True, slots=True)
class PriceCount:
    """How many products cost at least `lower` and less than `upper` (None: no end), in the company's currency."""

    lower: Decimal
    upper: Decimal | None
    count: int


@dataclass(frozen=True, slots=True)
class RatingCount:
    """The number of products with this rating or a better one."""

    lowest: int
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The requested counts; the others are empty.

    Categories are the children of the selected ones, or the root categories. Values come with most products first, at
    most 100 of each facet; prices and ratings by size. `matches` is the number of a search's matches, at most 10,001,
    if one of the facets is without a filter.
    """

    categories: Sequence[CategoryCount] = ()
    brands: Sequence[ValueCount] = ()
    attributes: Sequence[AttributeFacet] = ()
    prices: Sequence[PriceCount] = ()
    ratings: Sequence[RatingCount] = ()
    in_stock: int = 0
    featured: int = 0
    matches: int | None = None


@dataclass(slots=True)
class _Counts:
    """The number of products of each token, by kind."""

    by_kind: dict[TokenKind, dict[str, int]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def add(self, token: str, products: int, label: str | None) -> None:
        by_token = self.by_kind.setdefault(TokenKind(kind_of(token)), {})
        by_token[token] = by_token.get(token, 0) + products
        self.labels[token] = label or value_of(token)

    def get(self, kind: TokenKind) -> dict[str, int]:
        return {token: products for token, products in self.by_kind.get(kind, {}).items() if products > 0}


@dataclass(frozen=True, slots=True)
class FacetCounter:
    """Counts the values of facets.

    It remembers how they were last counted best: `large` are the companies that had a large catalogue, `by_keys` the
    filters whose products were found by keys. What has changed since costs time once.
    """

    large: set[UUID | None] = field(default_factory=set)
    by_keys: set[Hashable] = field(default_factory=set)

    async def count(self, db: Reader, selection: Selection, kinds: Collection[TokenKind] = FACETS) -> Facets:
        """The counts of these facets over a selection, of a search over its 10,000 most popular matches.

        One statement.
        """
        if not kinds:
            return Facets()
        filtered_keys = {
            key for key in selection.filtered_facets if key[0] in kinds and key[0] is not TokenKind.CATEGORY
        }
        ordered_keys = sorted(filtered_keys)
        unfiltered_kinds = [kind for kind in kinds if (kind, "") not in filtered_keys]
        matches = None if selection.expression is None or not unfiltered_kinds else 0
        counted_kinds = unfiltered_kinds if matches is None else [*unfiltered_kinds, TokenKind.ALL]
        groups = [Group(selection, counted_kinds)] if unfiltered_kinds else []
        groups += [Group(selection.without(key), [key[0]]) for key in ordered_keys]
        parents = [UUID(value_of(token)) for token in selection.any_of.get((TokenKind.CATEGORY, ""), ())]
        tokens, counts = FacetTokens.for_company(db.company_id), _Counts()
        for record in await facet_sql.facets(db, groups, self._way(selection, groups)):
            if record["group_index"] is None:
                self._learn(selection, record["products"], record["number"])
                continue
            if record["kind"] == TokenKind.ALL:
                matches = int(record["products"])
                continue
            group_index = record["group_index"] + (not unfiltered_kinds)
            for token in _tokens(record, tokens):
                is_counted = (
                    _key_of(token) == ordered_keys[group_index - 1]
                    if group_index
                    else _key_of(token) not in filtered_keys
                )
                if is_counted and (kind_of(token) != TokenKind.CATEGORY or _is_child(record["parent_id"], parents)):
                    counts.add(token, int(record["products"]), record["label"])
        return replace(_facets(counts), matches=matches)

    def _way(self, selection: Selection, groups: Sequence[Group]) -> Way:
        if selection.company_id not in self.large or len(groups) > FEW_GROUPS:
            return Way.FILTERS
        have_keys = all(group.is_stored or group.has_keys for group in groups)
        return Way.KEYS if have_keys and _arrays_of(selection) in self.by_keys else Way.CHOICE

    def _learn(self, selection: Selection, products: int, are_keys_best: int | None) -> None:
        (self.large.add if products > LARGE else self.large.discard)(selection.company_id)
        if are_keys_best is None:
            return
        if len(self.by_keys) >= MAX_REMEMBERED:
            self.by_keys.clear()
        (self.by_keys.add if are_keys_best else self.by_keys.discard)(_arrays_of(selection))


def _arrays_of(selection: Selection) -> Hashable:
    """What decides how the products of filters are found: those on arrays."""
    arrays = [(key, tuple(tokens)) for key, tokens in selection.any_of.items() if key[0] in ARRAYS]
    return selection.company_id, selection.listed, tuple(sorted(arrays))


def _tokens(record: asyncpg.Record, tokens: FacetTokens) -> Sequence[str]:
    """The tokens that a record counts: one, or of a rating one for each full star."""
    number = record["number"]
    if number is None:
        return () if record["token"] is None else (record["token"],)
    match TokenKind(record["kind"]):
        case TokenKind.PRICE:
            return (tokens.price(band_at(number).lower),)
        case TokenKind.RATING:
            return tokens.ratings(Decimal(number))
        case TokenKind.STOCK:
            return (tokens.in_stock,)
        case _:
            return (tokens.featured,)


def _key_of(token: str) -> FacetKey:
    kind = TokenKind(kind_of(token))
    return kind, attribute_of(value_of(token))[0] if kind is TokenKind.ATTRIBUTE else ""


def _is_child(parent_id: UUID | None, parents: Sequence[UUID]) -> bool:
    return parent_id in parents if parents else parent_id is None


def _facets(counts: _Counts) -> Facets:
    return Facets(
        categories=[
            CategoryCount(UUID(value.value), value.count)
            for value in _most_frequent(counts.get(TokenKind.CATEGORY), value_of)
        ],
        brands=_most_frequent(counts.get(TokenKind.BRAND), counts.labels.__getitem__),
        attributes=_attributes(counts.get(TokenKind.ATTRIBUTE), counts.labels),
        prices=sorted(
            (
                PriceCount(band_of(token).lower, band_of(token).upper, products)
                for token, products in counts.get(TokenKind.PRICE).items()
            ),
            key=lambda price: price.lower,
        ),
        ratings=sorted(
            (RatingCount(int(value_of(token)), products) for token, products in counts.get(TokenKind.RATING).items()),
            key=lambda rating: -rating.lowest,
        ),
        in_stock=sum(counts.get(TokenKind.STOCK).values()),
        featured=sum(counts.get(TokenKind.FEATURED).values()),
    )


def _attributes(counts: dict[str, int], labels: dict[str, str]) -> list[AttributeFacet]:
    by_name: dict[str, dict[str, int]] = {}
    for token, products in counts.items():
        by_name.setdefault(attribute_of(value_of(token))[0], {})[token] = products
    facets = []
    for name in sorted(by_name)[:MAX_VALUES]:
        values = by_name[name]
        name_label = attribute_of(labels[max(values, key=lambda token: (values[token], token))])[0]
        facets.append(
            AttributeFacet(name_label, _most_frequent(values, lambda token: attribute_of(labels[token])[1]))
        )
    return facets


def _most_frequent(counts: dict[str, int], read: Callable[[str], str]) -> list[ValueCount]:
    values: Iterable[ValueCount] = (ValueCount(read(token), products) for token, products in counts.items())
    return sorted(values, key=lambda value: (-value.count, value.value))[:MAX_VALUES]
