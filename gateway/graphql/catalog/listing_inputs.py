"""The inputs of product lists: filters and the order."""

from decimal import Decimal
from uuid import UUID

import strawberry

from domains.catalog.search.listing import AttributeFilter, ProductFilter, ProductSort, ProductSortField
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection

describe(
    ProductSortField,
    "What products are sorted by; the id decides between equals.",
    {
        ProductSortField.NAME: "The name, without regard to case and accents.",
        ProductSortField.PRICE: "The lowest price.",
        ProductSortField.NEWEST: "When they were added.",
        ProductSortField.RATING: "The mean rating of their reviews.",
        ProductSortField.POPULARITY: "How often they are looked at.",
        ProductSortField.RELEVANCE: "How well they match the search; only with `search`.",
    },
)
_LOWEST_FIRST = frozenset({ProductSortField.NAME, ProductSortField.PRICE})


@strawberry.input(description="A range of prices in the shop's currency; both ends belong to it.")
class PriceRangeInput:
    """A range that may be open at either end."""

    min: Decimal | None = strawberry.field(default=None, description="The lowest price.")
    max: Decimal | None = strawberry.field(default=None, description="The highest price.")


@strawberry.input(description="Values of one attribute, in any case; a product needs one of them.")
class AttributeFilterInput:
    """An attribute's name and the values chosen."""

    name: str = strawberry.field(description="The name as products carry it, `Material` or the variants' `Size`.")
    values: list[str] = strawberry.field(description="The values as products carry them; at most 100.")


@strawberry.input(description="Which products; everything given must hold, and of a list one entry is enough.")
class ProductFilterInput:
    """The filters of a list of products."""

    category_ids: list[UUID] | None = strawberry.field(
        default=None, description="In one of these categories or below it; at most 100."
    )
    brands: list[str] | None = strawberry.field(
        default=None, description="Of one of these brands, in any case; at most 100."
    )
    price: PriceRangeInput | None = strawberry.field(default=None, description="With a lowest price in this range.")
    attributes: list[AttributeFilterInput] | None = strawberry.field(
        default=None, description="With these attributes, each of them; at most 10."
    )
    in_stock: bool | None = strawberry.field(default=None, description="That can be bought now, or cannot.")
    is_featured: bool | None = strawberry.field(default=None, description="That are featured, or are not.")
    min_rating: Decimal | None = strawberry.field(default=None, description="Rated this or better, of 5.")
    is_published: bool | None = strawberry.field(
        default=None, description="For staff: that customers see, or do not. Customers get what they see."
    )

    def to_domain(self) -> ProductFilter:
        """The filter as the catalogue knows it."""
        price = self.price or PriceRangeInput()
        return ProductFilter(
            category_ids=self.category_ids or (),
            brands=self.brands or (),
            attributes=[AttributeFilter(choice.name, choice.values) for choice in self.attributes or ()],
            lowest_price=price.min,
            highest_price=price.max,
            lowest_rating=self.min_rating,
            in_stock=self.in_stock,
            is_featured=self.is_featured,
            is_listed=self.is_published,
        )


@strawberry.input(description="The order of products.")
class ProductSortInput:
    """A field and a direction."""

    field: ProductSortField = strawberry.field(description="What they are sorted by.")
    direction: SortDirection | None = strawberry.field(
        default=None,
        description="Which end comes first; by default the first name, the lowest price, else the highest.",
    )

    def to_domain(self) -> ProductSort:
        """The order as the catalogue knows it."""
        if self.direction is None:
            return ProductSort(self.field, self.field not in _LOWEST_FIRST)
        return ProductSort(self.field, self.direction == SortDirection.DESC)
