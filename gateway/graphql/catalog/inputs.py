"""What the catalogue's mutations take."""

from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry import UNSET

from domains.catalog.categories.attributes import AttributeRule
from domains.catalog.models import AttributeType
from gateway.graphql.catalog import types  # noqa: F401 - it describes the enums used here


@strawberry.input(description="One attribute of a product.")
class ProductAttributeInput:
    """A name and its value."""

    name: str = strawberry.field(description="Its name; one that the category asks for, or any other.")
    value: str = strawberry.field(description="Its value, as text.")
    unit: str | None = strawberry.field(default=None, description="The unit of the value, such as `cm`.")


@strawberry.input(description="One choice that makes a variant what it is.")
class VariantOptionInput:
    """A name and its value."""

    name: str = strawberry.field(description="What is chosen, such as `Size`.")
    value: str = strawberry.field(description="The choice, such as `XL`.")


@strawberry.input(description="A variant to be made.")
class NewVariantInput:
    """What a variant is made of."""

    sku: str = strawberry.field(description="What it is stocked and sold under, unique in the company.")
    name: str | None = strawberry.field(default=UNSET, description="Its name; by default made of its options.")
    options: list[VariantOptionInput] | None = strawberry.field(
        default=UNSET, description="The choices that make it, at most three."
    )
    color: str | None = strawberry.field(default=UNSET, description="Its colour; by default the option of that name.")
    size: str | None = strawberry.field(default=UNSET, description="Its size; by default the option of that name.")
    price_modifier: Decimal | None = strawberry.field(
        default=UNSET, description="What it adds to the product's base price; 0 by default."
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET, description="A higher price to compare with; by default the product's, with the modifier."
    )
    images: list[str] | None = strawberry.field(default=UNSET, description="The URLs of its pictures.")
    is_tracked: bool | None = strawberry.field(default=UNSET, description="Whether its stock is counted; true.")
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether it is on sale; true by default.")
    display_order: int | None = strawberry.field(
        default=UNSET, description="Where it stands among the variants; by default last."
    )
    stock: int | None = strawberry.field(
        default=UNSET, description="How many there are to begin with; asks for INVENTORY:UPDATE too."
    )


@strawberry.input(description="A product to be made.")
class ProductCreateInput:
    """What a product is made of."""

    name: str = strawberry.field(description="Its name.")
    category_id: UUID = strawberry.field(description="The category it stands in.")
    base_price: Decimal = strawberry.field(description="What it costs, in the company's currency.")
    slug: str | None = strawberry.field(default=UNSET, description="Its name in URLs; by default made of its name.")
    description: str | None = strawberry.field(default=UNSET, description="What it is, in a few lines of plain text.")
    long_description: str | None = strawberry.field(default=UNSET, description="All there is to say, as HTML.")
    compare_at_price: Decimal | None = strawberry.field(default=UNSET, description="A higher price to compare with.")
    images: list[str] | None = strawberry.field(default=UNSET, description="The URLs of its pictures, at most 250.")
    brand: str | None = strawberry.field(default=UNSET, description="The brand it is sold under.")
    model: str | None = strawberry.field(default=UNSET, description="What its maker calls it.")
    tags: list[str] | None = strawberry.field(default=UNSET, description="Free words to mark it with.")
    sku: str | None = strawberry.field(default=UNSET, description="What it is sold under, without variants.")
    is_tracked: bool | None = strawberry.field(default=UNSET, description="Whether its stock is counted; true.")
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether it is published; true by default.")
    is_featured: bool | None = strawberry.field(default=UNSET, description="Whether to point it out; false.")
    attributes: list[ProductAttributeInput] | None = strawberry.field(
        default=UNSET, description="What it tells about itself; what its category requires must be there."
    )
    variants: list[NewVariantInput] | None = strawberry.field(
        default=UNSET, description="The forms it is sold in; the product then has no SKU of its own."
    )
    stock: int | None = strawberry.field(
        default=UNSET, description="How many there are of its own SKU to begin with; asks for INVENTORY:UPDATE too."
    )


