"""Queries that list, search and suggest products."""

from typing import Annotated

import strawberry

from domains.catalog.search.listing import ProductFilter, ProductQuery
from domains.catalog.search.suggestions import MAX_SUGGESTIONS
from domains.kernel.errors import OutOfRange
from gateway.answers.dependencies import ON_PRODUCTS, Cached
from gateway.graphql.catalog.listing_inputs import ProductFilterInput, ProductSortInput
from gateway.graphql.catalog.listing_loaders import ProductList, facet_counter, selected_facets
from gateway.graphql.catalog.listing_types import ProductConnection, ProductSuggestions
from gateway.graphql.catalog.loaders import cache_live_values
from gateway.graphql.catalog.selections import live_values_of
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, present, query
from gateway.graphql.core.pagination import After, Before, First, Last, PageArgs


@strawberry.type
class ProductListQuery:
    """Lists of products."""

    @query(PUBLIC, cached=Cached((ON_PRODUCTS,)))
    async def products(
        self,
        info: Info,
        filter: Annotated[
            ProductFilterInput | None,
            strawberry.argument(description="Conditions on the products; all products by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="Words that all occur in a product. The last may be incomplete. A SKU is also found by "
                "its end. Without a match, similar words are searched. Null and empty texts do not restrict "
                "the list; a text without a letter, digit or emoji matches no product."
            ),
        ] = None,
        sort_by: Annotated[
            ProductSortInput | None,
            strawberry.argument(
                description="The order; by default by relevance in a search, otherwise newest first."
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ProductConnection:
        """The published products of the shop with facets; staff with PRODUCTS:READ see drafts as well."""
        context = info.context
        product_query = ProductQuery(
            filter=filter.to_domain() if filter else ProductFilter(),
            search=search,
            sort=sort_by.to_domain() if sort_by else None,
        )
        args = PageArgs(first, after, last, before)
        live = live_values_of(info)
        find = context.services.catalog.find_products
        result = await find(context.reader, context.actor, product_query, args, live)
        cache_live_values(context, live)
        return present(ProductConnection, ProductList(result, facet_counter(context, result), selected_facets(info)))

    @query(PUBLIC, cached=Cached((ON_PRODUCTS,)))
    async def product_suggestions(
        self,
        info: Info,
        search: Annotated[str, strawberry.argument(description="The text entered so far, at most 255 characters.")],
        first: Annotated[
            int, strawberry.argument(description="The highest number of suggestions of each kind, 1 to 20.")
        ] = 5,
    ) -> ProductSuggestions:
        """Suggestions of listed products, categories and completed searches for a text that is being entered."""
        if not 1 <= first <= MAX_SUGGESTIONS:
            raise OutOfRange(f"`first` must be between 1 and {MAX_SUGGESTIONS}; it is {first}.", field=("first",))
        context = info.context
        live = live_values_of(info)
        find = context.services.catalog.suggestions.find
        suggested = await find(context.reader, context.actor, search, first, live)
        cache_live_values(context, live)
        return present(ProductSuggestions, suggested)
