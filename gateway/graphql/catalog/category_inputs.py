"""Inputs of the mutations of categories and of the attributes that they define."""

from uuid import UUID

import strawberry
from strawberry import UNSET

from domains.catalog.categories.attributes import AttributeRule
from domains.catalog.models import AttributeType
from gateway.graphql.catalog import category_types  # noqa: F401 - it describes the enums used here
from gateway.graphql.catalog.images import ImageInput


@strawberry.input(description="A category to create. Null means the same as an absent field.")
class CategoryCreateInput:
    """The fields of a new category."""

    name: str = strawberry.field(
        description="The name that customers see in menus; plain text of 1 to 255 characters."
    )
    slug: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The readable part of the URL: letters, digits, hyphens and underscores, at most 255; "
            "generated from the name by default."
        ),
    )
    parent_id: UUID | None = strawberry.field(
        default=UNSET,
        description="The id of the category above it; a root category by default. The tree has at most 20 levels.",
    )
    description: str | None = strawberry.field(
        default=UNSET,
        description="A description for customers in plain text, at most 5,000 characters; none by default.",
    )
    image: ImageInput | None = strawberry.field(
        default=UNSET, description="The image that is shown with the name; none by default."
    )
    icon: str | None = strawberry.field(
        default=UNSET,
        description="The name of an icon that the storefront chooses, at most 255 characters; none by default.",
    )
    display_order: int | None = strawberry.field(
        default=UNSET,
        description=(
            "The position among the categories with the same parent, lowest first, from -1,000,000 to "
            "1,000,000; 0 by default."
        ),
    )
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether customers see the category with its products; true by default."
    )
    is_featured: bool | None = strawberry.field(
        default=UNSET, description="Whether the storefront should highlight the category; false by default."
    )


@strawberry.input(description="Changes to a category. Omitted fields do not change.")
class CategoryUpdateInput:
    """A category and its changes."""

    id: UUID = strawberry.field(description="The id of the category to change.")
    name: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The new name, plain text of 1 to 255 characters. The slug does not change with it. Null is refused."
        ),
    )
    slug: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The new readable part of the URL, at most 255 characters; the former URL stops working. Null is refused."
        ),
    )
    description: str | None = strawberry.field(
        default=UNSET,
        description="A description for customers in plain text, at most 5,000 characters; null removes it.",
    )
    image: ImageInput | None = strawberry.field(
        default=UNSET, description="The image that is shown with the name; null removes it."
    )
    icon: str | None = strawberry.field(
        default=UNSET,
        description="The name of an icon that the storefront chooses, at most 255 characters; null removes it.",
    )
    display_order: int | None = strawberry.field(
        default=UNSET,
        description=(
            "The position among the categories with the same parent, lowest first, from -1,000,000 to "
            "1,000,000. Null is refused."
        ),
    )
    is_active: bool | None = strawberry.field(
        default=UNSET,
        description="Whether customers see the category, its descendants and their products. Null is refused.",
    )
    is_featured: bool | None = strawberry.field(
        default=UNSET, description="Whether the storefront should highlight the category. Null is refused."
    )


@strawberry.input(description="The category to move and its new parent.")
class CategoryMoveInput:
    """A category and its new parent."""

    id: UUID = strawberry.field(description="The id of the category to move; its descendants move with it.")
    parent_id: UUID | None = strawberry.field(
        default=UNSET,
        description=(
            "The id of the new parent, or null for the root. It must be given; the tree has at most 20 levels."
        ),
    )


@strawberry.input(description="The category to delete.")
class CategoryDeleteInput:
    """A category, and the target of its products."""

    id: UUID = strawberry.field(description="The id of the category to delete; it must have no children.")
    move_products_to: UUID | None = strawberry.field(
        default=None,
        description=(
            "The id of the category that its products move to, archived ones included. Absent or null: it "
            "must have none. Requires PRODUCTS:UPDATE."
        ),
    )


@strawberry.input(description="An attribute to define for the products of a category.")
class CategoryAttributeCreateInput:
    """A category and its new attribute."""

    category_id: UUID = strawberry.field(
        description="The id of the category that defines the attribute; its descendants inherit it."
    )
    name: str = strawberry.field(
        description="The name, such as `Material`, 1 to 255 characters; unique in the category, ignoring case."
    )
    type: AttributeType = strawberry.field(
        default=AttributeType.TEXT, description="The type by which values of products are validated."
    )
    unit: str | None = strawberry.field(
        default=None,
        description="The unit of the values, such as `cm`, at most 30 characters; null or absent for none.",
    )
    is_required: bool = strawberry.field(
        default=False,
        description=(
            "Whether every product must have the attribute. Existing products are checked at their next change."
        ),
    )
    is_filterable: bool = strawberry.field(
        default=False, description="Whether customers can filter lists of products by it."
    )
    options: list[str] = strawberry.field(
        default_factory=list, description="The allowed values, 1 to 200 for the type SELECT; empty for other types."
    )

    def rule(self) -> AttributeRule:
        """The domain's AttributeRule."""
        return AttributeRule(self.name, self.type, self.is_required, self.is_filterable, tuple(self.options))


@strawberry.input(description="The new definition of an attribute. Every field is replaced.")
class CategoryAttributeUpdateInput:
    """An attribute and its new definition."""

    id: UUID = strawberry.field(description="The id of the definition to change, from `Category.attributes`.")
    name: str = strawberry.field(
        description=(
            "The name, such as `Material`, 1 to 255 characters; unique in the category. Products get a "
            "new name at once."
        )
    )
    type: AttributeType = strawberry.field(
        description="The type by which values of products are validated, at their next change."
    )
    unit: str | None = strawberry.field(
        default=None,
        description="The unit of the values, such as `cm`, at most 30 characters; null or absent removes it.",
    )
    is_required: bool = strawberry.field(
        description=(
            "Whether every product must have the attribute. Existing products are checked at their next change."
        )
    )
    is_filterable: bool = strawberry.field(description="Whether customers can filter lists of products by it.")
    options: list[str] = strawberry.field(
        default_factory=list,
        description="The complete list of allowed values, 1 to 200 for the type SELECT; empty for other types.",
    )

    def rule(self) -> AttributeRule:
        """The domain's AttributeRule."""
        return AttributeRule(self.name, self.type, self.is_required, self.is_filterable, tuple(self.options))


@strawberry.input(description="The definition of an attribute to delete; products keep their values.")
class CategoryAttributeDeleteInput:
    """An id."""

    id: UUID = strawberry.field(description="The id of the definition to remove, from `Category.attributes`.")
