"""Categories and the attributes that they define."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.catalog import models
from domains.catalog.models import AttributeType
from gateway.answers.dependencies import ON_PRODUCTS
from gateway.graphql.catalog.images import Image
from gateway.graphql.catalog.listing_loaders import load_products_in
from gateway.graphql.catalog.loaders import (
    load_categories,
    load_category_attributes,
    load_children,
    load_effective_attributes,
)
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, present, relation
from gateway.graphql.core.node import Node

if TYPE_CHECKING:
    from gateway.graphql.catalog.listing_types import ProductConnection

describe(
    AttributeType,
    "The type of the values of an attribute, which decides how they are validated.",
    {
        AttributeType.TEXT: "Any text of at most 500 characters.",
        AttributeType.NUMBER: "A decimal number, such as `12.5`, stored without trailing zeros.",
        AttributeType.BOOLEAN: "`true` or `false`; `yes`, `no`, `1` and `0` are accepted and converted.",
        AttributeType.SELECT: "One of the attribute's `options`, ignoring case.",
    },
)
Products = Annotated["ProductConnection", strawberry.lazy("gateway.graphql.catalog.listing_types")]


@strawberry.type(description="The definition of an attribute for the products of a category and its descendants.")
class CategoryAttribute(Node, model=models.CategoryAttribute):
    """An attribute that a category defines."""

    category_id: UUID = strawberry.field(
        description="The id of the category that defines the attribute; its descendants inherit it."
    )
    name: str = strawberry.field(
        description="The name, such as `Material`. It is unique in the category, ignoring case."
    )
    type: AttributeType = strawberry.field(
        description="The type of the values, by which the values of products are validated."
    )
    unit: str | None = strawberry.field(description="The unit of the values, such as `cm`; null when they have none.")
    is_required: bool = strawberry.field(
        description=(
            "Whether every product of the category must have the attribute. Products are checked when they change."
        )
    )
    is_filterable: bool = strawberry.field(
        description="Whether customers can filter lists of products by it; see `ProductFacets.attributes`."
    )
    options: list[str] = strawberry.field(
        description=(
            "The allowed values of the type SELECT, in the order in which staff entered them; empty for other types."
        )
    )
    category: "Category" = relation(
        "category_id",
        load_categories,
        description="The category that defines the attribute; its descendants inherit it.",
    )


@strawberry.type(description="A category in the tree of categories. Each product belongs to one category.")
class Category(Node, model=models.Category):
    """A category."""

    name: str = strawberry.field(
        description="The name that customers see in menus; plain text of at most 255 characters."
    )
    slug: str = strawberry.field(
        description="The readable part of the URL in lower case, unique among the categories of the company."
    )
    description: str | None = strawberry.field(
        description="A description for customers in plain text; null when there is none."
    )
    icon: str | None = strawberry.field(
        description="The name of an icon that the storefront chooses; null when there is none."
    )
    display_order: int = strawberry.field(
        description=(
            "The position among the categories with the same parent, lowest first; equal numbers are sorted by name."
        )
    )
    is_active: bool = strawberry.field(
        description=(
            "Whether customers see the category. An inactive category also hides its descendants and all "
            "their products."
        )
    )
    is_featured: bool = strawberry.field(
        description="Whether the storefront should highlight the category, such as on its home page."
    )
    created_at: datetime = strawberry.field(description="When staff or an import created the category.")
    updated_at: datetime = strawberry.field(description="When a field of the category was last changed.")
    parent_id: UUID | None = strawberry.field(
        description="The id of the category above it; null for a root category."
    )
    image_url: strawberry.Private[str | None]
    image_alt_text: strawberry.Private[str | None]
    parent: "Category | None" = relation(
        "parent_id", load_categories, description="The category above it; null for a root category."
    )
    children: "list[Category]" = relation(
        "id",
        load_children,
        many=True,
        size=4,
        description="The categories directly below it, by `displayOrder`. Customers see active ones only.",
    )
    attributes: list[CategoryAttribute] = relation(
        "id",
        load_category_attributes,
        many=True,
        description="The attributes that this category defines itself, by name.",
    )
    products: Products = relation(
        "id",
        load_products_in,
        page=True,
        depends_on=ON_PRODUCTS,
        description=(
            "The products of the category and its descendants, newest first. Customers see published ones only."
        ),
    )
    attributes_in_force: list[CategoryAttribute] = relation(
        "id",
        load_effective_attributes,
        many=True,
        description=(
            "The attributes that apply to its products, by name: its own and those of its ancestors. Of "
            "two with one name, the nearest applies."
        ),
    )

    @computed
    def image(self) -> Image | None:
        """The image that is shown with the name; null when there is none."""
        return present(Image, models.Image(self.image_url, self.image_alt_text)) if self.image_url else None
