"""Inputs of the catalogue's mutations as the domain takes them."""

from collections.abc import Sequence
from typing import Any, cast

from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.models import (
    CategoryChanges,
    NewCategory,
    NewProduct,
    NewVariant,
    ProductChanges,
    VariantChanges,
    VariantOption,
)
from gateway.graphql.catalog import inputs
from gateway.graphql.core.fields import given


def new_product(input: inputs.ProductCreateInput) -> NewProduct:
    """A product to be made; a null says the same as leaving it out."""
    values = _without_nulls(given(input, but=("attributes", "variants", "stock")))
    return NewProduct(
        **values,
        attributes=attribute_values(input.attributes or ()),
        variants=[new_variant(variant) for variant in input.variants or ()],
    )


def new_variant(input: inputs.NewVariantInput) -> NewVariant:
    """A variant to be made; a null says the same as leaving it out."""
    values = _without_nulls(given(input, but=("options", "stock", "product_id")))
    return NewVariant(**values, options=_options(input.options or ()))


def new_category(input: inputs.CategoryCreateInput) -> NewCategory:
    """A category to be made; a null says the same as leaving it out."""
    return NewCategory(**_without_nulls(given(input)))


def product_changes(input: inputs.ProductUpdateInput) -> ProductChanges:
    """What is to change of a product."""
    values = given(input, but=("id",))
    if values.get("attributes") is not None:
        values["attributes"] = attribute_values(values["attributes"])
    return cast("ProductChanges", values)


def variant_changes(input: inputs.ProductVariantUpdateInput) -> VariantChanges:
    """What is to change of a variant."""
    values = given(input, but=("id",))
    if "options" in values:
        values["options"] = _options(values["options"] or ())
    return cast("VariantChanges", values)


def category_changes(input: inputs.CategoryUpdateInput) -> CategoryChanges:
    """What is to change of a category."""
    return cast("CategoryChanges", given(input, but=("id",)))


def attribute_values(given_values: Sequence[inputs.ProductAttributeInput]) -> list[AttributeValue]:
    """Attributes as the domain takes them."""
    return [AttributeValue(value.name, value.value, value.unit) for value in given_values]


def _options(options: Sequence[inputs.VariantOptionInput]) -> list[VariantOption]:
    return [VariantOption(option.name, option.value) for option in options]


def _without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
