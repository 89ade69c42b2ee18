"""Lists of products as the API reads them, and what they load: facets, the products of categories."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from domains.catalog.models import Product
from domains.catalog.search.facet_tokens import TokenKind
from domains.catalog.search.highlights import Highlight, highlight
from domains.catalog.search.listing import FoundProducts
from domains.kernel.pagination.pages import Page, PageArgs
from gateway.graphql.core.context import Context

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


class Marked(NamedTuple):
    """A product's texts in which the words of a search are marked."""

    name: str
    description: str | None
    sought: tuple[tuple[str, ...], ...]


async def load_highlights(_context: Context, keys: Sequence[Marked]) -> list[Highlight]:
    """The highlights of many products. Each takes milliseconds, after which the event loop has its turn."""
    found = []
    for name, description, sought in keys:
        found.append(highlight(name, description, sought))
        await asyncio.sleep(0)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class FacetSource:
    """The facets of one list; each is a key that `load_facets` counts when it is requested."""

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


@dataclass(frozen=True, slots=True, eq=False)
class ProductList:
    """A page of products with what was found about it: the source of a ProductConnection."""

    found: FoundProducts

    @property
    def page(self) -> Page[Product]:
        """The page."""
        return self.found.page

    @property
    def nodes(self) -> Sequence[Product]:
        """The products of the page."""
        return self.found.page.items

    @property
    def corrected_search(self) -> str | None:
        """The search as it was understood."""
        return self.found.corrected

    @property
    def facets(self) -> FacetSource:
        """The facets of the whole list."""
        return FacetSource(self.found)

    async def count(self) -> int:
        """How many products the whole list has."""
        return await self.found.page.count()


async def load_products_in(context: Context, keys: Sequence[tuple[UUID, PageArgs]]) -> Sequence[ProductList]:
    """A page of the products of each category: one statement for each different page."""
    wanted: dict[PageArgs, list[UUID]] = {}
    for category_id, args in keys:
        wanted.setdefault(args, []).append(category_id)
    lists: dict[tuple[UUID, PageArgs], ProductList] = {}
    for args, category_ids in wanted.items():
        found = await context.services.catalog.search.in_categories(context.reader, context.actor, category_ids, args)
        lists |= {(key, args): ProductList(each) for key, each in zip(category_ids, found, strict=True)}
    return [lists[key] for key in keys]


async def load_facets(context: Context, keys: Sequence[FacetOf]) -> Sequence[Any]:
    """The counts of the requested facets: one statement for each list."""
    kinds: dict[FacetSource, set[TokenKind]] = {}
    for source, kind in keys:
        kinds.setdefault(source, set()).add(kind)
    counted = dict(zip(kinds, await asyncio.gather(*_count(context, kinds.items())), strict=True))
    return [getattr(counted[source], _FIELDS[kind]) for source, kind in keys]


def _count(context: Context, wanted: Iterable[tuple[FacetSource, set[TokenKind]]]) -> Iterable[Any]:
    count = context.services.catalog.facets.count
    return (count(context.reader, source.found.selection, kinds) for source, kinds in wanted)
