"""Merges the variants of a draft with the stored variants of its product; pure rules, no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from domains.catalog import validation
from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.data import ProductRow, ProductVariantRow
from domains.catalog.events import ChangedPrice
from domains.catalog.imports.models import (
    DraftRefused,
    Options,
    Outcome,
    ProductDraft,
    SavedProduct,
    SavedSku,
    VariantDraft,
    options_key,
)
from domains.catalog.variants.options import MAX_VARIANTS, complete_columns
from domains.kernel.ids import new_id

CHANGEABLE = (
    *("name", "options", "color", "size", "price_modifier", "compare_at_price", "images"),
    *("is_tracked", "is_active", "display_order", "weight"),
)


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product as it is stored, with all its variants in display order."""

    product: ProductRow
    variants: Sequence[ProductVariantRow] = ()


@dataclass(slots=True)
class RowChanges:
    """The rows to write for a draft. `product` has all columns, whether they change or not.

    `is_in_stock` is how a new product is shown from the beginning.
    """

    product: dict[str, Any]
    is_new: bool
    is_changed: bool = False
    is_in_stock: bool = False
    new_variants: list[dict[str, Any]] = field(default_factory=list)
    changed_variants: list[dict[str, Any]] = field(default_factory=list)
    skus: list[SavedSku] = field(default_factory=list)
    released_sku: str | None = None
    attributes: list[AttributeValue] | None = None
    prices: list[ChangedPrice] = field(default_factory=list)

    @property
    def saved(self) -> SavedProduct:
        """The result of the draft once these rows are written."""
        changed = self.is_changed or self.new_variants or self.changed_variants or self.attributes is not None
        outcome = Outcome.CREATED if self.is_new else Outcome.UPDATED if changed else Outcome.UNCHANGED
        key = self.product["id"]
        return SavedProduct(self.product["slug"], outcome, key, tuple(self.skus), released_sku=self.released_sku)


@dataclass(slots=True)
class PlannedVariant:
    """One variant as it will be stored: its draft and its stored row, either of which may be missing."""

    draft: VariantDraft | None
    row: ProductVariantRow | None
    price: Decimal
    compare_at: Decimal | None


def merge(writes: RowChanges, draft: ProductDraft, stored: StoredProduct | None) -> None:
    """Add the variants to the rows to write, and set the product fields that depend on them. Raises DraftRefused."""
    known = stored.variants if stored else ()
    old = stored.product if stored else None
    rows = [_match(variant, known, index) for index, variant in enumerate(draft.variants)]
    named = {row.id for row in rows if row}
    if len(named) < sum(row is not None for row in rows):
        raise DraftRefused("Two rows of the file match the same stored variant.")
    others = [row for row in known if row.id not in named]
    _require_distinct(draft, others)
    if len(rows) + len(others) > MAX_VARIANTS:
        raise DraftRefused(f"A product has at most {MAX_VARIANTS:,} variants.")
    before = [_stored_variant(row, old) for row in known] if old else []
    after = [
        _planned_variant(variant, row, old, index)
        for index, (variant, row) in enumerate(zip(draft.variants, rows, strict=True))
    ]
    after += [_stored_variant(row, old) for row in others] if old else []
    base = _base(draft, old, before, after)
    compare_at = _compare_at(draft, old, before, after)
    own = old.sku if old else None
    writes.product |= {"sku": None, "base_price": base, "compare_at_price": compare_at}
    writes.product["weight"] = old.weight if old else None
    writes.product["is_tracked"] = old.is_tracked if old else any(variant.is_tracked for variant in draft.variants)
    writes.released_sku = own if own and own not in {variant.sku for variant in draft.variants} else None
    orders = _orders(rows, others, has_options=draft.is_simple is not None)
    for variant, order in zip(after, orders, strict=True):
        _write(writes, variant, own, old, {"price_modifier": variant.price - base, "display_order": order})


def compare_at_of(own: Decimal | None, product_compare_at: Decimal | None, modifier: Decimal) -> Decimal | None:
    """The compare-at price of a variant: its own, else its product's plus the modifier; None if neither exists."""
    compare_at = own if own is not None or product_compare_at is None else product_compare_at + modifier
    return compare_at if compare_at and compare_at > 0 else None


def lowest(prices: Sequence[tuple[Decimal, Decimal | None]]) -> tuple[Decimal, Decimal | None]:
    """The lowest price of variants, and the first compare-at price of a variant with that price."""
    base = min(price for price, _ in prices)
    return base, next((compare_at for price, compare_at in prices if price == base and compare_at), None)


