"""Products, variants and categories as the API shows them: views on the domain's models."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.catalog.models import AttributeType
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.catalog.listing_loaders import load_products_in
from gateway.graphql.catalog.loaders import (
    load_attributes,
    load_attributes_in_force,
    load_availability,
    load_categories,
    load_category_attributes,
    load_children,
    load_own_items,
    load_price_ranges,
    load_product_availability,
    load_product_stock,
    load_products,
    load_stock,
    load_variants,
)
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation, requires
from gateway.graphql.core.pagination import Connection
from gateway.graphql.core.scalars import Money
from gateway.graphql.review.loaders import load_review_pages

if TYPE_CHECKING:
    from gateway.graphql.catalog.listing_types import ProductConnection
    from gateway.graphql.inventory.types import InventoryItem
    from gateway.graphql.review.types import Review

describe(
    AttributeType,
    "What kind of value an attribute takes.",
    {
        AttributeType.TEXT: "Any text.",
        AttributeType.NUMBER: "A number, kept without superfluous zeros.",
        AttributeType.BOOLEAN: "`true` or `false`.",
        AttributeType.SELECT: "One of the attribute's options.",
    },
)
SEES_STOCK = requires(PermissionResource.INVENTORY, PermissionAction.READ)
Products = Annotated["ProductConnection", strawberry.lazy("gateway.graphql.catalog.listing_types")]
Item = Annotated["InventoryItem", strawberry.lazy("gateway.graphql.inventory.types")]


@strawberry.type(description="The lowest and the highest price that a product is sold for.")
class PriceRange:
    """A range of prices of one currency."""

    lowest: Money = strawberry.field(description="The price of the cheapest variant on sale.")
    highest: Money = strawberry.field(description="The price of the dearest variant on sale.")


@strawberry.type(description="Something that the products of a category, and of all below it, tell about themselves.")
class CategoryAttribute:
    """What a category asks of its products."""

    id: UUID = strawberry.field(description="Its id.")
    category_id: UUID = strawberry.field(description="The category that asks for it.")
    name: str = strawberry.field(description="Its name, such as `Material`.")
    type: AttributeType = strawberry.field(description="What kind of value it takes.")
    unit: str | None = strawberry.field(description="The unit its values are meant in, such as `cm`.")
    is_required: bool = strawberry.field(description="Whether every product must have it.")
    is_filterable: bool = strawberry.field(description="Whether lists of products can be filtered by it.")
    options: list[str] = strawberry.field(description="What can be chosen, when its type is SELECT.")
    category: "Category" = relation("category_id", load_categories, description="The category that asks for it.")


@strawberry.type(description="A node of the tree that products are sorted into.")
class Category:
    """A category."""

    id: UUID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Its name.")
    slug: str = strawberry.field(description="Its name in URLs, unique in the company.")
    description: str | None = strawberry.field(description="What stands in it.")
    image_url: str | None = strawberry.field(description="A picture of it.")
    icon: str | None = strawberry.field(description="The name of an icon.")
    display_order: int = strawberry.field(description="Where it stands among its siblings, lowest first.")
    is_active: bool = strawberry.field(
        description="Whether customers see it. An inactive category hides all that is below it."
    )
    is_featured: bool = strawberry.field(description="Whether to point it out.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    parent_id: UUID | None = strawberry.field(description="The category it stands under; null for a root.")
    parent: "Category | None" = relation(
        "parent_id", load_categories, description="The category it stands under; null for a root."
    )
    children: "list[Category]" = relation(
        "id", load_children, many=True, size=4, description="What stands right below it, in display order."
    )
    attributes: list[CategoryAttribute] = relation(
        "id", load_category_attributes, many=True, description="What it asks of its products itself, by name."
    )
    products: Products = relation(
        "id", load_products_in, page=True, description="The products in it and in all below it, newest first."
    )
    attributes_in_force: list[CategoryAttribute] = relation(
        "id",
        load_attributes_in_force,
        many=True,
        description="What its products are asked, inherited attributes included; of one name the nearest holds.",
    )


@strawberry.type(description="Something a product tells about itself.")
class ProductAttribute:
    """One attribute of a product."""

    id: UUID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Its name, as the category writes it if it asks for it.")
    value: str = strawberry.field(description="Its value, as text.")
    unit: str | None = strawberry.field(description="The unit of the value, such as `cm`.")


@strawberry.type(description="One choice that makes a variant what it is, such as Size: XL.")
class VariantOption:
    """One option of a variant."""

    name: str = strawberry.field(description="What is chosen, such as `Size`.")
    value: str = strawberry.field(description="The choice, such as `XL`.")


@strawberry.type(description="One of the forms a product is sold in, with a SKU of its own.")
class ProductVariant:
    """A variant of a product."""

    modifier: strawberry.Private[Money]
    compare_at: strawberry.Private[Money | None]

    id: UUID = strawberry.field(description="Its id.")
    product_id: UUID = strawberry.field(description="The product it is a form of.")
    sku: str = strawberry.field(description="What it is stocked and sold under, unique in the company.")
    name: str = strawberry.field(description="Its name, by default made of its options: `Red / XL`.")
    options: list[VariantOption] = strawberry.field(description="The choices that make it, at most three.")
    color: str | None = strawberry.field(description="Its colour, one of its options.")
    size: str | None = strawberry.field(description="Its size, one of its options.")
    price: Money = strawberry.field(description="What it costs: the product's base price and its own modifier.")
    images: list[str] = strawberry.field(description="The URLs of its own pictures.")
    image: str | None = strawberry.field(description="The first of its own pictures.")
    is_tracked: bool = strawberry.field(description="Whether its stock is counted; if not, it is always available.")
    is_active: bool = strawberry.field(description="Whether it is on sale.")
    display_order: int = strawberry.field(description="Where it stands among the variants, lowest first.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    stock: int = relation("stock_key", load_stock, description="How many are free to sell, as the inventory says.")
    is_in_stock: bool = relation("availability_key", load_availability, description="Whether it can be bought now.")
    product: "Product | None" = relation("product_id", load_products, description="The product it is a form of.")

    @computed
    def price_modifier(self) -> Money:
        """What is added to the product's base price; below zero for what is cheaper."""
        return self.modifier

    @computed
    def compare_at_price(self) -> Money | None:
        """The higher price to compare with, such as the one before a sale."""
        return self.compare_at


