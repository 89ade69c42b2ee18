"""A draft and what is stored of the product become the rows to write; pure rules, no I/O.

What the draft's source does not give stays, and what only follows from other values never replaces a stored one that
says something else. So what an export writes changes nothing when it is imported again.
"""

from typing import Any
from uuid import UUID

from domains.catalog import validation
from domains.catalog.data import ProductRow
from domains.catalog.imports import variants
from domains.catalog.imports.models import DraftRefused, ProductDraft, SavedSku, require_variants
from domains.catalog.imports.variants import Stored, Writes
from domains.kernel.ids import new_id
from domains.kernel.text.html import summary

PLAIN = ("name", "long_description", "brand", "model", "tags", "images", "is_active", "is_featured")


def merged(draft: ProductDraft, stored: Stored | None, category_id: UUID, currency: str) -> Writes:
    """What to write so that the shop holds what the draft says. Raises DraftRefused.

    Variants are matched by SKU, those whose SKU was made up also by their options. Variants that the draft does not
    name stay, and so do their prices.
    """
    old = stored.product if stored else None
    if old is None and "name" not in draft.given:
        raise DraftRefused(f"There is no product {draft.slug!r} here, and a new one needs a title.", field="name")
    is_simple = not (stored and stored.variants) if draft.is_simple is None else draft.is_simple
    require_variants(draft.variants, is_simple=is_simple)
    values: dict[str, Any] = {
        "id": old.id if old else new_id(),
        "slug": draft.slug,
        "category_id": category_id,
        "archived_at": None,
        **{column: _plain(column, draft, old) for column in PLAIN},
    }
    values["description"] = _description(draft, old, values["long_description"])
    values["image_alt_texts"] = _alt_texts(draft, old, values["images"])
    writes = Writes(values, is_new=old is None)
    (_merge_simple if is_simple else variants.merge)(writes, draft, stored)
    if old is None:
        values["currency"] = currency
    else:
        writes.is_changed = any(getattr(old, name) != value for name, value in values.items())
    return writes


def _plain(column: str, draft: ProductDraft, old: ProductRow | None) -> Any:
    value = getattr(draft, column)
    value = list(value) if isinstance(value, tuple) else value
    if old is None:
        return value
    kept = getattr(old, column)
    is_kept = column not in draft.given or validation.is_equivalent(validation.PRODUCT, column, kept, value)
    return kept if is_kept else value


def _alt_texts(draft: ProductDraft, old: ProductRow | None, images: list[str]) -> dict[str, str]:
    """The alt texts of the images: as given, else as they are stored."""
    stored = old.image_alt_texts if old else {}
    known = draft.image_alt_texts if "image_alt_texts" in draft.given else stored
    return {url: known[url] for url in images if url in known}


def _description(draft: ProductDraft, old: ProductRow | None, body: str | None) -> str | None:
    """The short description: as given, else made of the long one, unless somebody has written another."""
    if "description" in draft.given:
        return _text(_plain("description", draft, old))
    if old is None:
        return summary(body or "") or None
    if body == old.long_description or old.description != (summary(old.long_description or "") or None):
        return old.description
    return summary(body or "") or None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _merge_simple(writes: Writes, draft: ProductDraft, stored: Stored | None) -> None:
    (variant,) = draft.variants
    if stored and stored.variants:
        raise DraftRefused(
            "The product has variants here, and the file gives none: give their options, or delete it first."
        )
    old = stored.product if stored else None
    own = old.sku if old else None
    if own and variant.sku and own != variant.sku and not variant.is_generated:
        reason = f"The product has the SKU {own!r} here, the file says {variant.sku!r}: change one of them first."
        raise DraftRefused(reason, 0, field="sku")
    if old is None and "price" not in variant.given:
        raise DraftRefused(f"There is no product {draft.slug!r} here, and a new one needs a price.", 0, field="price")
    sku = own or variant.sku
    compare_at = variant.compare_at_price or None
    values = {
        "sku": sku,
        "base_price": variant.price,
        "compare_at_price": compare_at,
        "is_tracked": variant.is_tracked,
    }
    if old is not None:
        given = {"price": "base_price", "compare_at_price": "compare_at_price", "is_tracked": "is_tracked"}
        values |= {column: getattr(old, column) for name, column in given.items() if name not in variant.given}
        if not compare_at and not old.compare_at_price:
            values["compare_at_price"] = old.compare_at_price
    writes.product |= values
    writes.skus.append(SavedSku(sku, None, bool(values["is_tracked"]), is_new=sku != own))