def derived(options: Options, product_name: str) -> dict[str, Any]:
    """The name, colour and size that derive from options."""
    columns = complete_columns({"options": _stored_options(options)}, fallback_name=product_name)
    return {name: columns[name] for name in ("name", "color", "size")}


def options_of(row: Any) -> Options:
    """The options of a variant's row."""
    return tuple((option["name"], option["value"]) for option in row.options)


def _match(variant: VariantDraft, known: Sequence[ProductVariantRow], index: int) -> ProductVariantRow | None:
    for row in known:
        if row.sku == variant.sku:
            return row
    if "options" not in variant.provided:
        if variant.is_generated:
            raise DraftRefused(
                "The stored product has variants, and the file has none: add their options, or delete the product "
                "first."
            )
        reason = f"The product has no variant with the SKU {variant.sku!r} yet, and a new one needs its options."
        raise DraftRefused(reason, index, field="sku")
    key = options_key(variant.options) if known else None
    for row in known if key else ():
        if options_key(options_of(row)) == key:
            if variant.is_generated:
                return row
            reason = f"The SKU {variant.sku!r} has the options of the stored SKU {row.sku!r}."
            raise DraftRefused(reason, index, field="options")
    return None


def _require_distinct(draft: ProductDraft, others: Sequence[ProductVariantRow]) -> None:
    taken = {options_key(options_of(row)): row.sku for row in others}
    for index, variant in enumerate(draft.variants if taken else ()):
        key = options_key(variant.options)
        if key and "options" in variant.provided and key in taken:
            reason = f"The SKU {variant.sku!r} has the options of the stored SKU {taken[key]!r}."
            raise DraftRefused(reason, index, field="options")


def _stored_variant(row: ProductVariantRow, product: ProductRow) -> PlannedVariant:
    compare_at = compare_at_of(row.compare_at_price, product.compare_at_price, row.price_modifier)
    return PlannedVariant(None, row, product.base_price + row.price_modifier, compare_at)


def _planned_variant(
    draft: VariantDraft, row: ProductVariantRow | None, old: ProductRow | None, index: int
) -> PlannedVariant:
    if row is None and "price" not in draft.provided:
        raise DraftRefused(
            f"There is no variant {draft.sku!r} yet, and a new one needs a price.", index, field="price"
        )
    stored = _stored_variant(row, old) if row and old else None
    price = draft.price if stored is None or "price" in draft.provided else stored.price
    compare_at = draft.compare_at_price or None
    if "compare_at_price" not in draft.provided:
        compare_at = stored.compare_at if stored else None
    return PlannedVariant(draft, row, price, compare_at)


def _base(
    draft: ProductDraft, old: ProductRow | None, before: Sequence[PlannedVariant], after: Sequence[PlannedVariant]
) -> Decimal:
    """The base price: from the draft, else the lowest of all prices unless a different one is stored."""
    if draft.base_price is not None and (old is None or "base_price" in draft.provided):
        return draft.base_price
    was_derived = old is None or not before or old.base_price == _lowest(before)[0]
    return _lowest(after)[0] if was_derived or old is None or "base_price" in draft.provided else old.base_price


def _compare_at(
    draft: ProductDraft, old: ProductRow | None, before: Sequence[PlannedVariant], after: Sequence[PlannedVariant]
) -> Decimal | None:
    """The product's compare-at price: from the draft, else of the lowest price unless a different one is stored."""
    is_given = "compare_at_price" in draft.provided
    if is_given and draft.compare_at_price is not None:
        return draft.compare_at_price or None
    derived_price = _lowest(after)[1]
    if old is None or is_given:
        return draft.compare_at_price or derived_price
    any_given = any(variant.draft and "compare_at_price" in variant.draft.provided for variant in after)
    was_derived = not old.compare_at_price or (before and old.compare_at_price == _lowest(before)[1])
    return derived_price if any_given and (was_derived or not before) else old.compare_at_price


def _lowest(variants: Sequence[PlannedVariant]) -> tuple[Decimal, Decimal | None]:
    return lowest([(variant.price, variant.compare_at) for variant in variants])


