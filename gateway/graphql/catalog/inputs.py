"""Inputs of the mutations of products."""

from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry import UNSET

from gateway.graphql.catalog.images import IMAGES, ImageInput
from gateway.graphql.catalog.variants.inputs import NewVariantInput

WEIGHT = (
    "The weight of one unit in kilograms, from 0 to 100,000 with at most three decimals; null when it is unknown."
)
LENGTH = (
    "The length of one unit in centimetres, above 0 to 100,000 with at most one decimal; null when it is unknown."
)
WIDTH = LENGTH.replace("length", "width")
HEIGHT = LENGTH.replace("length", "height")
SHIPPING_PROFILE = "The id of its shipping profile; null for the company's default profile."
TAX_CLASS = "The id of the class whose tax rates it has; null for the company's default class."


@strawberry.input(description="An attribute of a product. Each name can be given once.")
class ProductAttributeInput:
    """A name and its value."""

    name: str = strawberry.field(
        description="A name that the category defines, or any other, such as `Material`; at most 255 characters."
    )
    value: str = strawberry.field(
        description="The value as text, at most 500 characters. It must match the type that the category defines."
    )
    unit: str | None = strawberry.field(
        default=None,
        description="The unit of the value, such as `cm`, at most 30 characters; null or absent for none.",
    )


@strawberry.input(
    description="A product to create, with its attributes and variants. Null means the same as an absent field."
)
class ProductCreateInput:
    """The fields of a new product."""

    name: str = strawberry.field(description="The name that customers see; plain text of 1 to 255 characters.")
    category_id: UUID = strawberry.field(
        description="The id of the category that the product belongs to; its required attributes must be given."
    )
    base_price: Decimal = strawberry.field(
        description=(
            "A price per unit, from 0, in the company's currency with at most `Shop.unitPriceDecimals` "
            "decimals; the modifiers of variants are added to it."
        )
    )
    slug: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The readable part of the URL: letters, digits, hyphens and underscores, at most 255; "
            "generated from the name by default."
        ),
    )
    description: str | None = strawberry.field(
        default=UNSET, description="A short description in plain text, at most 5,000 characters; none by default."
    )
    long_description: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The full description as HTML, at most 50,000 characters; unsafe tags are removed. None by default."
        ),
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET,
        description="The price to show struck through, in the company's currency; none by default. 0 means none.",
    )
    images: list[ImageInput] | None = strawberry.field(default=UNSET, description=IMAGES)
    brand: str | None = strawberry.field(
        default=UNSET, description="The brand by which customers can filter, at most 255 characters; none by default."
    )
    model: str | None = strawberry.field(
        default=UNSET,
        description="The manufacturer's name or number of the model, at most 255 characters; none by default.",
    )
    tags: list[str] | None = strawberry.field(
        default=UNSET,
        description=(
            "Keywords for the search, at most 250 of 255 characters each; a comma separates two. None by default."
        ),
    )
    sku: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The stock-keeping unit of a product without variants, at most 100 printable characters, "
            "unique in the company. Not together with `variants`."
        ),
    )
    is_tracked: bool | None = strawberry.field(
        default=UNSET,
        description=(
            "Whether the stock of its own SKU is counted; true by default. If not, it can always be bought."
        ),
    )
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether the product is published at once; true by default."
    )
    is_featured: bool | None = strawberry.field(
        default=UNSET, description="Whether the storefront should highlight the product; false by default."
    )
    is_gift_card: bool | None = strawberry.field(
        default=UNSET,
        description=(
            "Whether each unit is sold as a gift card of its price; false by default. Its stock is never counted. "
            "This cannot change later."
        ),
    )
    tax_class_id: UUID | None = strawberry.field(default=UNSET, description=TAX_CLASS)
    weight: Decimal | None = strawberry.field(default=UNSET, description=WEIGHT)
    length: Decimal | None = strawberry.field(default=UNSET, description=LENGTH)
    width: Decimal | None = strawberry.field(default=UNSET, description=WIDTH)
    height: Decimal | None = strawberry.field(default=UNSET, description=HEIGHT)
    requires_shipping: bool | None = strawberry.field(
        default=UNSET,
        description=(
            "Whether it is shipped; true by default. False for a download or a service: it needs no address and "
            "costs no shipping. A gift card is never shipped."
        ),
    )
    shipping_profile_id: UUID | None = strawberry.field(default=UNSET, description=SHIPPING_PROFILE)
    attributes: list[ProductAttributeInput] | None = strawberry.field(
        default=UNSET,
        description=(
            "The attributes, at most 100; those that the category requires must be among them. None by default."
        ),
    )
    variants: list[NewVariantInput] | None = strawberry.field(
        default=UNSET,
        description="The variants, at most 2,000; the product then has no SKU of its own. None by default.",
    )
    stock: int | None = strawberry.field(
        default=UNSET,
        description=(
            "The initial number of available units of its own SKU, 0 to 1,000,000,000; none by default. "
            "Also requires INVENTORY:UPDATE."
        ),
    )


