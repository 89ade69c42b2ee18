"""A list of products as the API shows it: pages with highlights and facets, and suggestions."""

from decimal import Decimal
from uuid import UUID

import strawberry

from domains.catalog.search.listing import FoundProducts
from gateway.graphql.catalog.listing_loaders import Marked, load_facets, load_highlights
from gateway.graphql.catalog.loaders import load_categories
from gateway.graphql.catalog.types import Category, Product
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.pagination import Connection, Edge


@strawberry.type(description="How many products have a value.")
class FacetValue:
    """A value and its count."""

    value: str = strawberry.field(description="The value; give it to the filter as it is.")
    count: int = strawberry.field(description="How many products choosing it would leave.")


@strawberry.type(description="The values of one attribute that products can be filtered by.")
class AttributeFacet:
    """An attribute's values."""

    name: str = strawberry.field(description="The attribute's name; give it to the filter as it is.")
    values: list[FacetValue] = strawberry.field(description="Its values, those of most products first; at most 100.")


@strawberry.type(description="How many products a category has, all below it included.")
class CategoryFacetValue:
    """A category and its count."""

    category_id: UUID = strawberry.field(description="The category's id.")
    count: int = strawberry.field(description="How many products choosing it would leave.")
    category: Category = relation(
        "category_id", load_categories, description="The category that the products are filtered by with this value."
    )


@strawberry.type(description="How many products have a price within a band, in the shop's currency.")
class PriceFacetValue:
    """A band of prices and its count."""

    lower: Decimal = strawberry.field(description="The lowest price of the band.")
    upper: Decimal | None = strawberry.field(description="Where the next band begins; null: there is none.")
    count: int = strawberry.field(description="How many products have their lowest price in it.")


@strawberry.type(description="How many products are rated at least so.")
class RatingFacetValue:
    """A least rating and its count."""

    lowest: int = strawberry.field(description="The least rating, from 1 to 4 of 5.")
    count: int = strawberry.field(description="How many products are rated this or better.")


@strawberry.type(
    description="How many products each choice would leave. A facet is counted as if nothing were chosen of it, "
    "so that choosing one brand does not hide the others."
)
class ProductFacets:
    """The facets of a list; one statement counts the requested ones."""

    categories: list[CategoryFacetValue] = relation(
        "categories",
        load_facets,
        many=True,
        description="Those right below the chosen categories, or the top ones, those of most products first.",
    )
    brands: list[FacetValue] = relation(
        "brands", load_facets, many=True, description="Brands, those of most products first; at most 100."
    )
    attributes: list[AttributeFacet] = relation(
        "attributes", load_facets, many=True, description="Filterable attributes and options of variants, by name."
    )
    prices: list[PriceFacetValue] = relation(
        "prices", load_facets, many=True, description="Bands of lowest prices, the lowest first."
    )
    ratings: list[RatingFacetValue] = relation(
        "ratings", load_facets, many=True, description="Least ratings, the highest first."
    )
    in_stock: int = relation("in_stock", load_facets, description="How many can be bought now.")
    featured: int = relation(
        "featured", load_facets, description="The number of found products that are marked as featured."
    )


@strawberry.type(description="Where a product has the words that were searched for: HTML, escaped, with `<mark>`.")
class ProductHighlight:
    """A product's texts with the found words marked."""

    name: str = strawberry.field(
        description="The name as HTML, with the words that were found between `<em>` and `</em>`."
    )
    description: str | None = strawberry.field(
        description="A piece of the description around the first word found; null without one."
    )


@strawberry.type(description="A product of a list with the cursor that stands at it.")
class ProductEdge(Edge[Product]):
    """Relay's edge, with what was found in it."""

    sought: strawberry.Private[tuple[tuple[str, ...], ...]]
    highlight: ProductHighlight | None = relation(
        "marked", load_highlights, description="Where it has the words that were searched for; null without a search."
    )

    @property
    def marked(self) -> Marked | None:
        """The texts in which the words are marked, None without a search."""
        return Marked(self.node.name, self.node.description, self.sought) if self.sought else None


@strawberry.type(description="One page of a list of products.")
class ProductConnection(Connection[Product]):
    """Relay's connection, with facets."""

    found: strawberry.Private[FoundProducts]
    corrected_search: str | None = strawberry.field(
        description="The search as it was understood, when nothing was found as it was typed."
    )
    facets: ProductFacets = strawberry.field(description="How many products each choice would leave.")

    @computed
    def edges(self) -> list[ProductEdge]:
        """The products of this page, each with its cursor."""
        sought = tuple(tuple(choices) for choices in self.found.alternatives)
        return [
            ProductEdge(cursor=cursor, node=node, sought=sought)
            for cursor, node in zip(self.page.cursors, self.nodes, strict=True)
        ]


@strawberry.type(description="What somebody who is typing may be looking for.")
class ProductSuggestions:
    """Suggestions of three sorts."""

    products: list[Product] = strawberry.field(description="Products with these words in their names, popular first.")
    categories: list[Category] = strawberry.field(description="Categories with these words in their names.")
    terms: list[str] = strawberry.field(description="The text with its last word finished.")
