"""Types of products, variants and categories, which show the domain's models."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from domains.catalog import models
from domains.catalog.models import AttributeType
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.catalog.listing_loaders import load_products_in
from gateway.graphql.catalog.loaders import (
    load_attributes,
    load_availability,
    load_categories,
    load_category_attributes,
    load_children,
    load_effective_attributes,
    load_own_items,
    load_price_ranges,
    load_product_availability,
    load_product_stock,
    load_products,
    load_stock,
    load_variants,
)
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, present, present_all, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.pagination import Connection
from gateway.graphql.core.scalars import Money
from gateway.graphql.review.loaders import load_review_pages

if TYPE_CHECKING:
    from gateway.graphql.catalog.listing_types import ProductConnection
    from gateway.graphql.inventory.types import InventoryItem
    from gateway.graphql.review.types import Review

describe(
    AttributeType,
    "The type of the values of an attribute.",
    {
        AttributeType.TEXT: "Any text.",
        AttributeType.NUMBER: "A number, stored without trailing zeros.",
        AttributeType.BOOLEAN: "`true` or `false`.",
        AttributeType.SELECT: "One of the attribute's options.",
    },
)
SEES_STOCK = requires(PermissionResource.INVENTORY, PermissionAction.READ)
Products = Annotated["ProductConnection", strawberry.lazy("gateway.graphql.catalog.listing_types")]
Item = Annotated["InventoryItem", strawberry.lazy("gateway.graphql.inventory.types")]


@strawberry.type(description="An image of a product, variant or category.")
class Image:
    """An image."""

    url: str = strawberry.field(
        description="Location of the image: an absolute URL, or a path on the shop's own host that begins with `/`."
    )
    alt_text: str | None = strawberry.field(description="The text for screen readers; null when there is none.")
    sort_order: int = strawberry.field(description="The position among the images, from 0.")


def _images(source: Any) -> list[Image]:
    """The images of a product or variant, which the model stores as URLs and alt texts."""
    return present_all(Image, models.images_of(source.images, source.image_alt_texts))


@strawberry.type(description="The lowest and the highest price of a product.")
class PriceRange:
    """A range of prices in one currency."""

    lowest: Money = strawberry.field(description="The price of the cheapest variant for sale.")
    highest: Money = strawberry.field(description="The price of the most expensive variant for sale.")


@strawberry.type(description="The definition of an attribute for the products of a category and its descendants.")
class CategoryAttribute(Node, model=models.CategoryAttribute):
    """An attribute that a category defines."""

    category_id: UUID = strawberry.field(description="The category that defines the attribute.")
    name: str = strawberry.field(description="Unique in the category, such as `Material`.")
    type: AttributeType = strawberry.field(description="The type of the values.")
    unit: str | None = strawberry.field(description="The unit of the values, such as `cm`; null for none.")
    is_required: bool = strawberry.field(description="Whether every product must have the attribute.")
    is_filterable: bool = strawberry.field(description="Whether lists of products can be filtered by the attribute.")
    options: list[str] = strawberry.field(description="The allowed values of type SELECT; empty for other types.")
    category: "Category" = relation(
        "category_id", load_categories, description="The category that defines the attribute."
    )


@strawberry.type(description="A node of the tree of products.")
class Category(Node, model=models.Category):
    """A category."""

    name: str = strawberry.field(
        description="The name that customers see in menus; plain text of at most 255 characters."
    )
    slug: str = strawberry.field(description="The readable part of the URL, unique in the company.")
    description: str | None = strawberry.field(description="A description for customers; null for none.")
    icon: str | None = strawberry.field(description="The name of an icon in the storefront; null for none.")
    display_order: int = strawberry.field(description="The position among its siblings, lowest first.")
    is_active: bool = strawberry.field(
        description="Whether customers see the category. Inactive categories hide their descendants and products."
    )
    is_featured: bool = strawberry.field(description="Whether the storefront highlights it.")
    created_at: datetime = strawberry.field(description="The time of its creation.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    parent_id: UUID | None = strawberry.field(description="The category above it; null for a root.")
    image_url: strawberry.Private[str | None]
    image_alt_text: strawberry.Private[str | None]
    parent: "Category | None" = relation(
        "parent_id", load_categories, description="The category above it; null for a root."
    )
    children: "list[Category]" = relation(
        "id", load_children, many=True, size=4, description="Direct subcategories, in display order."
    )
    attributes: list[CategoryAttribute] = relation(
        "id",
        load_category_attributes,
        many=True,
        description="The attributes that the category defines itself, by name.",
    )
    products: Products = relation(
        "id",
        load_products_in,
        page=True,
        description="The products in the category and its descendants, newest first.",
    )
    attributes_in_force: list[CategoryAttribute] = relation(
        "id",
        load_effective_attributes,
        many=True,
        description="The attributes for its products, inherited ones included; of one name, the nearest applies.",
    )

    @computed
    def image(self) -> Image | None:
        """The image that is shown with the name; null for none."""
        return present(Image, models.Image(self.image_url, self.image_alt_text)) if self.image_url else None


@strawberry.type(description="An attribute of a product.")
class ProductAttribute(Node, model=models.ProductAttribute):
    """One attribute of a product."""

    name: str = strawberry.field(description="The name, in the spelling of the category that defines it.")
    value: str = strawberry.field(description="The value, as text.")
    unit: str | None = strawberry.field(description="The unit of the value, such as `cm`; null for none.")


@strawberry.type(description="An option of a variant, such as Size: XL.")
class VariantOption:
    """One option of a variant."""

    name: str = strawberry.field(description="The option, such as `Size`.")
    value: str = strawberry.field(description="The value of the option, such as `XL`.")


@strawberry.type(description="A variant of a product, with a SKU of its own.")
class ProductVariant(Node, model=models.Variant):
    """A variant of a product."""

    modifier: strawberry.Private[Money]
    compare_at: strawberry.Private[Money | None]

    product_id: UUID = strawberry.field(description="The product that the variant belongs to.")
    sku: str = strawberry.field(description="The stock-keeping unit, unique in the company.")
    name: str = strawberry.field(description="By default the values of the options: `Red / XL`.")
    options: list[VariantOption] = strawberry.field(
        description="At most three, which distinguish it from other variants."
    )
    color: str | None = strawberry.field(description="The value of the option with this name; null for none.")
    size: str | None = strawberry.field(description="The value of the option with this name; null for none.")
    price: Money = strawberry.field(description="The product's base price plus the variant's modifier.")
    is_tracked: bool = strawberry.field(
        description="Whether the stock is counted; if not, the variant is always available."
    )
    is_active: bool = strawberry.field(description="Whether the variant is for sale.")
    display_order: int = strawberry.field(description="The position among the variants, lowest first.")
    created_at: datetime = strawberry.field(description="The time of its creation.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    stock: int = relation("stock_key", load_stock, description="The number of available units.")
    is_in_stock: bool = relation(
        "availability_key", load_availability, description="Whether the variant can be bought now."
    )
    product: "Product | None" = relation(
        "product_id",
        load_products,
        description="The product that the variant belongs to; null if the caller may not see it.",
    )

    @computed
    def images(self) -> list[Image]:
        """The variant's own images, in their order; empty when it has none."""
        return _images(self)

    @computed
    def image(self) -> Image | None:
        """The first of the variant's own images; null without any."""
        return next(iter(_images(self)), None)

    @computed
    def price_modifier(self) -> Money:
        """The amount added to the product's base price; it may be negative."""
        return self.modifier

    @computed
    def compare_at_price(self) -> Money | None:
        """The higher price that is shown struck through; null for none."""
        return self.compare_at


