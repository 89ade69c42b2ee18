"""Lists of products, and loaders of their facets, highlights and of the products of categories."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from domains.catalog.documents.products import ShownProduct
from domains.catalog.search.facet_tokens import TokenKind
from domains.catalog.search.facets import Facets
from domains.catalog.search.highlights import Highlight, highlight
from domains.catalog.search.listing import FoundProducts
from domains.kernel.pagination.pages import Page, PageArgs
from gateway.graphql.catalog.loaders import load_descriptions
from gateway.graphql.catalog.selections import selected_names
from gateway.graphql.core.context import Context, Info
from gateway.spelling import camel

_FIELDS = {
    TokenKind.CATEGORY: "categories",
    TokenKind.BRAND: "brands",
    TokenKind.ATTRIBUTE: "attributes",
    TokenKind.PRICE: "prices",
    TokenKind.RATING: "ratings",
    TokenKind.STOCK: "in_stock",
    TokenKind.FEATURED: "featured",
}
FacetKey = tuple["FacetSource", TokenKind]


class HighlightKey(NamedTuple):
    """A product, its name, and the words to mark in its texts."""

    product_id: UUID
    name: str
    words: tuple[tuple[str, ...], ...]


async def load_highlights(context: Context, keys: Sequence[HighlightKey]) -> list[Highlight]:
    """The highlights of many products. Each takes milliseconds and is followed by a yield to the event loop."""
    ids = list(dict.fromkeys(key.product_id for key in keys))
    descriptions = dict(zip(ids, await context.loaders.of(load_descriptions).load_level(ids), strict=True))
    highlights = []
    for product_id, name, words in keys:
        highlights.append(highlight(name, descriptions[product_id], words))
        await asyncio.sleep(0)
    return highlights


@dataclass(frozen=True, slots=True, eq=False)
class FacetSource:
    """The facets of one list; each is a key that `load_facets` counts when it is requested."""

    products: "ProductList"

    @property
    def categories(self) -> FacetKey:
        """The key of the categories."""
        return self, TokenKind.CATEGORY

    @property
    def brands(self) -> FacetKey:
        """The key of the brands."""
        return self, TokenKind.BRAND

    @property
    def attributes(self) -> FacetKey:
        """The key of the attributes."""
        return self, TokenKind.ATTRIBUTE

    @property
    def prices(self) -> FacetKey:
        """The key of the price bands."""
        return self, TokenKind.PRICE

    @property
    def ratings(self) -> FacetKey:
        """The key of the ratings."""
        return self, TokenKind.RATING

    @property
    def in_stock(self) -> FacetKey:
        """The key of products in stock."""
        return self, TokenKind.STOCK

    @property
    def featured(self) -> FacetKey:
        """The key of featured products."""
        return self, TokenKind.FEATURED


@dataclass(slots=True, eq=False)
class ProductList:
    """A page of products and the data of its search: the source of a ProductConnection.

    The facets of `kinds` are those that the operation selects, which are counted together.
    """

    result: FoundProducts
    count_facets: Callable[[Collection[TokenKind]], Coroutine[Any, Any, Facets]]
    kinds: frozenset[TokenKind] = frozenset()
    _count: asyncio.Task[int] | None = field(default=None, init=False)
    _facets: asyncio.Task[Facets] | None = field(default=None, init=False)

    @property
    def page(self) -> Page[ShownProduct]:
        """The page."""
        return self.result.page

    @property
    def nodes(self) -> Sequence[ShownProduct]:
        """The products of the page."""
        return self.result.page.items

    @property
    def corrected_search(self) -> str | None:
        """The search text after the correction of its spelling."""
        return self.result.corrected

    @property
    def facets(self) -> FacetSource:
        """The facets of the whole list."""
        return FacetSource(self)

    async def counted(self, kinds: Collection[TokenKind]) -> Facets:
        """The counts of facets, and with them all others that the operation selects, counted once."""
        if not self.kinds.issuperset(kinds):
            return await self.count_facets(kinds)
        if self._facets is None:
            self._facets = asyncio.ensure_future(self.count_facets(self.kinds))
        return await self._facets

    async def count(self) -> int:
        """The number of products of the whole list, counted once, of a search together with its facets."""
        if self._count is None:
            self._count = asyncio.ensure_future(self._matches())
        return await self._count

    async def _matches(self) -> int:
        if self.kinds and self.result.selection.expression is not None:
            matches = (await self.counted(self.kinds)).matches
            if matches is not None:
                return matches
        return await self.result.page.count()

    async def count_is_exact(self) -> bool:
        """Whether `count` is the number of all products, not where counting stopped."""
        return self.result.is_exact(await self.count())


def facet_counter(
    context: Context, result: FoundProducts
) -> Callable[[Collection[TokenKind]], Coroutine[Any, Any, Facets]]:
    """The function that counts the facets of a list."""
    return partial(context.services.catalog.facets.count, context.reader, result.selection)


async def load_products_in(context: Context, keys: Sequence[tuple[UUID, PageArgs]]) -> Sequence[ProductList]:
    """A page of the products of each category: one statement for each different page."""
    by_page: dict[PageArgs, list[UUID]] = {}
    for category_id, args in keys:
        by_page.setdefault(args, []).append(category_id)
    lists: dict[tuple[UUID, PageArgs], ProductList] = {}
    for args, category_ids in by_page.items():
        results = await context.services.catalog.search.in_categories(
            context.reader, context.actor, category_ids, args
        )
        lists |= {
            (key, args): ProductList(result, facet_counter(context, result))
            for key, result in zip(category_ids, results, strict=True)
        }
    return [lists[key] for key in keys]


async def load_facets(_context: Context, keys: Sequence[FacetKey]) -> Sequence[Any]:
    """The counts of the requested facets: one statement for each list."""
    kinds: dict[FacetSource, set[TokenKind]] = {}
    for source, kind in keys:
        kinds.setdefault(source, set()).add(kind)
    facets = await asyncio.gather(*(source.products.counted(asked) for source, asked in kinds.items()))
    counted = dict(zip(kinds, facets, strict=True))
    return [getattr(counted[source], _FIELDS[kind]) for source, kind in keys]


def selected_facets(info: Info) -> frozenset[TokenKind]:
    """The facets that an operation selects of a list, whatever the variables are."""
    names = selected_names(info, "facets")
    return frozenset(kind for kind, name in _FIELDS.items() if camel(name) in names)
