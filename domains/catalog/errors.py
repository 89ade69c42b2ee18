"""What the catalogue refuses."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.kernel.errors import (
    AlreadyExists,
    DomainError,
    ErrorCode,
    InvalidInput,
    NotAllowed,
    NotFound,
)


class ProductNotFound(NotFound):
    """No product has this id or slug, or the caller may not see it."""

    def __init__(self, product: UUID | str, *, path: Sequence[str] = ("input", "id")) -> None:
        super().__init__(f"There is no product {product}.", path=path)


class VariantNotFound(NotFound):
    """No variant has this id."""

    def __init__(self, variant_id: UUID, *, path: Sequence[str] = ("input", "id")) -> None:
        super().__init__(f"There is no product variant {variant_id}.", path=path)


class CategoryNotFound(NotFound):
    """No category has this id or slug, or the caller may not see it."""

    def __init__(self, category: UUID | str, *, path: Sequence[str] = ("input", "id")) -> None:
        super().__init__(f"There is no category {category}.", path=path)


class CategoryAttributeNotFound(NotFound):
    """No category attribute has this id."""

    def __init__(self, attribute_id: UUID, *, path: Sequence[str] = ("input", "id")) -> None:
        super().__init__(f"There is no category attribute {attribute_id}.", path=path)


class ReviewNotFound(NotFound):
    """No review has this id, or the caller may not see it."""

    def __init__(self, review_id: UUID, *, path: Sequence[str] = ("input", "id")) -> None:
        super().__init__(f"There is no review {review_id}.", path=path)


class SlugTaken(AlreadyExists):
    """Another product or category, perhaps an archived one, has this slug."""

    def __init__(self, slug: str, *, path: Sequence[str] = ("input", "slug")) -> None:
        super().__init__(
            f"The slug {slug!r} is taken (an archived product keeps its slug). Choose another, or leave it out.",
            path=path,
        )


class SkuTaken(AlreadyExists):
    """A product, or one of its variants, has this SKU; `owner` says which in words."""

    def __init__(self, sku: str, owner: str, *, path: Sequence[str] = ("input", "sku")) -> None:
        super().__init__(f"The SKU {sku!r} belongs to {owner}.", path=path)


class SkuRepeated(AlreadyExists):
    """Two variants of one input have the same SKU."""

    def __init__(self, sku: str, *, path: Sequence[str]) -> None:
        super().__init__(f"The SKU {sku!r} is that of another variant here. Each has its own.", path=path)


class CategoryCycle(DomainError):
    """A category cannot stand under itself."""

    code = ErrorCode.CYCLE


class CategoryInUse(DomainError):
    """A category that has sub-categories or products, or that promotions are for, cannot be deleted.

    Says all of what holds it, each with what to do.
    """

    code = ErrorCode.IN_USE

    def __init__(self, held_by: Sequence[str], *, path: Sequence[str] = ("input", "id")) -> None:
        super().__init__(" ".join(held_by), path=path)


class AttributeMissing(DomainError):
    """A product lacks an attribute that its category requires."""

    code = ErrorCode.REQUIRED

    def __init__(self, name: str, *, path: Sequence[str]) -> None:
        super().__init__(f"The category requires the attribute {name!r}.", path=path)


class AttributeInvalid(InvalidInput):
    """A product's attribute is not what its category says it must be."""


class AttributeNameTaken(AlreadyExists):
    """The category already has an attribute of this name."""

    def __init__(self, name: str, *, path: Sequence[str] = ("input", "name")) -> None:
        super().__init__(f"The category already has an attribute {name!r}.", path=path)


class AlreadyReviewed(AlreadyExists):
    """A customer reviews a product once; the review can be changed."""


class OwnReview(NotAllowed):
    """Nobody votes on a review of their own."""


class PriceBelowZero(InvalidInput):
    """A base price and a variant's modifier would add up to less than nothing."""


class VariantInUse(DomainError):
    """A variant that is stocked, in a cart or ordered cannot be deleted; `table` is the one that refers to it."""

    code = ErrorCode.IN_USE

    def __init__(self, table: str | None) -> None:
        held = _HOLDING_VARIANTS.get(table or "", "Something else refers to the variant.")
        super().__init__(f"{held} Set `isActive` to false to take it off sale.", path=("input", "id"))


_HOLDING_VARIANTS: Final = {
    "inventory_items": "The variant has stock, or had some.",
    "cart_items": "The variant is in somebody's cart.",
    "order_items": "The variant was ordered.",
}