@strawberry.input(description="Changes to a product. Omitted fields do not change.")
class ProductUpdateInput:
    """A product and its changes."""

    id: UUID = strawberry.field(description="The id of the product to change.")
    name: str | None = strawberry.field(
        default=UNSET,
        description="The new name, plain text of 1 to 255 characters. The slug does not change with it.",
    )
    category_id: UUID | None = strawberry.field(
        default=UNSET,
        description="The id of the new category; its required attributes must be present. Null changes nothing.",
    )
    base_price: Decimal | None = strawberry.field(
        default=UNSET,
        description=(
            "A price per unit, from 0, in the company's currency with at most `Shop.unitPriceDecimals` "
            "decimals. Null is refused."
        ),
    )
    slug: str | None = strawberry.field(
        default=UNSET,
        description="The new readable part of the URL, at most 255 characters; the former stops working. Not null.",
    )
    description: str | None = strawberry.field(
        default=UNSET, description="A short description in plain text, at most 5,000 characters; null removes it."
    )
    long_description: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The full description as HTML, at most 50,000 characters; unsafe tags are removed. Null removes it."
        ),
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET,
        description="The price to show struck through, in the company's currency; null or 0 removes it.",
    )
    images: list[ImageInput] | None = strawberry.field(default=UNSET, description=IMAGES)
    brand: str | None = strawberry.field(
        default=UNSET, description="The brand by which customers can filter, at most 255 characters; null removes it."
    )
    model: str | None = strawberry.field(
        default=UNSET,
        description="The manufacturer's name or number of the model, at most 255 characters; null removes it.",
    )
    tags: list[str] | None = strawberry.field(
        default=UNSET,
        description=(
            "The complete list of keywords, at most 250. It replaces the current list; null or an empty "
            "list removes all."
        ),
    )
    sku: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The new stock-keeping unit, at most 100 characters; its stock moves with it. Null removes "
            "it, if it has no stock."
        ),
    )
    is_tracked: bool | None = strawberry.field(
        default=UNSET,
        description=(
            "Whether the stock of its own SKU is counted. If not, it can always be bought. Null is refused."
        ),
    )
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether the product is published; see `productPublish`. Null is refused."
    )
    is_featured: bool | None = strawberry.field(
        default=UNSET, description="Whether the storefront should highlight the product. Null is refused."
    )
    tax_class_id: UUID | None = strawberry.field(default=UNSET, description=TAX_CLASS)
    weight: Decimal | None = strawberry.field(default=UNSET, description=WEIGHT)
    length: Decimal | None = strawberry.field(default=UNSET, description=LENGTH)
    width: Decimal | None = strawberry.field(default=UNSET, description=WIDTH)
    height: Decimal | None = strawberry.field(default=UNSET, description=HEIGHT)
    requires_shipping: bool | None = strawberry.field(
        default=UNSET,
        description=(
            "Whether it is shipped. False for a download or a service: it needs no address and costs no shipping. "
            "Placed orders do not change. Null is refused, and so is true for a gift card."
        ),
    )
    shipping_profile_id: UUID | None = strawberry.field(default=UNSET, description=SHIPPING_PROFILE)
    attributes: list[ProductAttributeInput] | None = strawberry.field(
        default=UNSET,
        description=(
            "The complete list of attributes, at most 100. It replaces the current list; null changes nothing."
        ),
    )


@strawberry.input(description="A product and the complete list of its attributes.")
class ProductAttributesSetInput:
    """A product and its attributes."""

    product_id: UUID = strawberry.field(description="The id of the product whose attributes are replaced.")
    attributes: list[ProductAttributeInput] = strawberry.field(
        description=("The complete list, at most 100. It replaces the current attributes; an empty list removes all.")
    )


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