@strawberry.type(description="A product that the company sells.")
class Product(Node, model=models.Product):
    """A product."""

    compare_at: strawberry.Private[Money | None]

    name: str = strawberry.field(description="The name that customers see; plain text of at most 255 characters.")
    slug: str = strawberry.field(description="The readable part of the URL, unique in the company.")
    description: str | None = strawberry.field(description="A short description in plain text; null for none.")
    long_description: str | None = strawberry.field(
        description="The full description: HTML with safe tags only; null for none."
    )
    price: Money = strawberry.field(description="The base price; see `priceRange` for variants.")
    brand: str | None = strawberry.field(description="The brand of the product; null for none.")
    model: str | None = strawberry.field(description="The manufacturer's name or number; null for none.")
    tags: list[str] = strawberry.field(description="Free keywords.")
    sku: str | None = strawberry.field(description="The stock-keeping unit; null for a product with variants.")
    is_tracked: bool = strawberry.field(description="Whether the stock of a product without variants is counted.")
    is_active: bool = strawberry.field(description="Whether the product is published.")
    is_featured: bool = strawberry.field(description="Whether the storefront highlights it.")
    view_count: int = strawberry.field(description="The number of views, updated with a short delay.")
    rating: Decimal = strawberry.field(
        description="The mean rating of published reviews with two decimals; 0 without any."
    )
    review_count: int = strawberry.field(description="The number of published reviews.")
    created_at: datetime = strawberry.field(description="The time of its creation.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    category_id: UUID = strawberry.field(description="The category that contains the product.")
    category: Category = relation(
        "category_id", load_categories, description="The category that contains the product."
    )
    attributes: list[ProductAttribute] = relation(
        "id", load_attributes, many=True, description="The attributes and their values, in the order they were set."
    )
    variants: list[ProductVariant] = relation(
        "id", load_variants, many=True, description="The variants in display order; customers see those for sale."
    )
    price_range: PriceRange = relation(
        "price_key",
        load_price_ranges,
        description="The lowest and highest price of its variants for sale, or its own price.",
    )
    stock: int = relation(
        "id", load_product_stock, description="The number of available units of all variants for sale."
    )
    is_in_stock: bool = relation(
        "availability_key",
        load_product_availability,
        description="Whether the product or one of its variants can be bought now.",
    )
    inventory: Item | None = relation(
        "id",
        load_own_items,
        guard=SEES_STOCK,
        description="The stock of a product without variants; null with variants or when it was never stocked.",
    )
    reviews: Connection[Annotated["Review", strawberry.lazy("gateway.graphql.review.types")]] = relation(
        "id", load_review_pages, page=True, description="The published reviews, newest first."
    )

    @computed
    def images(self) -> list[Image]:
        """The images in their order; the first is the main image."""
        return _images(self)

    @computed
    def image(self) -> Image | None:
        """The first image; null without any."""
        return next(iter(_images(self)), None)

    @computed
    def base_price(self) -> Money:
        """The price that the modifiers of variants are added to."""
        return self.price

    @computed
    def compare_at_price(self) -> Money | None:
        """The higher price that is shown struck through; null for none."""
        return self.compare_at
