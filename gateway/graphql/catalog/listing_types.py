"""Types of product lists: pages with highlights and facets, and suggestions."""

from decimal import Decimal
from uuid import UUID

import strawberry

from domains.catalog.search.listing import FoundProducts
from gateway.graphql.catalog.listing_loaders import HighlightKey, load_facets, load_highlights
from gateway.graphql.catalog.loaders import load_categories
from gateway.graphql.catalog.types import Category, Product
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.pagination import Connection, Edge


@strawberry.type(description="A value and the number of products with it.")
class FacetValue:
    """A value and its count."""

    value: str = strawberry.field(description="The text to use in the filter.")
    count: int = strawberry.field(description="The number of products that a filter by it leaves.")


@strawberry.type(description="The values of one attribute that products can be filtered by.")
class AttributeFacet:
    """An attribute's values."""

    name: str = strawberry.field(description="The attribute, as the filter needs it.")
    values: list[FacetValue] = strawberry.field(description="Most products first; at most 100.")


@strawberry.type(description="A category and the number of products in it and its descendants.")
class CategoryFacetValue:
    """A category and its count."""

    category_id: UUID = strawberry.field(description="The id to use in the filter.")
    count: int = strawberry.field(description="The number of products that a filter by it leaves.")
    category: Category = relation("category_id", load_categories, description="The category with its name.")


@strawberry.type(description="A price band in the shop's currency, and the number of products in it.")
class PriceFacetValue:
    """A price band and its count."""

    lower: Decimal = strawberry.field(description="The lowest price in the band.")
    upper: Decimal | None = strawberry.field(
        description="The lower end of the next band, which this one excludes; null for the last."
    )
    count: int = strawberry.field(description="The number of products whose lowest price is in the band.")


@strawberry.type(description="A minimum rating and the number of products with it.")
class RatingFacetValue:
    """A minimum rating and its count."""

    lowest: int = strawberry.field(description="The minimum rating, from 1 to 4 of 5.")
    count: int = strawberry.field(description="The number of products with at least this rating.")


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
        description="The children of the filtered categories, or the root categories, most products first.",
    )
    brands: list[FacetValue] = relation(
        "brands", load_facets, many=True, description="The brands, most products first; at most 100."
    )
    attributes: list[AttributeFacet] = relation(
        "attributes", load_facets, many=True, description="Filterable attributes and options of variants, by name."
    )
    prices: list[PriceFacetValue] = relation(
        "prices", load_facets, many=True, description="Price bands of the lowest prices, ascending."
    )
    ratings: list[RatingFacetValue] = relation(
        "ratings", load_facets, many=True, description="Minimum ratings, the highest first."
    )
    in_stock: int = relation("in_stock", load_facets, description="The number of products that can be bought now.")
    featured: int = relation("featured", load_facets, description="The number of highlighted products.")


@strawberry.type(description="The searched words in the texts of a product: escaped HTML with `<mark>`.")
class ProductHighlight:
    """A product's texts with the searched words marked."""

    name: str = strawberry.field(description="The name as HTML, with the searched words in `<mark>`.")
    description: str | None = strawberry.field(
        description="An extract of the description around the first searched word; null without a match."
    )


@strawberry.type(description="A product of a list with its cursor.")
class ProductEdge(Edge[Product]):
    """Relay's edge, with highlights."""

    words: strawberry.Private[tuple[tuple[str, ...], ...]]
    highlight: ProductHighlight | None = relation(
        "highlight_key", load_highlights, description="The searched words in its texts; null without a search."
    )

    @property
    def highlight_key(self) -> HighlightKey | None:
        """The texts and the words to mark, None without a search."""
        return HighlightKey(self.node.name, self.node.description, self.words) if self.words else None


@strawberry.type(description="One page of a list of products.")
class ProductConnection(Connection[Product]):
    """Relay's connection, with facets."""

    result: strawberry.Private[FoundProducts]
    corrected_search: str | None = strawberry.field(
        description="The search text after correction of its spelling; null unless the original text had no match."
    )
    facets: ProductFacets = strawberry.field(description="The numbers of products by value, of the whole list.")

    @computed
    def edges(self) -> list[ProductEdge]:
        """The products of this page, each with its cursor."""
        words = tuple(tuple(choices) for choices in self.result.alternatives)
        return [
            ProductEdge(cursor=cursor, node=node, words=words)
            for cursor, node in zip(self.page.cursors, self.nodes, strict=True)
        ]


@strawberry.type(description="Suggestions for a search text that is being entered.")
class ProductSuggestions:
    """Suggestions of three kinds."""

    products: list[Product] = strawberry.field(description="Products with these words in their names, popular first.")
    categories: list[Category] = strawberry.field(description="Categories with these words in their names.")
    terms: list[str] = strawberry.field(description="The text with its last word completed.")