def _orders(
    rows: Sequence[ProductVariantRow | None], others: Sequence[ProductVariantRow], *, has_options: bool
) -> list[int]:
    """The display order of each variant of the file, then of each other variant; stored orders stay if they agree.

    A file without options is a list of SKUs, whose order is ignored.
    """
    stored = [row for row in rows if row]
    kept = [row.display_order for row in others]
    places = [(row.display_order, row.id) for row in stored]
    if has_options and (places != sorted(places) or None in rows[: len(stored)]):
        return [*range(len(rows)), *kept]
    after = max([row.display_order for row in (*stored, *others)], default=-1) + 1
    return [*(row.display_order for row in stored), *range(after, after + len(rows) - len(stored)), *kept]


def _write(
    writes: RowChanges,
    variant: PlannedVariant,
    own: str | None,
    old: ProductRow | None,
    derived_values: Mapping[str, Any],
) -> None:
    """Add the rows of one variant; one that the draft does not have keeps its price and compare-at price."""
    draft, row = variant.draft, variant.row
    values = {
        **derived_values,
        "compare_at_price": _own_compare_at(variant, writes.product["compare_at_price"], derived_values),
    }
    if draft is None:
        if row:
            _change(writes, row, values)
        return
    values |= _option_columns(draft, row, writes.product["name"], old)
    values |= {"is_tracked": draft.is_tracked, "is_active": draft.is_active, "images": list(draft.images)}
    values["weight"] = _own_weight(draft, row, writes.product["weight"])
    if row is None:
        variant_id = new_id()
        writes.new_variants.append({"id": variant_id, "product_id": writes.product["id"], "sku": draft.sku, **values})
        moved = draft.sku == own
        writes.skus.append(SavedSku(draft.sku, variant_id, draft.is_tracked, is_new=not moved, has_moved=moved))
        return
    kept = {"is_tracked", "is_active"} - draft.provided
    if _keeps_images(draft, row):
        kept |= {"images"}
    _change(writes, row, {name: value for name, value in values.items() if name not in kept})
    is_tracked = row.is_tracked if "is_tracked" in kept else draft.is_tracked
    writes.skus.append(SavedSku(row.sku, row.id, is_tracked))


def _own_compare_at(
    variant: PlannedVariant, product_compare_at: Decimal | None, derived_values: Mapping[str, Any]
) -> Decimal | None:
    """The compare-at price to store for the variant itself: None if its product's price gives the same."""
    modifier = derived_values["price_modifier"]
    if variant.row is None and variant.draft and "compare_at_price" not in variant.draft.provided:
        return None
    if (
        variant.row
        and compare_at_of(variant.row.compare_at_price, product_compare_at, modifier) == variant.compare_at
    ):
        return variant.row.compare_at_price
    if compare_at_of(None, product_compare_at, modifier) == variant.compare_at:
        return None
    return variant.compare_at or Decimal(0)


def _own_weight(draft: VariantDraft, row: ProductVariantRow | None, of_product: Decimal | None) -> Decimal | None:
    """The weight to store for the variant itself: None if its product's is the same. 0 is an unknown one."""
    own = row.weight if row else None
    shown = of_product if own is None else own
    if "weight" not in draft.provided or (row and (shown or None) == (draft.weight or None)):
        return own
    if (of_product or None) == (draft.weight or None):
        return None
    return draft.weight or Decimal(0)


def _option_columns(
    draft: VariantDraft, row: ProductVariantRow | None, product_name: str, old: ProductRow | None
) -> dict[str, Any]:
    """The options, name, colour and size: from the draft, else derived from the options unless others are stored."""
    options = draft.options if row is None or "options" in draft.provided else options_of(row)
    values: dict[str, Any] = {"options": _stored_options(options)}
    before = derived(options_of(row), old.name) if row and old else {}
    for name, derived_value in derived(options, product_name).items():
        given = getattr(draft, name) if row is None or name in draft.provided else None
        stored = getattr(row, name) if row else None
        is_kept = (stored is not None and name not in draft.provided) or (row is not None and stored is None)
        values[name] = given or (stored if is_kept and stored != before[name] else derived_value)
    return values


def _keeps_images(draft: VariantDraft, row: ProductVariantRow) -> bool:
    """Whether the stored images stay: none are given, the same ones, or the same first one and no others."""
    given = list(draft.images)
    if "images" in draft.provided:
        return validation.is_equivalent(validation.VARIANT, "images", row.images, given)
    return "image" not in draft.provided or row.images[:1] == given


def _change(writes: RowChanges, row: ProductVariantRow, values: Mapping[str, Any]) -> None:
    if any(getattr(row, name) != value for name, value in values.items()):
        columns = {name: getattr(row, name) for name in CHANGEABLE}
        writes.changed_variants.append({"id": row.id, **columns, **values})


def _stored_options(options: Options) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in options]
