"""Products as an import gives them, many at a time, and what became of each."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

GIVEN = frozenset(
    {
        "category_id",
        "description",
        "long_description",
        "brand",
        "tags",
        "images",
        "is_active",
        "is_tracked",
        "compare_at_price",
        "variant_images",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDraft:
    """One form that a product is sold in. Prices are in the company's currency.

    A `sku` that was made up gives way to the one that the same options have already.
    """

    sku: str
    price: Decimal
    options: tuple[tuple[str, str], ...] = ()
    is_made_up: bool = False
    compare_at_price: Decimal | None = None
    is_tracked: bool = True
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """One product by its slug. `forms` is a single one without options, or one or more with options: its variants.

    `given` names the columns that the source has; an existing product keeps what is not among them.
    """

    slug: str
    name: str
    category: str
    forms: tuple[FormDraft, ...]
    description: str | None = None
    long_description: str | None = None
    brand: str | None = None
    tags: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    is_active: bool = True
    given: frozenset[str] = GIVEN


class Outcome(StrEnum):
    """What saving a draft did."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class SavedSku:
    """What one form of a draft is stocked as."""

    sku: str
    variant_id: UUID | None


@dataclass(frozen=True, slots=True)
class SavedProduct:
    """What became of a draft: its product and its forms' SKUs in the draft's order, or the reason of a refusal."""

    slug: str
    outcome: Outcome
    product_id: UUID | None = None
    skus: tuple[SavedSku, ...] = ()
    reason: str = ""
