"""The export of random products changes nothing when imported again, and another company exports the same."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.models import (
    NewCategory,
    NewProduct,
    NewVariant,
    VariantChanges,
    VariantOption,
)
from domains.inventory.models import StockCount
from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database, Tx
from domains.kernel.text.validation import casefold_text, normalize_text
from tests.conftest import make_company
from tests.domains.feed.conftest import make_feed
from tests.domains.feed.shops import Shop

CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00")
UNUSUAL_CHARACTERS = st.sampled_from(["=1+1", 'a "b", c', "Title", "x\r\ny"])
WORDS = (st.text(CHARACTERS, min_size=1, max_size=12) | UNUSUAL_CHARACTERS).filter(normalize_text)
MAYBE = st.none() | WORDS
BODIES = ["<p>Clay, “blue”</p>", "5 < 6", " <i></i> x", "<script>a</script> b", "two\nlines"]
HTML = st.none() | st.sampled_from(BODIES)
PRICES = st.decimals(0, 60, places=2)
COMPARE_AT_PRICES = st.none() | st.sampled_from([Decimal(0), Decimal(5), Decimal(20), Decimal("49.90"), Decimal(99)])
IMAGES = st.lists(st.integers(0, 5).map("https://example.com/{}.jpg?a=1,2'".format), max_size=4)
NAMES = [("Size",), ("Size", "Color"), ("Color", "Size"), ("Glaze", "colour", "Size"), ("Title",), ()]
OPTION_SETS = st.sampled_from(NAMES)
VALUES = st.sampled_from(["S", "M", "L", "Default Title", "Default", "Red, dark", "café"])
ATTRIBUTES = st.lists(
    st.builds(AttributeValue, WORDS, WORDS, MAYBE),
    max_size=3,
    unique_by=lambda one: casefold_text(normalize_text(one.name)),
)
LATER: list[VariantChanges] = [{}, {"color": None}, {"color": "Crimson"}, {"size": "XXL"}]
NUMBERS = st.none() | st.integers(0, 9)
ALL = """
select to_jsonb(p) from products p where company_id = $1
union all select to_jsonb(v) from product_variants v where company_id = $1
union all select to_jsonb(i) from inventory_items i where company_id = $1
union all select to_jsonb(a) from product_attributes a where company_id = $1
union all select to_jsonb(c) from categories c where company_id = $1
"""
SHOWN = """
select p.slug, p.name, p.description, p.long_description, p.base_price, p.compare_at_price, p.brand, p.model, p.tags,
  p.is_active, p.is_featured, c.name as category,
  (select jsonb_agg(jsonb_build_array(a.name, a.value, a.unit) order by a.id) from product_attributes a
   where a.product_id = p.id) as attributes,
  (select jsonb_agg(jsonb_build_array(v.sku, v.name, v.options, p.base_price + v.price_modifier, v.is_tracked,
     v.is_active) order by v.display_order, v.id) from product_variants v where v.product_id = p.id) as variants
