"""Inputs of the catalogue's mutations."""

from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry import UNSET

from domains.catalog.categories.attributes import AttributeRule
from domains.catalog.models import AttributeType
from gateway.graphql.catalog import types  # noqa: F401 - it describes the enums used here

IMAGES = "All images, in their order, at most 250. They replace the current ones; the first is the main image."


@strawberry.input(description="An image by its URL.")
class ImageInput:
    """An image."""

    url: str = strawberry.field(
        description="Location of the image: an absolute URL, or a path on the shop's own host that begins with `/`."
    )
    alt_text: str | None = strawberry.field(
        default=None, description="The text for screen readers; at most 512 characters."
    )


@strawberry.input(description="An attribute of a product.")
class ProductAttributeInput:
    """A name and its value."""

    name: str = strawberry.field(description="One that the category defines, or any other, such as `Material`.")
    value: str = strawberry.field(description="The value, as text.")
    unit: str | None = strawberry.field(default=None, description="The unit of the value, such as `cm`.")


@strawberry.input(description="An option of a variant, such as Size: XL.")
class VariantOptionInput:
    """A name and its value."""

    name: str = strawberry.field(description="The option, such as `Size`.")
    value: str = strawberry.field(description="The value of the option, such as `XL`.")


@strawberry.input(description="A new variant.")
class NewVariantInput:
    """The fields of a new variant."""

    sku: str = strawberry.field(description="The stock-keeping unit, unique in the company.")
    name: str | None = strawberry.field(
        default=UNSET, description="By default the values of the options: `Red / XL`."
    )
    options: list[VariantOptionInput] | None = strawberry.field(
        default=UNSET, description="At most three, which distinguish it from other variants."
    )
    color: str | None = strawberry.field(
        default=UNSET, description="By default the value of the option with this name."
    )
    size: str | None = strawberry.field(
        default=UNSET, description="By default the value of the option with this name."
    )
    price_modifier: Decimal | None = strawberry.field(
        default=UNSET, description="The amount added to the product's base price; 0 by default."
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET,
        description="A higher price that is shown struck through; by default the product's plus the modifier.",
    )
    images: list[ImageInput] | None = strawberry.field(default=UNSET, description=IMAGES)
    is_tracked: bool | None = strawberry.field(
        default=UNSET, description="Whether the stock is counted; true by default."
    )
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether the variant is for sale; true by default."
    )
    display_order: int | None = strawberry.field(
        default=UNSET, description="The position among the variants; last by default."
    )
    stock: int | None = strawberry.field(
        default=UNSET, description="The initial number of units; also requires INVENTORY:UPDATE."
    )


@strawberry.input(description="A new product.")
class ProductCreateInput:
    """The fields of a new product."""

    name: str = strawberry.field(description="The name that customers see; at most 255 characters.")
    category_id: UUID = strawberry.field(description="The category that contains the product.")
    base_price: Decimal = strawberry.field(
        description="The price in the company's currency; modifiers of variants are added to it."
    )
    slug: str | None = strawberry.field(
        default=UNSET, description="The readable part of the URL; generated from the name by default."
    )
    description: str | None = strawberry.field(default=UNSET, description="A short description in plain text.")
    long_description: str | None = strawberry.field(default=UNSET, description="The full description as HTML.")
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET, description="A higher price that is shown struck through."
    )
    images: list[ImageInput] | None = strawberry.field(default=UNSET, description=IMAGES)
    brand: str | None = strawberry.field(default=UNSET, description="The brand name; customers can filter by it.")
    model: str | None = strawberry.field(
        default=UNSET, description="The manufacturer's name or number of the product."
    )
    tags: list[str] | None = strawberry.field(default=UNSET, description="Free keywords.")
    sku: str | None = strawberry.field(
        default=UNSET, description="The stock-keeping unit of a product without variants."
    )
    is_tracked: bool | None = strawberry.field(
        default=UNSET, description="Whether the stock is counted; true by default."
    )
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether customers see the product; true by default."
    )
    is_featured: bool | None = strawberry.field(
        default=UNSET, description="Whether the storefront highlights it; false by default."
    )
    attributes: list[ProductAttributeInput] | None = strawberry.field(
        default=UNSET, description="The attributes, including those that the category requires."
    )
    variants: list[NewVariantInput] | None = strawberry.field(
        default=UNSET, description="The variants; a product with variants has no SKU of its own."
    )
    stock: int | None = strawberry.field(
        default=UNSET, description="The initial number of units of its own SKU; also requires INVENTORY:UPDATE."
    )


