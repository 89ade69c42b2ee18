"""What the catalogue refuses."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.kernel.errors import AlreadyExists, DomainError, ErrorCode, InvalidInput, NotAllowed, NotFound


class ProductNotFound(NotFound):
    """No product has this id or slug, or the caller may not see it."""

    def __init__(self, product: UUID | str, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__(f"There is no product {product}.", field=field)


class VariantNotFound(NotFound):
    """No variant has this id."""

    def __init__(self, variant_id: UUID, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__(f"There is no product variant {variant_id}.", field=field)


class CategoryNotFound(NotFound):
    """No category has this id or slug, or the caller may not see it."""

    def __init__(self, category: UUID | str, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__(f"There is no category {category}.", field=field)


class CategoryAttributeNotFound(NotFound):
    """No category attribute has this id."""

    def __init__(self, attribute_id: UUID, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__(f"There is no category attribute {attribute_id}.", field=field)


class SlugTaken(AlreadyExists):
    """Another product or category, perhaps an archived one, has this slug."""

    def __init__(self, slug: str, *, field: Sequence[str] = ("slug",)) -> None:
        super().__init__(
            f"The slug {slug!r} is taken (an archived product keeps its slug). Choose another, or leave it out.",
            field=field,
        )


class SkuTaken(AlreadyExists):
    """A product, or one of its variants, has this SKU; `owner` says which in words."""

    def __init__(self, sku: str, owner: str, *, field: Sequence[str] = ("sku",)) -> None:
        super().__init__(f"The SKU {sku!r} belongs to {owner}.", field=field)


class SkuRepeated(AlreadyExists):
    """Two variants of one input have the same SKU."""

    def __init__(self, sku: str, *, field: Sequence[str]) -> None:
        super().__init__(f"The SKU {sku!r} is that of another variant here. Each has its own.", field=field)


class CategoryCycle(DomainError):
    """A category cannot stand under itself."""

    code = ErrorCode.CYCLE


class CategoryInUse(DomainError):
    """A category that has sub-categories or products, or that promotions are for, cannot be deleted.

    Says all of what holds it, each with what to do.
    """

    code = ErrorCode.IN_USE

    def __init__(self, held_by: Sequence[str], *, field: Sequence[str] = ("id",)) -> None:
        super().__init__(" ".join(held_by), field=field)


class AttributeMissing(DomainError):
    """A product lacks an attribute that its category requires."""

    code = ErrorCode.REQUIRED

    def __init__(self, name: str, *, field: Sequence[str]) -> None:
        super().__init__(f"The category requires the attribute {name!r}.", field=field)


class AttributeInvalid(InvalidInput):
    """A product's attribute is not what its category says it must be."""


class AttributeNameTaken(AlreadyExists):
    """The category already has an attribute of this name."""

    def __init__(self, name: str, *, field: Sequence[str] = ("name",)) -> None:
        super().__init__(f"The category already has an attribute {name!r}.", field=field)


class PriceBelowZero(InvalidInput):
    """A base price and a variant's modifier would add up to less than nothing."""


class VariantInUse(DomainError):
    """A variant that is stocked, in a cart or ordered cannot be deleted; `table` is the one that refers to it."""

    code = ErrorCode.IN_USE

    def __init__(self, table: str | None) -> None:
        held = _HOLDING_VARIANTS.get(table or "", "Something else refers to the variant.")
        super().__init__(f"{held} Set `isActive` to false to take it off sale.", field=("id",))


_HOLDING_VARIANTS: Final = {
    "inventory_items": "The variant has stock, or had some.",
    "cart_items": "The variant is in somebody's cart.",
    "order_items": "The variant was ordered.",
}


class PricesTooFine(NotAllowed):
    """There are prices with more decimals than unit prices are to have."""

    code = ErrorCode.IN_USE

    def __init__(self, decimals: int, product: str) -> None:
        super().__init__(
            f"There are prices with more than {decimals} decimal places, such as of {product!r}. Round them first.",
            field=("unit_price_decimals",),
        )
