"""The inputs of product lists: filters and the order."""

from decimal import Decimal
from uuid import UUID

import strawberry

from domains.catalog.search.listing import AttributeFilter, ProductFilter, ProductSort, ProductSortField
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection

describe(
    ProductSortField,
    "The fields that products can be sorted by; the id breaks ties.",
    {
        ProductSortField.NAME: "The name, alphabetically, ignoring case and accents.",
        ProductSortField.PRICE: "The lowest price of the product's active variants, or its own price.",
        ProductSortField.NEWEST: "The time of creation; descending by default, so the newest come first.",
        ProductSortField.RATING: "The mean rating of the published reviews.",
        ProductSortField.POPULARITY: "The number of views; see `Product.viewCount`.",
        ProductSortField.RELEVANCE: "How well the product matches the search; only with `search`.",
    },
)
_LOWEST_FIRST = frozenset({ProductSortField.NAME, ProductSortField.PRICE})


@strawberry.input(description="A range of prices per unit in the shop's currency, both ends included.")
class PriceRangeInput:
    """A range that may be open at either end."""

    min: Decimal | None = strawberry.field(
        default=None, description="The lowest price of the range; null or absent for no lower end."
    )
    max: Decimal | None = strawberry.field(
        default=None, description="The highest price of the range; null or absent for no upper end."
    )


@strawberry.input(description="Values of one attribute, ignoring case. A product matches if it has one of them.")
class AttributeFilterInput:
    """An attribute's name and values."""

    name: str = strawberry.field(
        description=(
            "The name of an attribute of products such as `Material`, or of an option of variants such as `Size`."
        )
    )
    values: list[str] = strawberry.field(description="The values as text, at most 100, of which one is enough.")


@strawberry.input(
    description="Conditions on products, all of which must hold. Null and absent fields set no condition."
)
class ProductFilterInput:
    """The filters of a list of products."""

    category_ids: list[UUID] | None = strawberry.field(
        default=None, description="Products in one of these categories or their descendants; at most 100 ids."
    )
    brands: list[str] | None = strawberry.field(
        default=None, description="Products of one of these brands, ignoring case; at most 100."
    )
    price: PriceRangeInput | None = strawberry.field(
        default=None, description="Products whose lowest price is in this range."
    )
    attributes: list[AttributeFilterInput] | None = strawberry.field(
        default=None, description="Products that match each of these attributes; at most 10."
    )
    in_stock: bool | None = strawberry.field(
        default=None, description="True: products that can be bought now; false: products that are sold out."
    )
    is_featured: bool | None = strawberry.field(
        default=None, description="True: products that the storefront should highlight; false: all others."
    )
    min_rating: Decimal | None = strawberry.field(
        default=None, description="Products with at least this mean rating, a number from 0 to 5."
    )
    is_published: bool | None = strawberry.field(
        default=None,
        description="For staff. True: products that customers see; false: others. Ignored for customers.",
    )

    def to_domain(self) -> ProductFilter:
        """The domain's ProductFilter."""
        price = self.price or PriceRangeInput()
        return ProductFilter(
            category_ids=self.category_ids or (),
            brands=self.brands or (),
            attributes=[AttributeFilter(attribute.name, attribute.values) for attribute in self.attributes or ()],
            lowest_price=price.min,
            highest_price=price.max,
            lowest_rating=self.min_rating,
            in_stock=self.in_stock,
            is_featured=self.is_featured,
            is_listed=self.is_published,
        )


@strawberry.input(description="The order of a list of products; products with equal values are sorted by id.")
class ProductSortInput:
    """A field and a direction."""

    field: ProductSortField = strawberry.field(description="The value to sort by; RELEVANCE requires a `search`.")
    direction: SortDirection | None = strawberry.field(
        default=None,
        description="The direction; by default ascending for NAME and PRICE, descending for the others.",
    )

    def to_domain(self) -> ProductSort:
        """The domain's ProductSort."""
        if self.direction is None:
            return ProductSort(self.field, self.field not in _LOWEST_FIRST)
        return ProductSort(self.field, self.direction == SortDirection.DESC)
