"""Payloads of the catalogue's mutations."""

from uuid import UUID

import strawberry

from gateway.graphql.catalog.category_types import Category, CategoryAttribute
from gateway.graphql.catalog.types import Product, ProductVariant
from gateway.graphql.core.errors import UserError

ERRORS = "Why nothing was changed; empty on success."


@strawberry.type(description="The result of `productCreate`.")
class ProductCreatePayload:
    """The result or the errors."""

    product: Product | None = strawberry.field(
        default=None, description="The new product. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `productUpdate`.")
class ProductUpdatePayload:
    """The result or the errors."""

    product: Product | None = strawberry.field(
        default=None, description="The changed product. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `productDelete`.")
class ProductDeletePayload:
    """The result or the errors."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted product. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `productPublish`.")
class ProductPublishPayload:
    """The result or the errors."""

    product: Product | None = strawberry.field(
        default=None, description="The published product. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `productUnpublish`.")
class ProductUnpublishPayload:
    """The result or the errors."""

    product: Product | None = strawberry.field(
        default=None, description="The hidden product. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `productAttributesSet`.")
class ProductAttributesSetPayload:
    """The result or the errors."""

    product: Product | None = strawberry.field(
        default=None, description="The product with its attributes. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `productVariantCreate`.")
class ProductVariantCreatePayload:
    """The result or the errors."""

    variant: ProductVariant | None = strawberry.field(
        default=None, description="The new variant. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `productVariantUpdate`.")
class ProductVariantUpdatePayload:
    """The result or the errors."""

    variant: ProductVariant | None = strawberry.field(
        default=None, description="The changed variant. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `productVariantDelete`.")
class ProductVariantDeletePayload:
    """The result or the errors."""

    product: Product | None = strawberry.field(
        default=None, description="The product of the deleted variant. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `categoryCreate`.")
class CategoryCreatePayload:
    """The result or the errors."""

    category: Category | None = strawberry.field(
        default=None, description="The new category. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `categoryUpdate`.")
class CategoryUpdatePayload:
    """The result or the errors."""

    category: Category | None = strawberry.field(
        default=None, description="The changed category. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `categoryMove`.")
class CategoryMovePayload:
    """The result or the errors."""

    category: Category | None = strawberry.field(
        default=None, description="The moved category. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `categoryDelete`.")
class CategoryDeletePayload:
    """The result or the errors."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted category. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `categoryAttributeCreate`.")
class CategoryAttributeCreatePayload:
    """The result or the errors."""

    attribute: CategoryAttribute | None = strawberry.field(
        default=None, description="The new definition. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `categoryAttributeUpdate`.")
class CategoryAttributeUpdatePayload:
    """The result or the errors."""

    attribute: CategoryAttribute | None = strawberry.field(
        default=None, description="The changed definition. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `categoryAttributeDelete`.")
class CategoryAttributeDeletePayload:
    """The result or the errors."""

    category: Category | None = strawberry.field(
        default=None, description="The category of the deleted definition. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)
