"""Drafts of an import compared with stored products: pure rules, tested with arbitrary drafts."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domains.catalog.data import ProductRow, ProductVariantRow
from domains.catalog.imports.models import (
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    DraftRefused,
    Outcome,
    ProductDraft,
    VariantDraft,
)
from domains.catalog.imports.rows import merge_draft
from domains.catalog.imports.variants import RowChanges, StoredProduct
from domains.catalog.products.measures import MEASURES
from domains.kernel.ids import new_id

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COMPANY, CATEGORY = UUID(int=1), UUID(int=2)
CREATED_AT = {"company_id": COMPANY, "image_alt_texts": {}, "created_at": NOW, "updated_at": NOW}
COUNTS = {"view_count": 0, "rating_sum": 0, "review_count": 0}
NEW_PRODUCT = {
    "model": None,
    "is_featured": False,
    "is_gift_card": False,
    "tax_class_id": None,
    "shipping_profile_id": None,
    "requires_shipping": True,
    **dict.fromkeys(MEASURES),
    "currency": "EUR",
    **COUNTS,
    **CREATED_AT,
}
PRICES = st.decimals(0, 10_000, places=2)
WEIGHTS = st.none() | st.sampled_from([Decimal("0.000"), Decimal("0.400"), Decimal("1.250")])
WORDS = st.text("abc ", min_size=1, max_size=5).map(str.strip).filter(bool)


@st.composite
def drafts(draw: st.DrawFn) -> ProductDraft:
    """Drafts of one product; their SKUs and options overlap from one to the next."""
    sizes = draw(st.lists(st.sampled_from(["S", "M", "L", "XL"]), unique=True, max_size=4))
    variants = [_variant(draw, f"mug-{size}", (("Size", size),)) for size in sizes] or [_variant(draw, "mug", ())]
    return ProductDraft(
        slug="mug",
        name=draw(WORDS),
        category="Cups",
        variants=tuple(variants),
        is_simple=not sizes,
        description=draw(st.none() | WORDS),
        long_description=draw(st.none() | WORDS),
        brand=draw(st.none() | WORDS),
        tags=tuple(draw(st.lists(WORDS, max_size=2))),
        images=tuple(draw(st.lists(st.sampled_from(["/a", "/b"]), unique=True))),
        is_active=draw(st.booleans()),
        model=draw(st.none() | WORDS),
        is_featured=draw(st.booleans()),
        is_gift_card=draw(st.none() | st.booleans()),
        requires_shipping=draw(st.none() | st.booleans()),
        base_price=draw(st.none() | PRICES),
        compare_at_price=draw(st.none() | PRICES),
        provided=draw(st.frozensets(st.sampled_from(sorted(PRODUCT_FIELDS)))) | {"name"},
    )


def _variant(draw: st.DrawFn, sku: str, options: tuple[tuple[str, str], ...]) -> VariantDraft:
    return VariantDraft(
        sku=sku,
        price=draw(PRICES),
        options=options,
        is_generated=draw(st.booleans()),
        name=draw(st.none() | WORDS),
        color=draw(st.none() | WORDS),
        is_active=draw(st.booleans()),
        provided=draw(st.frozensets(st.sampled_from(sorted(VARIANT_FIELDS)))) | {"price", "options"},
        compare_at_price=draw(st.none() | PRICES),
        is_tracked=draw(st.booleans()),
        weight=draw(WEIGHTS),
        images=tuple(draw(st.sampled_from([(), ("/a",)]))),
    )


def after(writes: RowChanges, stored: StoredProduct | None) -> StoredProduct:
    """The stored product after the rows are written."""
    before: dict[str, Any] = NEW_PRODUCT if stored is None else _fields(stored.product)
    product = ProductRow(**{**before, **writes.product})
    known = {row.id: row for row in stored.variants} if stored else {}
    for values in writes.changed_variants:
        known[values["id"]] = replace(known[values["id"]], **values)
    for values in writes.new_variants:
        known[values["id"]] = ProductVariantRow(
            **{**CREATED_AT, **dict.fromkeys(MEASURES), "is_active": True, **values}
        )
    return StoredProduct(product, list(known.values()))


def _fields(row: ProductRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ProductRow.__slots__}


def save(draft: ProductDraft, stored: StoredProduct | None = None) -> tuple[Outcome, StoredProduct]:
    writes = merge_draft(draft, stored, CATEGORY, "EUR")
    return writes.saved.outcome, after(writes, stored)


def price(stored: StoredProduct, sku: str) -> Decimal:
    (row,) = [row for row in stored.variants if row.sku == sku]
    return stored.product.base_price + row.price_modifier


@given(drafts(), drafts())
def test_a_saved_draft_changes_nothing_the_second_time(first: ProductDraft, second: ProductDraft) -> None:
    outcome, stored = save(first)
    assert outcome is Outcome.CREATED
    assert save(first, stored)[0] is Outcome.UNCHANGED
    try:
        _, stored = save(second, stored)
    except DraftRefused as refusal:
        if refusal.field == "is_gift_card":
            assert second.is_gift_card is not bool(first.is_gift_card)
        else:
            assert not second.variants[0].options
            assert first.variants[0].options
        return
    assert save(second, stored) == (Outcome.UNCHANGED, stored)


def test_a_missing_compare_at_price_does_not_override_the_variants_prices() -> None:
    variants = tuple(
        VariantDraft(
            sku=f"mug-{size}",
            price=Decimal(9),
            options=(("Size", size),),
            compare_at_price=compare_at,
            provided=given,
        )
        for size, compare_at, given in (
            ("S", None, frozenset({"price", "options"})),
            ("M", Decimal(12), frozenset({"price", "options", "compare_at_price"})),
        )
    )
    draft = ProductDraft(
        slug="mug",
        name="Mug",
        variants=variants,
        category="Cups",
        is_simple=False,
        compare_at_price=Decimal(0),
        provided=frozenset({"name"}),
    )
    outcome, stored = save(draft)
    assert (outcome, stored.product.compare_at_price) == (Outcome.CREATED, Decimal(12))
    assert save(draft, stored) == (Outcome.UNCHANGED, stored)


@given(drafts(), drafts())
def test_variants_missing_from_a_draft_keep_their_prices(first: ProductDraft, second: ProductDraft) -> None:
    assume(first.variants[0].options and second.variants[0].options)
    _, before = save(replace(first, base_price=None))
    _, stored = save(replace(second, base_price=None, is_gift_card=None), before)
    expected = {row.sku: price(before, row.sku) for row in before.variants}
    expected |= {str(variant.sku): variant.price for variant in second.variants}
    assert {row.sku: price(stored, row.sku) for row in stored.variants} == expected
    assert stored.product.base_price == min(expected.values())


@given(drafts(), drafts())
def test_values_missing_from_a_draft_are_kept(first: ProductDraft, second: ProductDraft) -> None:
    _, before = save(first)
    known = {variant.sku for variant in first.variants}
    variants = tuple(replace(variant, provided=frozenset()) for variant in second.variants if variant.sku in known)
    assume(variants)
    nothing: dict[str, Any] = {"is_simple": None, "is_gift_card": None, "requires_shipping": None}
    draft_of_price = replace(second, variants=variants, provided=frozenset(), **nothing)
    assert save(draft_of_price, before) == (Outcome.UNCHANGED, before)


def test_further_images_of_a_variant_are_kept_while_the_first_is_the_same() -> None:
    first_alone = frozenset(VARIANT_FIELDS - {"images"})
    variant = VariantDraft(sku="M", price=Decimal(1), options=(("Size", "S"),), images=("/a",), provided=first_alone)
    draft = ProductDraft(slug="mug", name="Mug", category="Cups", variants=(variant,), is_simple=False)
    _, stored = save(draft)
    more = StoredProduct(stored.product, [replace(stored.variants[0], images=["/a", "/b"])])
    assert save(draft, more) == (Outcome.UNCHANGED, more)
    other = replace(draft, variants=(replace(variant, images=("/c",)),))
    assert save(other, more)[1].variants[0].images == ["/c"]


def test_a_derived_short_description_follows_the_long_one_until_it_is_edited() -> None:
    variant = VariantDraft(sku="M", price=Decimal(1))
    draft = ProductDraft(slug="mug", name="Mug", variants=(variant,), is_simple=True, long_description="<p>Long</p>")
    draft = replace(draft, provided=PRODUCT_FIELDS - {"description"})
    _, stored = save(draft)
    assert stored.product.description == "Long"
    rewritten = replace(draft, long_description="<p>New</p>")
    assert save(rewritten, stored)[1].product.description == "New"
    better = StoredProduct(replace(stored.product, description="Better"), [])
    assert save(draft, better) == (Outcome.UNCHANGED, better)
    assert save(rewritten, better)[1].product.description == "Better"


def test_two_rows_of_a_file_for_one_variant_are_refused() -> None:
    variants = (
        VariantDraft(sku="A", price=Decimal(1), options=(("Size", "S"),)),
        VariantDraft(sku="made-up", price=Decimal(1), options=(("Size", "M"),), is_generated=True),
    )
    draft = ProductDraft(slug="mug", name="Mug", category="Cups", variants=variants[:1], is_simple=False)
    _, stored = save(draft)
    moved = StoredProduct(
        stored.product, [replace(stored.variants[0], id=new_id(), options=[{"name": "Size", "value": "M"}])]
    )
    with pytest.raises(DraftRefused, match="match the same stored variant"):
        save(replace(draft, variants=variants), moved)


@given(drafts())
def test_the_stock_of_a_gift_card_is_not_counted(draft: ProductDraft) -> None:
    _, stored = save(replace(draft, is_gift_card=True))
    later = replace(draft, is_gift_card=None)
    for each in (stored, save(later, stored)[1]):
        tracked = {each.product.is_tracked, *(row.is_tracked for row in each.variants)}
        assert (each.product.is_gift_card, tracked) == (True, {False})


@given(drafts())
def test_a_gift_card_is_not_shipped_and_other_products_are_as_the_file_says(draft: ProductDraft) -> None:
    _, stored = save(draft)
    said = draft.requires_shipping is not False and not draft.is_gift_card
    assert stored.product.requires_shipping is said
    _, later = save(replace(draft, is_gift_card=None, requires_shipping=False), stored)
    assert later.product.requires_shipping is False
    assert save(replace(draft, is_gift_card=None, requires_shipping=None), later)[1] == later


@given(drafts(), drafts(), WEIGHTS)
def test_variants_weigh_what_the_file_says_and_others_keep_their_weights(
    first: ProductDraft, second: ProductDraft, of_product: Decimal | None
) -> None:
    _, made = save(first)
    before = StoredProduct(replace(made.product, weight=of_product), made.variants)
    try:
        _, after = save(replace(second, is_gift_card=None), before)
    except DraftRefused:
        return
    expected = weights(before)
    for variant in second.variants:
        if "weight" in variant.provided:
            expected[str(variant.sku)] = variant.weight or Decimal(0)
        else:
            expected.setdefault(str(variant.sku), (after.product.weight if variant.options else None) or Decimal(0))
    assert weights(after) == {sku: expected[sku] for sku in weights(after)}


def weights(stored: StoredProduct) -> dict[str, Decimal]:
    """The weight of each SKU, 0 for an unknown one."""
    if not stored.variants:
        return {str(stored.product.sku): stored.product.weight or Decimal(0)}
    return {
        row.sku: (stored.product.weight if row.weight is None else row.weight) or Decimal(0)
        for row in stored.variants
    }


@given(drafts(), st.booleans())
def test_a_file_does_not_make_a_product_a_gift_card_later(draft: ProductDraft, is_gift_card: bool) -> None:
    _, stored = save(replace(draft, is_gift_card=is_gift_card))
    with pytest.raises(DraftRefused, match="which cannot change"):
        save(replace(draft, is_gift_card=not is_gift_card), stored)
