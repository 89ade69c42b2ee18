"""Errors of the catalog domain."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.kernel.errors import AlreadyExists, DomainError, InvalidInput, NotAllowed, NotFound


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
    """A product, or one of its variants, has this SKU; `message` names it."""

    def __init__(self, sku: str, owner: str, *, field: Sequence[str] = ("sku",)) -> None:
        super().__init__(f"The SKU {sku!r} belongs to {owner}.", field=field)


class SkuRepeated(AlreadyExists):
    """Two variants of one input have the same SKU."""

    def __init__(self, sku: str, *, field: Sequence[str]) -> None:
        super().__init__(
            f"The SKU {sku!r} is used by another variant of this input. Each variant needs its own.", field=field
        )


class CategoryCycle(DomainError):
    """A category cannot be moved below itself."""


class CategoryTooDeep(InvalidInput):
    """The category would stand too many levels below its root."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Categories are at most {most} levels deep. Choose a parent nearer to the root.", field=("parent_id",)
        )


class CategoryInUse(DomainError):
    """The category has sub-categories, products, promotions or coupons, so it cannot be deleted.

    The message lists all reasons and what to do about each.
    """

    def __init__(self, reasons: Sequence[str], *, field: Sequence[str] = ("id",)) -> None:
        super().__init__(" ".join(reasons), field=field)


class AttributeMissing(DomainError):
    """The product lacks an attribute that its category requires."""

    code = "ATTRIBUTE_REQUIRED"

    def __init__(self, name: str, *, field: Sequence[str]) -> None:
        super().__init__(f"The category requires the attribute {name!r}.", field=field)


class AttributeInvalid(InvalidInput):
    """The value of a product's attribute does not match the category's definition of it."""


class AttributeNameTaken(AlreadyExists):
    """The category already has an attribute of this name."""

    def __init__(self, name: str, *, field: Sequence[str] = ("name",)) -> None:
        super().__init__(f"The category already has an attribute {name!r}.", field=field)


class SkuRequired(InvalidInput):
    """Stock is counted by SKU, and the product or variant has none."""


class SkuOnProduct(NotAllowed):
    """A product has either a SKU of its own or variants with SKUs, not both."""

    def __init__(self, remedy: str, *, field: Sequence[str]) -> None:
        super().__init__(f"A product with variants has no SKU of its own. {remedy}", field=field)


class PriceBelowZero(InvalidInput):
    """The base price and a variant's price modifier add up to less than zero."""


class VariantInUse(DomainError):
    """The variant is stocked, in a cart or ordered, so it cannot be deleted; deactivate it instead."""

    def __init__(self, table: str | None) -> None:
        reason = _VARIANT_REFERENCES.get(table or "", "Other data refers to the variant.")
        super().__init__(f"{reason} Set `is_active` to false to take it off sale.", field=("id",))


_VARIANT_REFERENCES: Final = {
    "inventory_items": "The variant has or had stock.",
    "cart_items": "The variant is in a cart.",
    "order_items": "The variant was ordered.",
}


class PricesTooFine(NotAllowed):
    """There are prices with more decimals than the new setting allows."""

    def __init__(self, decimals: int, product: str) -> None:
        super().__init__(
            f"There are prices with more than {decimals} decimal places, such as of {product!r}. Round them first.",
            field=("unit_price_decimals",),
        )