@strawberry.type(description="Something the company sells.")
class Product:
    """A product."""

    compare_at: strawberry.Private[Money | None]

    id: UUID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Its name.")
    slug: str = strawberry.field(description="Its name in URLs, unique in the company.")
    description: str | None = strawberry.field(description="What it is, in a few lines of plain text.")
    long_description: str | None = strawberry.field(
        description="All there is to say of it: HTML with harmless tags alone."
    )
    price: Money = strawberry.field(description="What it costs without a variant; see `priceRange`.")
    images: list[str] = strawberry.field(description="The URLs of its pictures.")
    image: str | None = strawberry.field(description="Its first picture.")
    brand: str | None = strawberry.field(description="The brand it is sold under.")
    model: str | None = strawberry.field(description="What its maker calls it.")
    tags: list[str] = strawberry.field(description="Free words it is marked with.")
    sku: str | None = strawberry.field(description="What it is stocked and sold under when it has no variants.")
    is_tracked: bool = strawberry.field(description="Whether its stock is counted when it has no variants.")
    is_active: bool = strawberry.field(description="Whether it is published.")
    is_featured: bool = strawberry.field(description="Whether to point it out.")
    view_count: int = strawberry.field(description="How often it was looked at; a little behind.")
    rating: Decimal = strawberry.field(description="The mean rating of its reviews to two places, 0 without any.")
    review_count: int = strawberry.field(description="How many published reviews it has.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    category_id: UUID = strawberry.field(description="The category it stands in.")
    category: Category = relation("category_id", load_categories, description="The category it stands in.")
    attributes: list[ProductAttribute] = relation(
        "id", load_attributes, many=True, description="What it tells about itself."
    )
    variants: list[ProductVariant] = relation(
        "id", load_variants, many=True, description="The forms it is sold in; customers see those on sale."
    )
    price_range: PriceRange = relation(
        "price_key", load_price_ranges, description="The lowest and highest price of what is on sale of it."
    )
    stock: int = relation("id", load_product_stock, description="How many are free to sell, all variants together.")
    is_in_stock: bool = relation(
        "availability_key", load_product_availability, description="Whether something of it can be bought now."
    )
    inventory: Item | None = relation(
        "id",
        load_own_items,
        guard=SEES_STOCK,
        description="Its stock when it is sold without variants; else, or never stocked, null.",
    )
    reviews: Connection[Annotated["Review", strawberry.lazy("gateway.graphql.review.types")]] = relation(
        "id", load_review_pages, page=True, description="Its published reviews, newest first."
    )

    @computed
    def base_price(self) -> Money:
        """The price that the modifiers of variants are added to."""
        return self.price

    @computed
    def compare_at_price(self) -> Money | None:
        """The higher price to compare with, such as the one before a sale."""
        return self.compare_at