@strawberry.input(description="Changes to a product. Omitted fields do not change.")
class ProductUpdateInput:
    """A product and its changes."""

    id: UUID = strawberry.field(description="The id of the product to change.")
    name: str | None = strawberry.field(default=UNSET, description="The displayed name. The slug does not change.")
    category_id: UUID | None = strawberry.field(default=UNSET, description="The category that contains the product.")
    base_price: Decimal | None = strawberry.field(default=UNSET, description="The price in the company's currency.")
    slug: str | None = strawberry.field(default=UNSET, description="The readable part of the URL.")
    description: str | None = strawberry.field(default=UNSET, description="A short description in plain text.")
    long_description: str | None = strawberry.field(default=UNSET, description="The full description as HTML.")
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET, description="A higher price that is shown struck through."
    )
    images: list[ImageInput] | None = strawberry.field(default=UNSET, description=IMAGES)
    brand: str | None = strawberry.field(default=UNSET, description="The brand name; customers can filter by it.")
    model: str | None = strawberry.field(
        default=UNSET, description="The manufacturer's name or number of the product."
    )
    tags: list[str] | None = strawberry.field(
        default=UNSET, description="All keywords. They replace the current ones."
    )
    sku: str | None = strawberry.field(
        default=UNSET, description="The new stock-keeping unit. The stock moves with it."
    )
    is_tracked: bool | None = strawberry.field(default=UNSET, description="Whether the stock is counted.")
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether customers see the product.")
    is_featured: bool | None = strawberry.field(default=UNSET, description="Whether the storefront highlights it.")
    attributes: list[ProductAttributeInput] | None = strawberry.field(
        default=UNSET, description="All attributes. They replace the current ones."
    )


@strawberry.input(description="All attributes of a product.")
class ProductAttributesSetInput:
    """A product and its attributes."""

    product_id: UUID = strawberry.field(description="The id of the product whose attributes are replaced.")
    attributes: list[ProductAttributeInput] = strawberry.field(
        description="All attributes. They replace the current ones."
    )


@strawberry.input(description="The variant to add to a product.")
class ProductVariantCreateInput(NewVariantInput):
    """A product and its new variant."""

    product_id: UUID = strawberry.field(description="The product that gets the variant.")


@strawberry.input(description="Changes to a variant. Omitted fields do not change.")
class ProductVariantUpdateInput:
    """A variant and its changes."""

    id: UUID = strawberry.field(description="The id of the variant to change.")
    sku: str | None = strawberry.field(
        default=UNSET, description="The new stock-keeping unit. The stock moves with it."
    )
    name: str | None = strawberry.field(
        default=UNSET, description="The name that customers see beside that of the product."
    )
    options: list[VariantOptionInput] | None = strawberry.field(
        default=UNSET, description="All options. They replace the current ones."
    )
    color: str | None = strawberry.field(
        default=UNSET, description="The value of the option named Color; null for none."
    )
    size: str | None = strawberry.field(
        default=UNSET, description="The value of the option named Size; null for none."
    )
    price_modifier: Decimal | None = strawberry.field(
        default=UNSET, description="The amount added to the product's base price."
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET, description="A higher price that is shown struck through."
    )
    images: list[ImageInput] | None = strawberry.field(default=UNSET, description=IMAGES)
    is_tracked: bool | None = strawberry.field(default=UNSET, description="Whether the stock is counted.")
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether the variant is for sale.")
    display_order: int | None = strawberry.field(
        default=UNSET, description="The position among the variants, lowest first."
    )


@strawberry.input(description="A new category.")
class CategoryCreateInput:
    """The fields of a new category."""

    name: str = strawberry.field(description="The name that customers see in menus; at most 255 characters.")
    slug: str | None = strawberry.field(
        default=UNSET, description="The readable part of the URL; generated from the name by default."
    )
    parent_id: UUID | None = strawberry.field(default=UNSET, description="The category above it; null for the root.")
    description: str | None = strawberry.field(default=UNSET, description="A description for customers.")
    image: ImageInput | None = strawberry.field(default=UNSET, description="The image; null for none.")
    icon: str | None = strawberry.field(default=UNSET, description="The name of an icon in the storefront.")
    display_order: int | None = strawberry.field(
        default=UNSET, description="The position among its siblings, lowest first; 0 by default."
    )
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether customers see the category; true by default."
    )
    is_featured: bool | None = strawberry.field(
        default=UNSET, description="Whether the storefront highlights it; false by default."
    )


