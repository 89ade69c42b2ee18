"""Facets of a list of products, those asked for in one statement."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from domains.catalog.facets import Facets
from domains.catalog.listing import FoundProducts
from domains.catalog.tokens import TokenKind
from gateway.graphql.context import Context

_FIELDS = {
    TokenKind.CATEGORY: "categories",
    TokenKind.BRAND: "brands",
    TokenKind.ATTRIBUTE: "attributes",
    TokenKind.PRICE: "prices",
    TokenKind.RATING: "ratings",
    TokenKind.STOCK: "in_stock",
    TokenKind.FEATURED: "featured",
}
FacetOf = tuple["FacetSource", TokenKind]


@dataclass(frozen=True, slots=True, eq=False)
class FacetSource:
    """The facets of one list, each a key that `load_facets` counts when somebody asks."""

    found: FoundProducts

    @property
    def categories(self) -> FacetOf:
        """The key of the categories."""
        return self, TokenKind.CATEGORY

    @property
    def brands(self) -> FacetOf:
        """The key of the brands."""
        return self, TokenKind.BRAND

    @property
    def attributes(self) -> FacetOf:
        """The key of the attributes."""
        return self, TokenKind.ATTRIBUTE

    @property
    def prices(self) -> FacetOf:
        """The key of the price bands."""
        return self, TokenKind.PRICE

    @property
    def ratings(self) -> FacetOf:
        """The key of the ratings."""
        return self, TokenKind.RATING

    @property
    def in_stock(self) -> FacetOf:
        """The key of what can be bought."""
        return self, TokenKind.STOCK

    @property
    def featured(self) -> FacetOf:
        """The key of what is featured."""
        return self, TokenKind.FEATURED


async def load_facets(context: Context, keys: Sequence[FacetOf]) -> Sequence[Any]:
    """The counts of the facets asked for: one statement for each list."""
    kinds: dict[FacetSource, set[TokenKind]] = {}
    for source, kind in keys:
        kinds.setdefault(source, set()).add(kind)
    counted = dict(zip(kinds, await asyncio.gather(*_count(context, kinds.items())), strict=True))
    return [getattr(counted[source], _FIELDS[kind]) for source, kind in keys]


def _count(context: Context, wanted: Iterable[tuple[FacetSource, set[TokenKind]]]) -> Iterable[Any]:
    count = context.services.catalog.count_facets
    return (count(context.reader, source.found, kinds) for source, kinds in wanted)


__all__ = ["FacetSource", "Facets", "load_facets"]
