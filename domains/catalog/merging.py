"""A draft and what is stored of the product become the rows to write; pure rules, no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.catalog.data import ProductRow, ProductVariantRow
from domains.catalog.drafts import FormDraft, Outcome, ProductDraft, SavedProduct, SavedSku
from domains.catalog.variants import completed
from domains.kernel.ids import new_id

ALWAYS_GIVEN = frozenset({"id", "name", "slug", "base_price", "sku", "archived_at"})
OptionKey = frozenset[tuple[str, str]]


class Unfit(Exception):
    """A draft that does not go with what is stored; the message says why."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A product as it is stored, with all its variants."""

    product: ProductRow
    variants: Sequence[ProductVariantRow] = ()


@dataclass(slots=True)
class Writes:
    """The rows that a draft asks for. `product` holds all its columns, whether they change or not."""

    product: dict[str, Any]
    is_new: bool
    is_changed: bool = False
    new_variants: list[dict[str, Any]] = field(default_factory=list)
    changed_variants: list[dict[str, Any]] = field(default_factory=list)
    skus: list[SavedSku] = field(default_factory=list)

    @property
    def saved(self) -> SavedProduct:
        """What became of the draft once these rows are written."""
        changed = self.is_changed or self.new_variants or self.changed_variants
        outcome = Outcome.CREATED if self.is_new else Outcome.UPDATED if changed else Outcome.UNCHANGED
        return SavedProduct(self.product["slug"], outcome, self.product["id"], tuple(self.skus))


def merged(draft: ProductDraft, stored: Stored | None, category_id: UUID, currency: str) -> Writes:
    """What to write so that the shop holds what the draft says. Raises Unfit.

    Variants are matched by SKU, those whose SKU was made up also by their options. Variants that the draft does not
    name stay, and so do their prices. The base price is the lowest of the variants'.
    """
    values: dict[str, Any] = {
        "id": stored.product.id if stored else new_id(),
        "slug": draft.slug,
        "name": draft.name,
        "description": draft.description,
        "long_description": draft.long_description,
        "brand": draft.brand,
        "tags": list(draft.tags),
        "images": list(draft.images),
        "is_active": draft.is_active,
        "category_id": category_id,
        "archived_at": None,
    }
    is_simple = not draft.forms[0].options
    writes = Writes(values, is_new=stored is None)
    (_merge_simple if is_simple else _merge_variants)(writes, draft, stored)
    if stored is None:
        values["currency"] = currency
    else:
        writes.is_changed = _keep(values, stored.product, draft.given)
    return writes


def _merge_simple(writes: Writes, draft: ProductDraft, stored: Stored | None) -> None:
    (form,) = draft.forms
    if stored and stored.variants:
        raise Unfit("The product has variants here, and the file gives none: give their options, or delete it first.")
    own = stored.product.sku if stored else None
    if own and own != form.sku and not form.is_made_up:
        raise Unfit(f"The product has the SKU {own!r} here, the file says {form.sku!r}: change one of them first.")
    sku = own or form.sku
    writes.product |= {
        "sku": sku,
        "base_price": form.price,
        "compare_at_price": form.compare_at_price,
        "is_tracked": form.is_tracked,
    }
    writes.skus.append(SavedSku(sku, None))


def _merge_variants(writes: Writes, draft: ProductDraft, stored: Stored | None) -> None:
    known = stored.variants if stored else ()
    own_sku = stored.product.sku if stored else None
    matches = [_match(form, known, own_sku) for form in draft.forms]
    named = [row.id for row in matches if row]
    if len(set(named)) < len(named):
        raise Unfit("Two rows of the file are one and the same variant here.")
    others = [row for row in known if row.id not in named]
    _require_distinct(draft, others)
    stored_base = stored.product.base_price if stored else Decimal(0)
    prices = [form.price for form in draft.forms] + [stored_base + row.price_modifier for row in others]
    base = min(prices)
    writes.product |= {"sku": None, "base_price": base, "compare_at_price": None}
    writes.product["is_tracked"] = stored.product.is_tracked if stored else True
    for order, (form, row) in enumerate(zip(draft.forms, matches, strict=True)):
        _write_form(writes, draft, form, row, {"price_modifier": form.price - base, "display_order": order})
    for row in others:
        _change(writes, row, {"price_modifier": stored_base + row.price_modifier - base})


def _match(form: FormDraft, known: Sequence[ProductVariantRow], own_sku: str | None) -> ProductVariantRow | None:
    if form.sku == own_sku:
        raise Unfit(f"The SKU {form.sku!r} is that of the product itself here; give the variant another.")
    for row in known:
        if row.sku == form.sku:
            return row
    for row in known:
        if _key(row.options) == _key(_options(form)):
            if form.is_made_up:
                return row
            raise Unfit(f"The options of the SKU {form.sku!r} are those of the SKU {row.sku!r} here.")
    return None


def _require_distinct(draft: ProductDraft, others: Sequence[ProductVariantRow]) -> None:
    taken = {_key(row.options): row.sku for row in others}
    for form in draft.forms:
        if other := taken.get(_key(_options(form))):
            raise Unfit(f"The options of the SKU {form.sku!r} are those of the SKU {other!r} here.")


def _write_form(
    writes: Writes, draft: ProductDraft, form: FormDraft, row: ProductVariantRow | None, place: Mapping[str, Any]
) -> None:
    values = {
        **completed({"options": _options(form)}, fallback_name=draft.name),
        "compare_at_price": form.compare_at_price,
        "is_tracked": form.is_tracked,
        "images": list(form.images),
        **place,
    }
    if row is None:
        variant_id = new_id()
        writes.new_variants.append({"id": variant_id, "product_id": writes.product["id"], "sku": form.sku, **values})
        writes.skus.append(SavedSku(form.sku, variant_id))
        return
    kept = {"compare_at_price", "is_tracked"} - draft.given
    if "variant_images" not in draft.given or row.images[:1] == values["images"]:
        kept |= {"images"}
    _change(writes, row, {name: value for name, value in values.items() if name not in kept})
    writes.skus.append(SavedSku(row.sku, row.id))


def _change(writes: Writes, row: ProductVariantRow, values: Mapping[str, Any]) -> None:
    if any(getattr(row, name) != value for name, value in values.items()):
        names = ("name", "options", "color", "size", "price_modifier", "compare_at_price", "images")
        whole = {name: getattr(row, name) for name in (*names, "is_tracked", "display_order")}
        writes.changed_variants.append({"id": row.id, **whole, **values})


def _keep(values: dict[str, Any], row: ProductRow, given: frozenset[str]) -> bool:
    """Put back what the draft's source does not have; whether anything else differs from what is stored.

    The short description is made of the long one, and gives way to a better one as long as the long one is the same.
    """
    kept = values.keys() - ALWAYS_GIVEN - given
    if values["long_description"] == (row.long_description or row.description):
        kept |= {"description", "long_description"}
    for name in kept:
        values[name] = getattr(row, name)
    return any(getattr(row, name) != value for name, value in values.items())


def _options(form: FormDraft) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in form.options]


def _key(options: Sequence[Mapping[str, str]]) -> OptionKey:
    return frozenset((option["name"].casefold(), option["value"].casefold()) for option in options)