@strawberry.input(description="What to change of a product; what is left out stays.")
class ProductUpdateInput:
    """A product and its changes."""

    id: UUID = strawberry.field(description="Which product.")
    name: str | None = strawberry.field(default=UNSET, description="Its name. The slug stays.")
    category_id: UUID | None = strawberry.field(default=UNSET, description="The category it stands in.")
    base_price: Decimal | None = strawberry.field(default=UNSET, description="What it costs.")
    slug: str | None = strawberry.field(default=UNSET, description="Its name in URLs.")
    description: str | None = strawberry.field(default=UNSET, description="What it is, in a few lines of plain text.")
    long_description: str | None = strawberry.field(default=UNSET, description="All there is to say, as HTML.")
    compare_at_price: Decimal | None = strawberry.field(default=UNSET, description="A higher price to compare with.")
    images: list[str] | None = strawberry.field(default=UNSET, description="The URLs of all its pictures.")
    brand: str | None = strawberry.field(default=UNSET, description="The brand it is sold under.")
    model: str | None = strawberry.field(default=UNSET, description="What its maker calls it.")
    tags: list[str] | None = strawberry.field(default=UNSET, description="All words to mark it with.")
    sku: str | None = strawberry.field(default=UNSET, description="What it is sold under. Its stock follows.")
    is_tracked: bool | None = strawberry.field(default=UNSET, description="Whether its stock is counted.")
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether it is published.")
    is_featured: bool | None = strawberry.field(default=UNSET, description="Whether to point it out.")
    attributes: list[ProductAttributeInput] | None = strawberry.field(
        default=UNSET, description="All its attributes: they replace those it had."
    )


@strawberry.input(description="The attributes of a product, all of them.")
class ProductAttributesSetInput:
    """A product and its attributes."""

    product_id: UUID = strawberry.field(description="Which product.")
    attributes: list[ProductAttributeInput] = strawberry.field(description="They replace those it had.")


@strawberry.input(description="A variant to be added to a product.")
class ProductVariantCreateInput(NewVariantInput):
    """A product and its new variant."""

    product_id: UUID = strawberry.field(description="The product it is a form of.")


@strawberry.input(description="What to change of a variant; what is left out stays.")
class ProductVariantUpdateInput:
    """A variant and its changes."""

    id: UUID = strawberry.field(description="Which variant.")
    sku: str | None = strawberry.field(default=UNSET, description="What it is sold under. Its stock follows.")
    name: str | None = strawberry.field(default=UNSET, description="Its name.")
    options: list[VariantOptionInput] | None = strawberry.field(default=UNSET, description="All its choices.")
    color: str | None = strawberry.field(default=UNSET, description="Its colour.")
    size: str | None = strawberry.field(default=UNSET, description="Its size.")
    price_modifier: Decimal | None = strawberry.field(default=UNSET, description="What it adds to the base price.")
    compare_at_price: Decimal | None = strawberry.field(default=UNSET, description="A higher price to compare with.")
    images: list[str] | None = strawberry.field(default=UNSET, description="The URLs of all its pictures.")
    is_tracked: bool | None = strawberry.field(default=UNSET, description="Whether its stock is counted.")
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether it is on sale.")
    display_order: int | None = strawberry.field(default=UNSET, description="Where it stands among the variants.")


@strawberry.input(description="A category to be made.")
class CategoryCreateInput:
    """What a category is made of."""

    name: str = strawberry.field(description="Its name.")
    slug: str | None = strawberry.field(default=UNSET, description="Its name in URLs; by default made of its name.")
    parent_id: UUID | None = strawberry.field(default=UNSET, description="The category it stands under, if any.")
    description: str | None = strawberry.field(default=UNSET, description="What stands in it.")
    image_url: str | None = strawberry.field(default=UNSET, description="A picture of it.")
    icon: str | None = strawberry.field(default=UNSET, description="The name of an icon.")
    display_order: int | None = strawberry.field(default=UNSET, description="Where it stands, lowest first; 0.")
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether customers see it; true by default.")
    is_featured: bool | None = strawberry.field(default=UNSET, description="Whether to point it out; false.")