from products p join categories c on c.id = p.category_id where p.company_id = $1 order by p.slug
"""


@st.composite
def variants(draw: st.DrawFn) -> list[tuple[NewVariant, VariantChanges]]:
    """The variants of a product, each with a later change, which may contradict its options."""
    names, is_alike = draw(OPTION_SETS), draw(st.booleans())
    forms = []
    seen = set()
    for number in range(draw(st.integers(0, 4))):
        chosen = names if is_alike else draw(OPTION_SETS)
        options = tuple(VariantOption(name, draw(VALUES)) for name in chosen)
        key = frozenset((option.name.casefold(), option.value.casefold()) for option in options)
        if key in seen and key:
            continue
        seen.add(key)
        variant = NewVariant(
            sku=f"{draw(st.sampled_from(['V', 'ß', 'a.b']))}-{number}",
            name=draw(MAYBE),
            options=options,
            color=draw(st.sampled_from([None, f"Colour {number}"])) if not options else None,
            price_modifier=draw(PRICES),
            compare_at_price=draw(COMPARE_AT_PRICES),
            images=draw(IMAGES),
            is_tracked=draw(st.booleans()),
            is_active=draw(st.booleans()),
            display_order=draw(st.none() | st.integers(-2, 2)),
        )
        forms.append((variant, draw(st.sampled_from(LATER))))
    return forms


@st.composite
def products(draw: st.DrawFn) -> tuple[NewProduct, list[VariantChanges]]:
    """A product, and later changes of its variants."""
    forms = draw(variants())
    product = NewProduct(
        name=draw(WORDS),
        category_id=UUID(int=0),
        base_price=draw(PRICES),
        description=draw(MAYBE),
        long_description=draw(HTML),
        compare_at_price=draw(COMPARE_AT_PRICES),
        images=draw(IMAGES),
        brand=draw(MAYBE),
        model=draw(MAYBE),
        tags=draw(st.lists(WORDS, max_size=3)),
        sku=None if forms else draw(st.none() | st.just("own")),
        is_tracked=draw(st.booleans()),
        is_active=draw(st.booleans()),
        is_featured=draw(st.booleans()),
        attributes=draw(ATTRIBUTES),
        variants=[variant for variant, _ in forms],
    )
    return product, [changes for _, changes in forms]


async def create_products(shop: Shop, made: Sequence[Any], category: str, counts: Sequence[int | None]) -> None:
    """Put products into the shop as its staff would."""
    catalog, inventory = shop.feed._catalog, shop.feed._inventory

    async def work(tx: Tx) -> None:
        place = await catalog.categories.create(tx, NewCategory(name=category))
        skus: list[str] = []
        for number, (wanted, changes) in enumerate(made):
            unique = [replace(variant, sku=f"{variant.sku}-{number}") for variant in wanted.variants]
            sku = f"{wanted.sku}-{number}" if wanted.sku else None
            new = replace(wanted, category_id=place.id, variants=unique, sku=sku)
            product = await catalog.create_product(tx, new)
            skus += [variant.sku for variant in unique] or ([sku] if sku else [])
            for row in await catalog.variants.of_products(tx, tx.actor, [product.id]):
                change = changes[[variant.sku for variant in unique].index(row.sku)]
                if change:
                    await catalog.variants.update(tx, row.id, change)
        known = [StockCount(sku, count) for sku, count in zip(skus, counts, strict=False) if count is not None]
        if known:
            await inventory.ledger.set(tx, known)

    await shop.database.run(work, Actor.system(shop.id))


@settings(max_examples=40, deadline=None)
@given(made=st.lists(products(), min_size=1, max_size=3), category=WORDS, counts=st.lists(NUMBERS, max_size=12))
async def test_importing_an_export_changes_nothing_and_another_company_exports_the_same(
    database: Database, owner: Any, made: Sequence[Any], category: str, counts: list[int | None]
) -> None:
    feed = make_feed(SystemClock())
    home, away = [Shop(feed, database, owner, await make_company(owner)) for _ in range(2)]
    await create_products(home, made, category, counts)
    before = sorted(map(str, await owner.fetch(ALL, home.id)))
    shown = [dict(row) for row in await owner.fetch(SHOWN, home.id)]
    first = await home.export_file()

    report = await home.import_file(first, strict=True)
    assert (report.products_unchanged, report.stock_changes) == (len(made), 0), report
    assert sorted(map(str, await owner.fetch(ALL, home.id))) == before

    report = await away.import_file(first, strict=True)
    assert (report.products_created, report.bad_rows) == (len(made), [])
    assert await away.export_file() == first
    assert [dict(row) for row in await owner.fetch(SHOWN, away.id)] == shown
    again = await away.import_file(first, strict=True)
    assert (again.products_unchanged, again.stock_changes) == (len(made), 0)
