"""Inputs of the catalogue's mutations as the domain takes them."""

from collections.abc import Sequence
from typing import Any, cast

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
from gateway.graphql.catalog import inputs
from gateway.graphql.core.fields import input_values


def new_product(input: inputs.ProductCreateInput) -> NewProduct:
    """A product to create; null counts as absent."""
    values = _with_images(_without_nulls(input_values(input, exclude=("attributes", "variants", "stock"))))
    return NewProduct(
        **values,
        attributes=attribute_values(input.attributes or ()),
        variants=[new_variant(variant) for variant in input.variants or ()],
    )


def new_variant(input: inputs.NewVariantInput) -> NewVariant:
    """A variant to create; null counts as absent."""
    values = _with_images(_without_nulls(input_values(input, exclude=("options", "stock", "product_id"))))
    return NewVariant(**values, options=_options(input.options or ()))


def new_category(input: inputs.CategoryCreateInput) -> NewCategory:
    """A category to create; null counts as absent."""
    return NewCategory(**_with_images(_without_nulls(input_values(input))))


def product_changes(input: inputs.ProductUpdateInput) -> ProductChanges:
    """What is to change of a product."""
    values = _with_images(input_values(input, exclude=("id",)))
    if values.get("attributes") is not None:
        values["attributes"] = attribute_values(values["attributes"])
    return cast("ProductChanges", values)


def variant_changes(input: inputs.ProductVariantUpdateInput) -> VariantChanges:
    """What is to change of a variant."""
    values = _with_images(input_values(input, exclude=("id",)))
    if "options" in values:
        values["options"] = _options(values["options"] or ())
    return cast("VariantChanges", values)


def category_changes(input: inputs.CategoryUpdateInput) -> CategoryChanges:
    """What is to change of a category."""
    return cast("CategoryChanges", _with_images(input_values(input, exclude=("id",))))


def attribute_values(given_values: Sequence[inputs.ProductAttributeInput]) -> list[AttributeValue]:
    """Attributes as the domain takes them."""
    return [AttributeValue(value.name, value.value, value.unit) for value in given_values]


def _options(options: Sequence[inputs.VariantOptionInput]) -> list[VariantOption]:
    return [VariantOption(option.name, option.value) for option in options]


def _with_images(values: dict[str, Any]) -> dict[str, Any]:
    """The values with the pictures among them as the domain takes them."""
    if values.get("images") is not None:
        values["images"] = [NewImage(image.url, image.alt_text) for image in values["images"]]
    if values.get("image") is not None:
        values["image"] = NewImage(values["image"].url, values["image"].alt_text)
    return values


def _without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
