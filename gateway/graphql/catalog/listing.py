"""Queries that list, search and suggest products."""

from typing import Annotated

import strawberry

from domains.catalog.search.listing import ProductFilter, ProductQuery
from domains.catalog.search.suggestions import MAX_SUGGESTIONS
from domains.kernel.errors import OutOfRange
from gateway.graphql.catalog.listing_inputs import ProductFilterInput, ProductSortInput
from gateway.graphql.catalog.listing_loaders import ProductList
from gateway.graphql.catalog.listing_types import ProductConnection, ProductSuggestions
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, present, query
from gateway.graphql.core.pagination import After, Before, First, Last, PageArgs


@strawberry.type
class ProductListQuery:
    """Lists of products."""

    @query(PUBLIC)
    async def products(
        self,
        info: Info,
        filter: Annotated[
            ProductFilterInput | None,
            strawberry.argument(description="Conditions that the listed products meet; all of them when left out."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="Words that all occur in a product; the last may be unfinished, and a SKU is found by "
                "its end too. When nothing has them, words like them are looked for. Null and an empty text ask "
                "nothing; a text without letter, digit or emoji finds nothing."
            ),
        ] = None,
        sort_by: Annotated[
            ProductSortInput | None,
            strawberry.argument(description="Their order; by default by relevance in a search, else newest first."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ProductConnection:
        """The products on sale; staff see drafts as well."""
        context = info.context
        wanted = ProductQuery(
            filter=filter.to_domain() if filter else ProductFilter(),
            search=search,
            sort=sort_by.to_domain() if sort_by else None,
        )
        args = PageArgs(first, after, last, before)
        found = await context.services.catalog.find_products(context.reader, context.actor, wanted, args)
        return present(ProductConnection, ProductList(found))

    @query(PUBLIC)
    async def product_suggestions(
        self,
        info: Info,
        search: Annotated[str, strawberry.argument(description="What was typed so far.")],
        first: Annotated[int, strawberry.argument(description="How many of each sort at most, 1 to 20.")] = 5,
    ) -> ProductSuggestions:
        """Suggestions of listed products, categories and completed searches for a text that is being entered."""
        if not 1 <= first <= MAX_SUGGESTIONS:
            raise OutOfRange(f"`first` must be between 1 and {MAX_SUGGESTIONS}; it is {first}.", field=("first",))
        context = info.context
        return present(
            ProductSuggestions, await context.services.catalog.suggestions.find(context.reader, search, first)
        )