@strawberry.input(description="Changes to a category. Omitted fields do not change.")
class CategoryUpdateInput:
    """A category and its changes."""

    id: UUID = strawberry.field(description="The id of the category to change.")
    name: str | None = strawberry.field(default=UNSET, description="The displayed name. The slug does not change.")
    slug: str | None = strawberry.field(default=UNSET, description="The readable part of the URL.")
    description: str | None = strawberry.field(default=UNSET, description="A description for customers.")
    image: ImageInput | None = strawberry.field(default=UNSET, description="The image; null for none.")
    icon: str | None = strawberry.field(default=UNSET, description="The name of an icon in the storefront.")
    display_order: int | None = strawberry.field(
        default=UNSET, description="The position among its siblings, lowest first."
    )
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether customers see the category.")
    is_featured: bool | None = strawberry.field(default=UNSET, description="Whether the storefront highlights it.")


@strawberry.input(description="The category to move and its new parent.")
class CategoryMoveInput:
    """A category and its new parent."""

    id: UUID = strawberry.field(description="The category; its descendants move with it.")
    parent_id: UUID | None = strawberry.field(
        default=UNSET, description="The new parent. Required: null moves the category to the root."
    )


@strawberry.input(description="The category to delete.")
class CategoryDeleteInput:
    """A category, and the target of its products."""

    id: UUID = strawberry.field(description="The category; it must have no children.")
    move_products_to: UUID | None = strawberry.field(
        default=None, description="The category that its products move to, including archived ones."
    )


@strawberry.input(description="An attribute to define for the products of a category.")
class CategoryAttributeCreateInput:
    """A category and its new attribute."""

    category_id: UUID = strawberry.field(description="The category; its descendants inherit the attribute.")
    name: str = strawberry.field(description="Unique in the category, such as `Material`.")
    type: AttributeType = strawberry.field(default=AttributeType.TEXT, description="The type of the values.")
    unit: str | None = strawberry.field(default=None, description="The unit of the values, such as `cm`.")
    is_required: bool = strawberry.field(default=False, description="Whether every product must have the attribute.")
    is_filterable: bool = strawberry.field(
        default=False, description="Whether lists of products can be filtered by the attribute."
    )
    options: list[str] = strawberry.field(default_factory=list, description="The allowed values of type SELECT.")

    def rule(self) -> AttributeRule:
        """The domain's AttributeRule."""
        return AttributeRule(self.name, self.type, self.is_required, self.is_filterable, tuple(self.options))


@strawberry.input(description="The new definition of an attribute. Every field is replaced.")
class CategoryAttributeUpdateInput:
    """An attribute and its new definition."""

    id: UUID = strawberry.field(description="The id of the definition to change, from `Category.attributes`.")
    name: str = strawberry.field(description="Unique in the category, such as `Material`.")
    type: AttributeType = strawberry.field(description="The type of the values.")
    unit: str | None = strawberry.field(default=None, description="The unit of the values, such as `cm`.")
    is_required: bool = strawberry.field(description="Whether every product must have the attribute.")
    is_filterable: bool = strawberry.field(description="Whether lists of products can be filtered by the attribute.")
    options: list[str] = strawberry.field(default_factory=list, description="The allowed values of type SELECT.")

    def rule(self) -> AttributeRule:
        """The domain's AttributeRule."""
        return AttributeRule(self.name, self.type, self.is_required, self.is_filterable, tuple(self.options))


@strawberry.input(description="The product to delete.")
class ProductDeleteInput:
    """An id."""

    id: UUID = strawberry.field(
        description="The id of the product to archive; its slug and SKUs cannot be used again."
    )


@strawberry.input(description="The product to publish.")
class ProductPublishInput:
    """An id."""

    id: UUID = strawberry.field(description="The id of the product to show to customers.")


@strawberry.input(description="The product to hide from customers.")
class ProductUnpublishInput:
    """An id."""

    id: UUID = strawberry.field(description="The id of the product to hide from customers.")


@strawberry.input(description="The variant to delete.")
class ProductVariantDeleteInput:
    """An id."""

    id: UUID = strawberry.field(description="The variant; it must never have been stocked or sold.")


@strawberry.input(description="The definition of an attribute to delete.")
class CategoryAttributeDeleteInput:
    """An id."""

    id: UUID = strawberry.field(description="The id of the definition to remove, from `Category.attributes`.")
