"""Types of products and variants, which show the domain's models."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.catalog import models
from domains.catalog.products.product_values import ProductValues
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.answers.dependencies import ON_REVIEWS, Dependency, Kind
from gateway.graphql.catalog.category_types import Category
from gateway.graphql.catalog.images import Image, images_of
from gateway.graphql.catalog.loaders import (
    AVAILABILITY_OF_VARIANT,
    UNITS_OF_VARIANT,
    load_attributes,
    load_categories,
    load_descriptions,
    load_long_descriptions,
    load_own_items,
    load_price_ranges,
    load_product_availability,
    load_product_stock,
    load_products,
    load_units,
    load_variants,
    load_view_counts,
)
from gateway.graphql.core.fields import computed, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.pagination import Connection
from gateway.graphql.core.scalars import Money
from gateway.graphql.review.loaders import load_review_pages
from gateway.graphql.shipping.profiles.loaders import load_profiles_of_products
from gateway.graphql.shipping.profiles.types import ShippingProfile
from gateway.graphql.tax.loaders import load_classes_of_products
from gateway.graphql.tax.types import TaxClass

if TYPE_CHECKING:
    from gateway.graphql.inventory.types import InventoryItem
    from gateway.graphql.review.types import Review

SEES_TAXES = requires(PermissionResource.PRODUCTS, PermissionAction.READ) | requires(
    PermissionResource.SETTINGS, PermissionAction.READ
)
SEES_SHIPPING = SEES_TAXES
SEES_STOCK = requires(PermissionResource.INVENTORY, PermissionAction.READ)
VARIANT_STOCK = Dependency(Kind.STOCK, by="product_id")
PRODUCT_STOCK = Dependency(Kind.STOCK, by="id")
Item = Annotated["InventoryItem", strawberry.lazy("gateway.graphql.inventory.types")]


@strawberry.type(
    description="The lowest and the highest price at which a product is for sale, per unit before discounts."
)
class PriceRange:
    """A range of prices in one currency."""

    lowest: Money = strawberry.field(
        description="The price of the cheapest variant for sale, or of a product without variants."
    )
    highest: Money = strawberry.field(
        description="The price of the most expensive variant for sale; equal to `lowest` when all cost the same."
    )


@strawberry.type(description="A property of a product with its value, such as Material: Wool.")
class ProductAttribute(Node, model=models.ProductAttribute):
    """One attribute of a product."""

    name: str = strawberry.field(
        description="The name, such as `Material`, spelled as in the category when the category defines it."
    )
    value: str = strawberry.field(description="The value as text, whatever its type: `true`, `12.5`, `Wool`.")
    unit: str | None = strawberry.field(description="The unit of the value, such as `cm`; null when it has none.")


@strawberry.type(
    description="A property that distinguishes a variant from the others of its product, such as Size: XL."
)
class VariantOption:
    """One option of a variant."""

    name: str = strawberry.field(description="The name of the option, such as `Size`; unique in the variant.")
    value: str = strawberry.field(description="The value that this variant has, such as `XL`.")


@strawberry.type(
    description="A form of a product that is sold and counted by a SKU of its own, such as one size and colour."
)
class ProductVariant(Node, model=models.Variant, depends_on=Dependency(Kind.PRODUCT, by="product_id")):
    """A variant of a product."""

    modifier: strawberry.Private[Money]
    compare_at: strawberry.Private[Money | None]

    product_id: UUID = strawberry.field(description="The id of the product that the variant belongs to.")
    sku: str = strawberry.field(description="The stock-keeping unit by which it is counted, unique in the company.")
    name: str = strawberry.field(
        description=(
            "The name beside that of the product; the values of the options unless staff set another, "
            "such as `Red / XL`."
        )
    )
    options: list[VariantOption] = strawberry.field(
        description=(
            "What distinguishes the variant from the others of its product, at most three; empty when nothing does."
        )
    )
    color: str | None = strawberry.field(description="The value of its option named Color; null when there is none.")
    size: str | None = strawberry.field(description="The value of its option named Size; null when there is none.")
    price: Money = strawberry.field(
        description="The price of one unit before discounts: the product's `basePrice` plus `priceModifier`."
    )
    is_tracked: bool = strawberry.field(
        description="Whether the stock is counted. A variant that is not tracked can always be bought."
    )
    is_active: bool = strawberry.field(
        description="Whether the variant is for sale. Customers see active variants only."
    )
    display_order: int = strawberry.field(description="The position among the variants of the product, lowest first.")
    weight: Decimal | None = strawberry.field(
        description="The weight of one unit in kilograms, its own or that of the product; null when it is unknown."
    )
    length: Decimal | None = strawberry.field(
        description="The length of one unit in centimetres, its own or that of the product; null when it is unknown."
    )
    width: Decimal | None = strawberry.field(
        description="The width of one unit in centimetres, its own or that of the product; null when it is unknown."
    )
    height: Decimal | None = strawberry.field(
        description="The height of one unit in centimetres, its own or that of the product; null when it is unknown."
    )
    created_at: datetime = strawberry.field(description="When staff or an import created the variant.")
    updated_at: datetime = strawberry.field(description="When a field of the variant was last changed.")
    stock: int = relation(
        "stock_key",
        load_units,
        derived=UNITS_OF_VARIANT,
        volatile=True,
        depends_on=VARIANT_STOCK,
        description="The number of available units, without reserved ones; 0 when the stock is not tracked.",
    )
    is_in_stock: bool = relation(
        "availability_key",
        load_units,
        derived=AVAILABILITY_OF_VARIANT,
        volatile=True,
        depends_on=VARIANT_STOCK,
        description="Whether at least one unit is available, or the stock is not tracked.",
    )
    product: "Product | None" = relation(
        "product_id",
        load_products,
        description="The product that the variant belongs to; null when you may not see it.",
    )

    @computed
    def images(self) -> list[Image]:
        """The variant's own images in display order; empty when it has none, then show those of the product."""
        return images_of(self)

    @computed
    def image(self) -> Image | None:
        """The first of the variant's own images; null when it has none."""
        return next(iter(images_of(self)), None)

    @computed
    def price_modifier(self) -> Money:
        """The amount that is added to the product's `basePrice`; negative for a cheaper variant."""
        return self.modifier

    @computed
    def compare_at_price(self) -> Money | None:
        """The former or recommended price of one unit, to show struck through; null when there is none."""
        return self.compare_at


