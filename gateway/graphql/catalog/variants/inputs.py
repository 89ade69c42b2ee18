"""Inputs of the mutations of variants."""

from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry import UNSET

from gateway.graphql.catalog.images import IMAGES, ImageInput

WEIGHT = "The weight of one unit in kilograms, from 0 to 100,000 with at most three decimals; null for the product's."
LENGTH = "The length of one unit in centimetres, above 0 to 100,000 with at most one decimal; null for the product's."
WIDTH = LENGTH.replace("length", "width")
HEIGHT = LENGTH.replace("length", "height")


@strawberry.input(description="A property that distinguishes the variant from others, such as Size: XL.")
class VariantOptionInput:
    """A name and its value."""

    name: str = strawberry.field(
        description="The name of the option, such as `Size`, at most 255 characters; each can be given once."
    )
    value: str = strawberry.field(description="The value of the option, such as `XL`, at most 255 characters.")


@strawberry.input(description="A variant to create. Null means the same as an absent field.")
class NewVariantInput:
    """The fields of a new variant."""

    sku: str = strawberry.field(
        description=(
            "The stock-keeping unit, at most 100 printable characters; unique in the company, also among "
            "archived products."
        )
    )
    name: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The name beside that of the product, at most 255 characters; by default the values of the "
            "options: `Red / XL`."
        ),
    )
    options: list[VariantOptionInput] | None = strawberry.field(
        default=UNSET, description="What distinguishes the variant, at most three; none by default."
    )
    color: str | None = strawberry.field(
        default=UNSET,
        description=("The value of the option named Color, at most 255 characters; by default taken from `options`."),
    )
    size: str | None = strawberry.field(
        default=UNSET,
        description="The value of the option named Size, at most 255 characters; by default taken from `options`.",
    )
    price_modifier: Decimal | None = strawberry.field(
        default=UNSET,
        description=(
            "The amount added to the product's `basePrice`, in the company's currency; negative for a "
            "cheaper variant, 0 by default."
        ),
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET,
        description=(
            "The price to show struck through, in the company's currency; by default the product's plus "
            "the modifier. 0 means none."
        ),
    )
    images: list[ImageInput] | None = strawberry.field(default=UNSET, description=IMAGES)
    is_tracked: bool | None = strawberry.field(
        default=UNSET,
        description="Whether the stock is counted; true by default. If not, the variant can always be bought.",
    )
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether the variant is for sale; true by default."
    )
    display_order: int | None = strawberry.field(
        default=UNSET,
        description=("The position among the variants, lowest first, from -1,000,000 to 1,000,000; last by default."),
    )
    weight: Decimal | None = strawberry.field(default=UNSET, description=WEIGHT)
    length: Decimal | None = strawberry.field(default=UNSET, description=LENGTH)
    width: Decimal | None = strawberry.field(default=UNSET, description=WIDTH)
    height: Decimal | None = strawberry.field(default=UNSET, description=HEIGHT)
    stock: int | None = strawberry.field(
        default=UNSET,
        description=(
            "The initial number of available units, 0 to 1,000,000,000; none by default. Also requires "
            "INVENTORY:UPDATE."
        ),
    )


@strawberry.input(description="A variant to add to a product. Null means the same as an absent field.")
class ProductVariantCreateInput(NewVariantInput):
    """A product and its new variant."""

    product_id: UUID = strawberry.field(
        description="The id of the product that gets the variant; it must not have a SKU of its own."
    )


@strawberry.input(description="Changes to a variant. Omitted fields do not change.")
class ProductVariantUpdateInput:
    """A variant and its changes."""

    id: UUID = strawberry.field(description="The id of the variant to change.")
    sku: str | None = strawberry.field(
        default=UNSET,
        description=("The new stock-keeping unit, at most 100 characters; its stock moves with it. Null is refused."),
    )
    name: str | None = strawberry.field(
        default=UNSET, description="The name beside that of the product, 1 to 255 characters. Null is refused."
    )
    options: list[VariantOptionInput] | None = strawberry.field(
        default=UNSET,
        description=(
            "The complete list of options, at most three. It replaces the current list; null or an empty "
            "list removes all."
        ),
    )
    color: str | None = strawberry.field(
        default=UNSET, description="The value of the option named Color, at most 255 characters; null removes it."
    )
    size: str | None = strawberry.field(
        default=UNSET, description="The value of the option named Size, at most 255 characters; null removes it."
    )
    price_modifier: Decimal | None = strawberry.field(
        default=UNSET,
        description=(
            "The amount added to the product's `basePrice`, in the company's currency; it may be "
            "negative. Null is refused."
        ),
    )
    compare_at_price: Decimal | None = strawberry.field(
        default=UNSET,
        description=(
            "The price to show struck through, in the company's currency; null takes the product's plus "
            "the modifier, 0 means none."
        ),
    )
    images: list[ImageInput] | None = strawberry.field(default=UNSET, description=IMAGES)
    is_tracked: bool | None = strawberry.field(
        default=UNSET,
        description="Whether the stock is counted. If not, the variant can always be bought. Null is refused.",
    )
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether the variant is for sale. Null is refused."
    )
    display_order: int | None = strawberry.field(
        default=UNSET,
        description=("The position among the variants, lowest first, from -1,000,000 to 1,000,000. Null is refused."),
    )
    weight: Decimal | None = strawberry.field(default=UNSET, description=WEIGHT)
    length: Decimal | None = strawberry.field(default=UNSET, description=LENGTH)
    width: Decimal | None = strawberry.field(default=UNSET, description=WIDTH)
    height: Decimal | None = strawberry.field(default=UNSET, description=HEIGHT)


@strawberry.input(description="The variant to delete.")
class ProductVariantDeleteInput:
    """An id."""

    id: UUID = strawberry.field(
        description=(
            "The id of a variant that was never stocked, ordered or put into a cart; deactivate others instead."
        )
    )
