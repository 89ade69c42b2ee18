"""The outcomes of the catalogue's mutations: the thing, or why not."""

from uuid import UUID

import strawberry

from gateway.graphql.catalog.types import Category, CategoryAttribute, Product, ProductVariant
from gateway.graphql.core.errors import UserError

NONE_WRONG = "What was wrong with the input; empty when it was done."


@strawberry.type(description="The outcome of making a product.")
class ProductCreatePayload:
    """The thing, or why not."""

    product: Product | None = strawberry.field(default=None, description="The product, when it was made.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of changing a product.")
class ProductUpdatePayload:
    """The thing, or why not."""

    product: Product | None = strawberry.field(default=None, description="The product, when it was changed.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of deleting a product.")
class ProductDeletePayload:
    """The thing, or why not."""

    deleted_id: UUID | None = strawberry.field(default=None, description="The product's id, when it was deleted.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of publishing a product.")
class ProductPublishPayload:
    """The thing, or why not."""

    product: Product | None = strawberry.field(default=None, description="The product, when it was published.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of hiding a product.")
class ProductUnpublishPayload:
    """The thing, or why not."""

    product: Product | None = strawberry.field(default=None, description="The product, when it was hidden.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of setting a product's attributes.")
class ProductAttributesSetPayload:
    """The thing, or why not."""

    product: Product | None = strawberry.field(default=None, description="The product, when they were set.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of adding a variant.")
class ProductVariantCreatePayload:
    """The thing, or why not."""

    variant: ProductVariant | None = strawberry.field(default=None, description="The variant, when it was made.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of changing a variant.")
class ProductVariantUpdatePayload:
    """The thing, or why not."""

    variant: ProductVariant | None = strawberry.field(default=None, description="The variant, when it was changed.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of deleting a variant.")
class ProductVariantDeletePayload:
    """The thing, or why not."""

    product: Product | None = strawberry.field(
        default=None, description="The product it was a form of, when it was deleted."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of making a category.")
class CategoryCreatePayload:
    """The thing, or why not."""

    category: Category | None = strawberry.field(default=None, description="The category, when it was made.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of changing a category.")
class CategoryUpdatePayload:
    """The thing, or why not."""

    category: Category | None = strawberry.field(default=None, description="The category, when it was changed.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of moving a category.")
class CategoryMovePayload:
    """The thing, or why not."""

    category: Category | None = strawberry.field(default=None, description="The category, when it was moved.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of deleting a category.")
class CategoryDeletePayload:
    """The thing, or why not."""

    deleted_id: UUID | None = strawberry.field(default=None, description="The category's id, when it was deleted.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of asking something of a category's products.")
class CategoryAttributeCreatePayload:
    """The thing, or why not."""

    attribute: CategoryAttribute | None = strawberry.field(
        default=None, description="The attribute, when it was made."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of changing an attribute.")
class CategoryAttributeUpdatePayload:
    """The thing, or why not."""

    attribute: CategoryAttribute | None = strawberry.field(
        default=None, description="The attribute, when it was changed."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)


@strawberry.type(description="The outcome of asking an attribute no more.")
class CategoryAttributeDeletePayload:
    """The thing, or why not."""

    category: Category | None = strawberry.field(
        default=None, description="The category that asked for it, when it was deleted."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=NONE_WRONG)
