"""Conversion of the catalogue's inputs to models of the domain."""

from collections.abc import Sequence
from typing import Any

import strawberry

from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.models import (
    CategoryChanges,
    NewCategory,
    NewImage,
    NewProduct,
    NewVariant,
    ProductChanges,
    VariantChanges,
    VariantOption,
)
from gateway.graphql.catalog import category_inputs, inputs
from gateway.graphql.catalog.images import ImageInput
from gateway.graphql.catalog.variants.inputs import NewVariantInput, ProductVariantUpdateInput, VariantOptionInput
from gateway.graphql.core.fields import from_input, input_values


def new_product(input: inputs.ProductCreateInput) -> NewProduct:
    """A product to create; null counts as absent."""
    values = input_values(input, exclude=("images", "attributes", "variants", "stock"))
    return NewProduct(
        **_without_nulls(values),
        images=_images(input.images or ()),
        attributes=attribute_values(input.attributes or ()),
        variants=[new_variant(variant) for variant in input.variants or ()],
    )


def new_variant(input: NewVariantInput) -> NewVariant:
    """A variant to create; null counts as absent."""
    values = input_values(input, exclude=("images", "options", "stock", "product_id"))
    return NewVariant(
        **_without_nulls(values), images=_images(input.images or ()), options=_options(input.options or ())
    )


def new_category(input: category_inputs.CategoryCreateInput) -> NewCategory:
    """A category to create; null counts as absent."""
    values = input_values(input, exclude=("image",))
    return NewCategory(**_without_nulls(values), image=_image(input.image or None))


def product_changes(input: inputs.ProductUpdateInput) -> ProductChanges:
    """The changes to a product."""
    changes = from_input(ProductChanges, input, exclude=("id", "images", "attributes"))
    if input.images is not strawberry.UNSET:
        changes["images"] = _images(input.images)
    if input.attributes is not strawberry.UNSET and input.attributes is not None:
        changes["attributes"] = attribute_values(input.attributes)
    return changes


def variant_changes(input: ProductVariantUpdateInput) -> VariantChanges:
    """The changes to a variant."""
    changes = from_input(VariantChanges, input, exclude=("id", "images", "options"))
    if input.images is not strawberry.UNSET:
        changes["images"] = _images(input.images)
    if input.options is not strawberry.UNSET:
        changes["options"] = _options(input.options or ())
    return changes


def category_changes(input: category_inputs.CategoryUpdateInput) -> CategoryChanges:
    """The changes to a category."""
    changes = from_input(CategoryChanges, input, exclude=("id", "image"))
    if input.image is not strawberry.UNSET:
        changes["image"] = _image(input.image)
    return changes


def attribute_values(attributes: Sequence[inputs.ProductAttributeInput]) -> list[AttributeValue]:
    """Attributes as models of the domain."""
    return [AttributeValue(value.name, value.value, value.unit) for value in attributes]


def _options(options: Sequence[VariantOptionInput]) -> list[VariantOption]:
    return [VariantOption(option.name, option.value) for option in options]


def _images(images: Sequence[ImageInput] | None) -> list[NewImage]:
    return [NewImage(image.url, image.alt_text) for image in images or ()]


def _image(image: ImageInput | None) -> NewImage | None:
    return NewImage(image.url, image.alt_text) if image else None


def _without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
