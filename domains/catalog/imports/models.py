"""Products as an import gives them, many at a time, and what became of each."""

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
"""What a source may say of a product."""
FORM_FIELDS: Final = frozenset(
    {"price", "options", "name", "color", "size", "compare_at_price", "is_tracked", "is_active", "image", "images"}
)
"""What a source may say of a form; `image` is its first image alone, `images` all of them."""
NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDraft:
    """One form that a product is sold in. Prices are in the company's currency.

    A `sku` that was made up gives way to the one that the same options have already, and a SKU that something else
    has gives way to the `spare_sku`. Without a SKU (`sku` None) a product is not stocked.

    `given` names the fields that the source has. What is not among them stays as it is stored, or is what follows
    from the other fields; so are `name`, `color` and `size` when they are None. A price to compare with of None or
    0 means that there is none.
    """

    sku: str | None
    price: Decimal = Decimal(0)
    options: Options = ()
    is_made_up: bool = False
    spare_sku: str | None = None
    name: str | None = None
    color: str | None = None
    size: str | None = None
    compare_at_price: Decimal | None = None
    is_tracked: bool = True
    is_active: bool = True
    images: tuple[str, ...] = ()
    given: frozenset[str] = FORM_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """One product by its slug: `is_simple` with a single form without options, else with a form for each variant.

    `is_simple` None leaves open which: then the forms are found by their SKUs alone.

    `given` names the fields that the source has; an existing product keeps what is not among them. A `base_price` of
    None is the lowest of the forms' prices; a `compare_at_price` of None is that of the form with the lowest price,
    and 0 means that the product has none.
    """

    slug: str
    name: str
    forms: tuple[FormDraft, ...]
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
    base_price: Decimal | None = None
    compare_at_price: Decimal | None = None
    attributes: tuple[AttributeValue, ...] = ()
    given: frozenset[str] = PRODUCT_FIELDS


@dataclass(frozen=True, slots=True)
class SlugWish:
    """The slug that a product is to have when none has one of the SKUs that tell that it is here already."""

    slug: str
    skus: tuple[str, ...]


class Unfit(Exception):
    """A draft that cannot be saved; the message says why.

    `place` is the form at fault in the draft's order, or None; `field` what of it.
    """

    def __init__(self, reason: str, place: int | None = None, *, field: str | None = None) -> None:
        super().__init__(reason)
        self.place = place
        self.field = field


def require_forms(forms: Sequence[FormDraft], *, is_simple: bool) -> None:
    """Raise Unfit unless the forms can be those of one product.

    A simple product is sold in one form, without options. The forms of another differ in their options.
    """
    require_options([form.options if "options" in form.given else () for form in forms], is_simple=is_simple)


def require_options(of_forms: Sequence[Options], *, is_simple: bool) -> None:
    """As `require_forms`, of forms by their options alone; without any, a form may be beside every other."""
    if is_simple and len(of_forms) > 1:
        raise Unfit("The product has no options, so it is sold in one form only.", 1, field="options")
    seen: dict[frozenset[tuple[str, str]], int] = {}
    for place, options in enumerate(of_forms):
        if options and seen.setdefault(key_of(options), place) != place:
            raise Unfit("Another variant of the product has the same options.", place, field="options")


def key_of(options: Options) -> frozenset[tuple[str, str]]:
    """What options are told apart by: letter case and order do not count."""
    return frozenset((name.casefold(), value.casefold()) for name, value in options)


class Outcome(StrEnum):
    """What saving a draft did."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class SavedSku:
    """What one form of a draft is stocked as: nothing when `sku` is None.

    `is_new` tells that nothing had the SKU before, `has_moved` that it was the product's own and is a variant's now.
    """

    sku: str | None
    variant_id: UUID | None
    is_tracked: bool = True
    is_new: bool = False
    has_moved: bool = False


@dataclass(frozen=True, slots=True)
class SavedProduct:
    """What became of a draft: its product and its forms' SKUs in the draft's order, or the reason of a refusal.

    A refusal names the form at fault (`place`) and what of it (`field`), as far as it is one form's. `given_up` is
    the SKU that the product had itself, when it is sold in variants now and none of them has taken it.
    """

    slug: str
    outcome: Outcome
    product_id: UUID | None = None
    skus: tuple[SavedSku, ...] = ()
    reason: str = ""
    place: int | None = None
    field: str | None = None
    given_up: str | None = None