@strawberry.type(
    description=("A product that the company sells, by itself or in variants. Customers see published products only.")
)
class Product(Node, model=ProductValues, depends_on=Dependency(Kind.PRODUCT, by="id"), revision="revision"):
    """A product."""

    compare_at: strawberry.Private[Money | None]

    name: str = strawberry.field(description="The name that customers see; plain text of at most 255 characters.")
    slug: str = strawberry.field(
        description="The readable part of the URL in lower case, unique among the products of the company."
    )
    description: str | None = relation(
        "id",
        load_descriptions,
        known="known_description",
        volatile=True,
        description="A short description in plain text, at most 5,000 characters; null when there is none.",
    )
    long_description: str | None = relation(
        "id",
        load_long_descriptions,
        known="known_long_description",
        volatile=True,
        description=(
            "The full description as HTML with safe tags only, at most 50,000 characters; null when there is none."
        ),
    )
    price: Money = strawberry.field(
        description="The price of one unit before discounts; with variants their base price, see `priceRange`."
    )
    brand: str | None = strawberry.field(
        description="The brand by which customers can filter; null when there is none."
    )
    model: str | None = strawberry.field(
        description="The manufacturer's name or number of the model; null when there is none."
    )
    tags: list[str] = strawberry.field(
        description="Keywords by which the search finds the product; empty when there are none."
    )
    sku: str | None = strawberry.field(
        description=(
            "The stock-keeping unit of a product without variants, unique in the company; null when its "
            "variants have SKUs or it has none."
        )
    )
    is_tracked: bool = strawberry.field(
        description="Whether the stock of a product without variants is counted. If not, it can always be bought."
    )
    is_active: bool = strawberry.field(
        description="Whether the product is published. Only staff see products for which this is false."
    )
    is_featured: bool = strawberry.field(
        description="Whether the storefront should highlight the product, such as on its home page."
    )
    is_gift_card: bool = strawberry.field(
        description=(
            "Whether each unit is a gift card of its price: it is sold without tax, discounts and shipping, and its "
            "code is sent to the buyer by e-mail once the order is paid."
        )
    )
    weight: Decimal | None = strawberry.field(
        description="The weight of one unit in kilograms; null when it is unknown."
    )
    length: Decimal | None = strawberry.field(
        description="The length of one unit in centimetres; null when it is unknown."
    )
    width: Decimal | None = strawberry.field(
        description="The width of one unit in centimetres; null when it is unknown."
    )
    height: Decimal | None = strawberry.field(
        description="The height of one unit in centimetres; null when it is unknown."
    )
    requires_shipping: bool = strawberry.field(
        description=(
            "Whether it is shipped; false for a download, a service or a gift card, which need no address and "
            "cost no shipping."
        )
    )
    tax_class: TaxClass | None = relation(
        "id",
        load_classes_of_products,
        guard=SEES_TAXES,
        description=(
            "The class whose tax rates it has; null for the company's default class. Requires PRODUCTS:READ or "
            "SETTINGS:READ."
        ),
    )
    shipping_profile: ShippingProfile | None = relation(
        "id",
        load_profiles_of_products,
        guard=SEES_SHIPPING,
        description=(
            "The profile by which shipping methods carry it; null for the company's default profile. Requires "
            "PRODUCTS:READ or SETTINGS:READ."
        ),
    )
    view_count: int = relation(
        "id",
        load_view_counts,
        known="known_view_count",
        volatile=True,
        description=(
            "The number of views, each visitor counted once in 30 minutes. It is updated with a short delay."
        ),
    )
    rating: Decimal = strawberry.field(
        description="The mean rating of the published reviews, from 1 to 5 with two decimals; 0 without reviews."
    )
    review_count: int = strawberry.field(
        description="The number of published reviews, from which `rating` is computed."
    )
    created_at: datetime = strawberry.field(description="When staff or an import created the product.")
    updated_at: datetime = strawberry.field(description="When a field of the product was last changed.")
    category_id: UUID = strawberry.field(description="The id of the category that the product belongs to.")
    category: Category = relation(
        "category_id",
        load_categories,
        known="category",
        stable=True,
        description="The category that the product belongs to.",
    )
    attributes: list[ProductAttribute] = relation(
        "id",
        load_attributes,
        many=True,
        known="attributes",
        stable=True,
        description="The attributes with their values, in the order in which they were set.",
    )
    variants: list[ProductVariant] = relation(
        "id",
        load_variants,
        many=True,
        known="variants",
        stable=True,
        description=(
            "The variants in display order; empty for a product without variants. Customers see active ones only."
        ),
    )
    price_range: PriceRange = relation(
        "price_key",
        load_price_ranges,
        known="price_range",
        stable=True,
        description="The lowest and the highest price of its active variants, or its own price without variants.",
    )
    stock: int = relation(
        "stock_key",
        load_product_stock,
        volatile=True,
        depends_on=PRODUCT_STOCK,
        description=(
            "The number of available units of all active variants, or of its own SKU; reserved units are "
            "not included."
        ),
    )
    is_in_stock: bool = relation(
        "stock_key",
        load_product_availability,
        volatile=True,
        depends_on=PRODUCT_STOCK,
        description="Whether at least one unit of the product or of an active variant can be bought now.",
    )
    inventory: Item | None = relation(
        "id",
        load_own_items,
        guard=SEES_STOCK,
        description=(
            "The stock of a product without variants; null with variants, or before its SKU was first "
            "stocked. Requires INVENTORY:READ."
        ),
    )
    reviews: Connection[Annotated["Review", strawberry.lazy("gateway.graphql.review.types")]] = relation(
        "id",
        load_review_pages,
        page=True,
        depends_on=ON_REVIEWS,
        description="The published reviews, newest first.",
    )

    @computed
    def images(self) -> list[Image]:
        """The images in display order; the first is the main image. Empty when there are none."""
        return images_of(self)

    @computed
    def image(self) -> Image | None:
        """The main image, the first of `images`; null when there is none."""
        return next(iter(images_of(self)), None)

    @computed
    def base_price(self) -> Money:
        """The price of one unit to which the modifiers of variants are added. The same as `price`."""
        return self.price

    @computed
    def compare_at_price(self) -> Money | None:
        """The former or recommended price of one unit, to show struck through; null when there is none."""
        return self.compare_at
