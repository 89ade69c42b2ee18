"""Types of product lists: pages with highlights and facets, and suggestions."""

from decimal import Decimal
from uuid import UUID

import strawberry

from domains.catalog.search.listing import FoundProducts
from gateway.graphql.catalog.category_types import Category
from gateway.graphql.catalog.listing_loaders import HighlightKey, load_facets, load_highlights
from gateway.graphql.catalog.loaders import load_categories
from gateway.graphql.catalog.types import Product
from gateway.graphql.core.fields import computed, deferred, relation
from gateway.graphql.core.pagination import Connection, Edge


@strawberry.type(description="A value of a facet, and the number of products that have it.")
class FacetValue:
    """A value and its count."""

    value: str = strawberry.field(
        description="The value as text, in the spelling that most products have; pass it to the filter unchanged."
    )
    count: int = strawberry.field(
        description="The number of products with this value, under the other filters and the search."
    )


@strawberry.type(description="The values of one attribute of products or one option of variants, for filtering.")
class AttributeFacet:
    """An attribute's values."""

    name: str = strawberry.field(
        description="The name of the attribute or option; pass it as `AttributeFilterInput.name`."
    )
    values: list[FacetValue] = strawberry.field(description="The values, those of most products first; at most 100.")


@strawberry.type(description="A category, and the number of products in it and its descendants.")
class CategoryFacetValue:
    """A category and its count."""

    category_id: UUID = strawberry.field(
        description="The id of the category; pass it in `ProductFilterInput.categoryIds`."
    )
    count: int = strawberry.field(
        description=(
            "The number of products in the category and its descendants, under the other filters and the search."
        )
    )
    category: Category = relation(
        "category_id", load_categories, description="The category itself, such as for its name."
    )


@strawberry.type(description="A price band in the shop's currency, and the number of products in it.")
class PriceFacetValue:
    """A price band and its count."""

    lower: Decimal = strawberry.field(
        description="The lower end of the band, which it includes; an amount in the shop's currency."
    )
    upper: Decimal | None = strawberry.field(
        description="The upper end of the band, which it excludes; null for the last band, which has none."
    )
    count: int = strawberry.field(description="The number of products whose lowest price is in the band.")


@strawberry.type(description="A minimum rating and the number of products with it.")
class RatingFacetValue:
    """A minimum rating and its count."""

    lowest: int = strawberry.field(description="The minimum of the mean rating, from 1 to 4 of 5.")
    count: int = strawberry.field(description="The number of products with at least this mean rating.")


@strawberry.type(
    description="The number of products with each value of the facets. The filter of a facet does not affect its own "
    "counts, so that filtering by one brand does not hide the others."
)
class ProductFacets:
    """The facets of a list; one statement counts the requested ones."""

    categories: list[CategoryFacetValue] = relation(
        "categories",
        load_facets,
        many=True,
        description=(
            "The categories directly below the filtered ones, or the root categories without such a "
            "filter, those of most products first."
        ),
    )
    brands: list[FacetValue] = relation(
        "brands", load_facets, many=True, description="The brands, those of most products first; at most 100."
    )
    attributes: list[AttributeFacet] = relation(
        "attributes",
        load_facets,
        many=True,
        description="Filterable attributes of products and options of variants, by name.",
    )
    prices: list[PriceFacetValue] = relation(
        "prices",
        load_facets,
        many=True,
        description="Bands of the lowest price of products, in the shop's currency, lowest first.",
    )
    ratings: list[RatingFacetValue] = relation(
        "ratings",
        load_facets,
        many=True,
        description="Minimum mean ratings, highest first; a product counts in each that it reaches.",
    )
    in_stock: int = relation("in_stock", load_facets, description="The number of products that can be bought now.")
    featured: int = relation(
        "featured", load_facets, description="The number of products that the storefront should highlight."
    )


@strawberry.type(
    description=(
        "The texts of a product with the searched words in `<mark>`: escaped HTML, safe to insert into a page."
    )
)
class ProductHighlight:
    """A product's texts with the searched words marked."""

    name: str = strawberry.field(description="The name as HTML, with the searched words in `<mark>`.")
    description: str | None = strawberry.field(
        description=(
            "An extract of about 160 characters around the first searched word of the description; null "
            "when it has none of them."
        )
    )


@strawberry.type(description="One of the listed products, with its cursor and the words that a search found.")
class ProductEdge(Edge[Product]):
    """Relay's edge, with highlights."""

    words: strawberry.Private[tuple[tuple[str, ...], ...]]
    highlight: ProductHighlight | None = relation(
        "highlight_key",
        load_highlights,
        description="The product's texts with the searched words marked; null without a search.",
    )

    @property
    def highlight_key(self) -> HighlightKey | None:
        """The product and the words to mark, None without a search."""
        return HighlightKey(self.node.id, self.node.name, self.words) if self.words else None


@strawberry.type(
    description=(
        "One page of a list of products: 20 unless `first` or `last` asks for another number, at most "
        "100; with facets of the whole list."
    )
)
class ProductConnection(Connection[Product]):
    """Relay's connection, with facets."""

    result: strawberry.Private[FoundProducts]
    corrected_search: str | None = strawberry.field(
        description=("The search text after a correction of its spelling; null unless the entered text had no match.")
    )
    total_count: int = deferred(
        "count",
        description="The number of products in the whole list, with `filter` and `search` applied. Counting stops at "
        "10,001, for staff too: see `countIsExact`. It takes one more database statement: select it only when it is "
        "shown.",
    )
    count_is_exact: bool = deferred(
        "count_is_exact",
        description="Whether `totalCount` is the number of all products of the list. False where counting stopped: "
        "the list has at least `totalCount` products, and the facets of a search are of its 10,000 most popular.",
    )
    facets: ProductFacets = strawberry.field(
        description=(
            "The numbers of products by value, over the whole list; of a search, over its 10,000 most popular "
            "matches (see `countIsExact`). Each selected facet is computed on request."
        )
    )

    @computed
    def edges(self) -> list[ProductEdge]:
        """The products of this page in the same order as `nodes`, each with its cursor and highlights."""
        words = tuple(tuple(choices) for choices in self.result.alternatives)
        return [
            ProductEdge(cursor=cursor, node=node, words=words)
            for cursor, node in zip(self.page.cursors, self.nodes, strict=True)
        ]


@strawberry.type(description="Suggestions for a search text that is being entered, at most `first` of each kind.")
class ProductSuggestions:
    """Suggestions of three kinds."""

    products: list[Product] = strawberry.field(
        description="Published products with these words in their names, most viewed first."
    )
    categories: list[Category] = strawberry.field(
        description="Active categories with these words in their names, by display order."
    )
    terms: list[str] = strawberry.field(
        description="The entered text with its last word completed, shortest completion first."
    )