@strawberry.input(description="What to change of a category; what is left out stays.")
class CategoryUpdateInput:
    """A category and its changes."""

    id: UUID = strawberry.field(description="Which category.")
    name: str | None = strawberry.field(default=UNSET, description="Its name. The slug stays.")
    slug: str | None = strawberry.field(default=UNSET, description="Its name in URLs.")
    description: str | None = strawberry.field(default=UNSET, description="What stands in it.")
    image_url: str | None = strawberry.field(default=UNSET, description="A picture of it.")
    icon: str | None = strawberry.field(default=UNSET, description="The name of an icon.")
    display_order: int | None = strawberry.field(default=UNSET, description="Where it stands, lowest first.")
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether customers see it.")
    is_featured: bool | None = strawberry.field(default=UNSET, description="Whether to point it out.")


@strawberry.input(description="Where a category is to stand.")
class CategoryMoveInput:
    """A category and its new parent."""

    id: UUID = strawberry.field(description="Which category; all below it comes along.")
    parent_id: UUID | None = strawberry.field(
        default=UNSET, description="The category to stand under. It must be said: null makes it a root."
    )


@strawberry.input(description="Which category to delete.")
class CategoryDeleteInput:
    """A category, and where its products go."""

    id: UUID = strawberry.field(description="Which category. It must have no sub-categories.")
    move_products_to: UUID | None = strawberry.field(
        default=None, description="The category that takes its products, archived ones too."
    )


@strawberry.input(description="Something to ask of the products of a category.")
class CategoryAttributeCreateInput:
    """A category and its new attribute."""

    category_id: UUID = strawberry.field(description="The category; all below it inherits the attribute.")
    name: str = strawberry.field(description="Its name, unique in the category.")
    type: AttributeType = strawberry.field(default=AttributeType.TEXT, description="What kind of value it takes.")
    unit: str | None = strawberry.field(default=None, description="The unit of its values, such as `cm`.")
    is_required: bool = strawberry.field(default=False, description="Whether every product must have it.")
    is_filterable: bool = strawberry.field(default=False, description="Whether lists can be filtered by it.")
    options: list[str] = strawberry.field(default_factory=list, description="What can be chosen, for type SELECT.")

    def rule(self) -> AttributeRule:
        """The rule it makes."""
        return AttributeRule(self.name, self.type, self.is_required, self.is_filterable, tuple(self.options))


@strawberry.input(description="An attribute as it is to be; every field is written.")
class CategoryAttributeUpdateInput:
    """An attribute and what it becomes."""

    id: UUID = strawberry.field(description="Which attribute.")
    name: str = strawberry.field(description="Its name, unique in the category.")
    type: AttributeType = strawberry.field(description="What kind of value it takes.")
    unit: str | None = strawberry.field(default=None, description="The unit of its values, such as `cm`.")
    is_required: bool = strawberry.field(description="Whether every product must have it.")
    is_filterable: bool = strawberry.field(description="Whether lists can be filtered by it.")
    options: list[str] = strawberry.field(default_factory=list, description="What can be chosen, for type SELECT.")

    def rule(self) -> AttributeRule:
        """The rule it becomes."""
        return AttributeRule(self.name, self.type, self.is_required, self.is_filterable, tuple(self.options))


@strawberry.input(description="Which product to delete.")
class ProductDeleteInput:
    """An id."""

    id: UUID = strawberry.field(description="Which product.")


@strawberry.input(description="Which product to publish.")
class ProductPublishInput:
    """An id."""

    id: UUID = strawberry.field(description="Which product.")


@strawberry.input(description="Which product to hide from customers.")
class ProductUnpublishInput:
    """An id."""

    id: UUID = strawberry.field(description="Which product.")


@strawberry.input(description="Which variant to delete.")
class ProductVariantDeleteInput:
    """An id."""

    id: UUID = strawberry.field(description="Which variant; it must never have been stocked or sold.")


@strawberry.input(description="Which attribute to ask no more.")
class CategoryAttributeDeleteInput:
    """An id."""

    id: UUID = strawberry.field(description="Which attribute.")
