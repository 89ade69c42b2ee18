"""The drafts of products that an import saves, and the result for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from domains.catalog.categories.attributes import AttributeValue

PRODUCT_FIELDS: Final = frozenset(
    {
        *("name", "category", "description", "long_description", "brand", "model", "tags", "images"),
        *("image_alt_texts", "is_active", "is_featured", "base_price", "compare_at_price", "attributes"),
    }
)
"""The fields of a product that a source may give."""
VARIANT_FIELDS: Final = frozenset(
    {
        *("price", "options", "name", "color", "size", "compare_at_price", "is_tracked", "is_active", "image"),
        *("images", "weight"),
    }
)
"""The fields of a variant that a source may give; `image` is its first image, `images` all of them."""
NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """One variant of a product. Prices are in the company's currency.

    A generated `sku` is replaced by the SKU that a stored variant with the same options has. If another product has
    the `sku`, the `fallback_sku` is used. A product whose `sku` is None is not stocked.

    `provided` names the fields that the source has. The others keep their stored values, or derive
    from other fields; so do `name`, `color` and `size` when they are None. A compare-at price of None or 0 means
    that there is none. `weight` is in kilograms; one of None or 0 is unknown. `is_stocked` if the source gives units,
    which the caller counts after the product is saved.
    """

    sku: str | None
    price: Decimal = Decimal(0)
    options: Options = ()
    is_generated: bool = False
    fallback_sku: str | None = None
    name: str | None = None
    color: str | None = None
    size: str | None = None
    compare_at_price: Decimal | None = None
    is_tracked: bool = True
    is_active: bool = True
    is_stocked: bool = False
    images: tuple[str, ...] = ()
    weight: Decimal | None = None
    provided: frozenset[str] = VARIANT_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """One product, identified by its slug. If `is_simple`, it has exactly one variant, without options.

    If `is_simple` is None, it is unknown; stored variants are then matched by their SKUs alone.

    `provided` names the fields that the source has; an existing product keeps the others. A `base_price` of None is
    the lowest price of the variants. A `compare_at_price` of None is that of the variant with the lowest price; 0
    means that the product has none. An `is_gift_card` of None is that of the stored product, which cannot change; the
    stock of a gift card is never counted. A `requires_shipping` of None is that of the stored product, and true for a
    new one; a gift card is never shipped.
    """

    slug: str
    name: str
    variants: tuple[VariantDraft, ...]
    category: str | None = None
    is_simple: bool | None = None
    description: str | None = None
    long_description: str | None = None
    brand: str | None = None
    model: str | None = None
    tags: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    image_alt_texts: Mapping[str, str] = field(default_factory=lambda: NO_TEXTS)
    is_active: bool = True
    is_featured: bool = False
    is_gift_card: bool | None = None
    requires_shipping: bool | None = None
    base_price: Decimal | None = None
    compare_at_price: Decimal | None = None
    attributes: tuple[AttributeValue, ...] = ()
    provided: frozenset[str] = PRODUCT_FIELDS

    @property
    def is_in_stock(self) -> bool:
        """Whether the product can be bought once the units of the source are counted, if it is new."""
        return self.is_active and any(variant.is_stocked and variant.is_active for variant in self.variants)


@dataclass(frozen=True, slots=True)
class SlugRequest:
    """The requested slug of a product, and the SKUs that identify it if it exists."""

    slug: str
    skus: tuple[str, ...]


class DraftRefused(Exception):
    """A draft that cannot be saved; the message says why.

    `variant_index` is the index of the invalid variant, or None; `field` is the invalid field.
    """

    def __init__(self, reason: str, variant_index: int | None = None, *, field: str | None = None) -> None:
        super().__init__(reason)
        self.variant_index = variant_index
        self.field = field


def require_variants(variants: Sequence[VariantDraft], *, is_simple: bool) -> None:
    """Raise DraftRefused unless the variants can be those of one product.

    A simple product has one variant, without options. The variants of other products differ in their options.
    """
    require_options(
        [variant.options if "options" in variant.provided else () for variant in variants], is_simple=is_simple
    )


def require_options(variant_options: Sequence[Options], *, is_simple: bool) -> None:
    """As `require_variants`, by the options alone. A variant without options conflicts with no other."""
    if is_simple and len(variant_options) > 1:
        raise DraftRefused("The product has no options, so it has one variant only.", 1, field="options")
    seen: dict[frozenset[tuple[str, str]], int] = {}
    for index, options in enumerate(variant_options):
        if options and seen.setdefault(options_key(options), index) != index:
            raise DraftRefused("Another variant of the product has the same options.", index, field="options")


def options_key(options: Options) -> frozenset[tuple[str, str]]:
    """The key by which options are compared: letter case and order do not count."""
    return frozenset((name.casefold(), value.casefold()) for name, value in options)


class Outcome(StrEnum):
    """The outcome of saving a draft."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class SavedSku:
    """The SKU under which one variant of a draft is stocked; None if it is not stocked.

    `is_new`: the SKU was not used before. `has_moved`: it was the product's own SKU and is now the variant's.
    """

    sku: str | None
    variant_id: UUID | None
    is_tracked: bool = True
    is_new: bool = False
    has_moved: bool = False


@dataclass(frozen=True, slots=True)
class SavedProduct:
    """The result of saving a draft: its product and its variants' SKUs in the draft's order, or why it was refused.

    A refusal of one variant has its index (`variant_index`) and `field`. `released_sku` is the SKU that the product
    had itself before it had variants, if none of them has taken it over.
    """

    slug: str
    outcome: Outcome
    product_id: UUID | None = None
    skus: tuple[SavedSku, ...] = ()
    reason: str = ""
    variant_index: int | None = None
    field: str | None = None
    released_sku: str | None = None
