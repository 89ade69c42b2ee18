"""Merges a draft with the stored product into the rows to write; pure rules, no I/O.

Fields that the draft's source does not have keep their values, and derived values never replace different stored
values. Therefore importing an exported file changes nothing.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from domains.catalog import validation
from domains.catalog.data import ProductRow
from domains.catalog.events import ChangedPrice
from domains.catalog.imports import variants
from domains.catalog.imports.models import DraftRefused, Outcome, ProductDraft, SavedSku, require_variants
from domains.catalog.imports.variants import RowChanges, StoredProduct
from domains.catalog.products.price_changes import VariantModifier, changes, unit_prices
from domains.kernel.ids import new_id
from domains.kernel.text.html import summary

PLAIN_COLUMNS = ("name", "long_description", "brand", "model", "tags", "images", "is_active", "is_featured")


def merge_draft(draft: ProductDraft, stored: StoredProduct | None, category_id: UUID, currency: str) -> RowChanges:
    """The rows to write for a draft. Raises DraftRefused.

    Variants are matched by SKU, those with a generated SKU also by their options. Variants that the draft does not
    have stay, and so do their prices.
    """
    old = stored.product if stored else None
    if old is None and "name" not in draft.provided:
        raise DraftRefused(f"There is no product {draft.slug!r} yet, and a new one needs a title.", field="name")
    is_simple = not (stored and stored.variants) if draft.is_simple is None else draft.is_simple
    require_variants(draft.variants, is_simple=is_simple)
    is_gift_card = _is_gift_card(draft, old)
    if is_gift_card:
        draft = replace(draft, variants=tuple(replace(each, is_tracked=False) for each in draft.variants))
    values: dict[str, Any] = {
        "id": old.id if old else new_id(),
        "slug": draft.slug,
        "category_id": category_id,
        "archived_at": None,
        **{column: _column_value(column, draft, old) for column in PLAIN_COLUMNS},
    }
    known = old.requires_shipping if old else not is_gift_card
    given = known if draft.requires_shipping is None else draft.requires_shipping
    values["requires_shipping"] = given and not is_gift_card
    values["description"] = _description(draft, old, values["long_description"])
    values["image_alt_texts"] = _alt_texts(draft, old, values["images"])
    writes = RowChanges(values, is_new=old is None)
    (_merge_simple if is_simple else variants.merge)(writes, draft, stored)
    if old is None:
        values |= {"currency": currency, "is_gift_card": is_gift_card}
        writes.is_in_stock = draft.is_in_stock
    else:
        writes.is_changed = any(getattr(old, name) != value for name, value in values.items())
    if stored is not None and writes.saved.outcome is Outcome.UPDATED:
        writes.prices = _changed_prices(writes, stored)
    return writes


def _is_gift_card(draft: ProductDraft, old: ProductRow | None) -> bool:
    """Whether the product is a gift card. Raises DraftRefused where that would change."""
    if old is not None and draft.is_gift_card not in (None, old.is_gift_card):
        reason = "The stored product is a gift card" if old.is_gift_card else "The stored product is no gift card"
        raise DraftRefused(f"{reason}, which cannot change: import it under another handle.", field="is_gift_card")
    return old.is_gift_card if old is not None else bool(draft.is_gift_card)


def _changed_prices(writes: RowChanges, stored: StoredProduct) -> list[ChangedPrice]:
    changed = {row["id"]: row["price_modifier"] for row in writes.changed_variants}
    kept = [VariantModifier(row.id, row.sku, changed.get(row.id, row.price_modifier)) for row in stored.variants]
    new = [VariantModifier(row["id"], row["sku"], row["price_modifier"]) for row in writes.new_variants]
    after = replace(stored.product, base_price=writes.product["base_price"], sku=writes.product["sku"])
    return changes(unit_prices(stored.product, stored.variants), unit_prices(after, [*kept, *new]))


def _column_value(column: str, draft: ProductDraft, old: ProductRow | None) -> Any:
    value = getattr(draft, column)
    value = list(value) if isinstance(value, tuple) else value
    if old is None:
        return value
    stored = getattr(old, column)
    is_kept = column not in draft.provided or validation.is_equivalent(validation.PRODUCT, column, stored, value)
    return stored if is_kept else value


def _alt_texts(draft: ProductDraft, old: ProductRow | None, images: list[str]) -> dict[str, str]:
    """The alt texts of the images: from the draft if it has them, else as stored."""
    stored = old.image_alt_texts if old else {}
    known = draft.image_alt_texts if "image_alt_texts" in draft.provided else stored
    return {url: known[url] for url in images if url in known}


def _description(draft: ProductDraft, old: ProductRow | None, body: str | None) -> str | None:
    """The short description: from the draft, else the summary of the long one unless a different one is stored."""
    if "description" in draft.provided:
        return _text(_column_value("description", draft, old))
    if old is None:
        return summary(body or "") or None
    if body == old.long_description or old.description != (summary(old.long_description or "") or None):
        return old.description
    return summary(body or "") or None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _merge_simple(writes: RowChanges, draft: ProductDraft, stored: StoredProduct | None) -> None:
    (variant,) = draft.variants
    if stored and stored.variants:
        raise DraftRefused(
            "The stored product has variants, and the file has none: add their options, or delete the product first."
        )
    old = stored.product if stored else None
    own = old.sku if old else None
    if own and variant.sku and own != variant.sku and not variant.is_generated:
        reason = f"The stored product has the SKU {own!r}, the file has {variant.sku!r}: change one of them first."
        raise DraftRefused(reason, 0, field="sku")
    if old is None and "price" not in variant.provided:
        raise DraftRefused(f"There is no product {draft.slug!r} yet, and a new one needs a price.", 0, field="price")
    sku = own or variant.sku
    compare_at = variant.compare_at_price or None
    values = {
        "sku": sku,
        "base_price": variant.price,
        "compare_at_price": compare_at,
        "is_tracked": variant.is_tracked,
        "weight": variant.weight or None,
    }
    if old is not None:
        given = {"price": "base_price", **{name: name for name in ("compare_at_price", "is_tracked", "weight")}}
        values |= {column: getattr(old, column) for name, column in given.items() if name not in variant.provided}
        if not compare_at and not old.compare_at_price:
            values["compare_at_price"] = old.compare_at_price
        if not values["weight"] and not old.weight:
            values["weight"] = old.weight
    writes.product |= values
    writes.skus.append(SavedSku(sku, None, bool(values["is_tracked"]), is_new=sku != own))
