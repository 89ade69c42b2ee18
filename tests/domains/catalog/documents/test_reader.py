"""Products that are read from documents, remembered or not, are those of the rows, as each actor may see them."""

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog import data
from domains.catalog.documents import reading_sql
from domains.catalog.documents.live_values import NO_UNITS, LiveValue, LiveValues, Units
from domains.catalog.documents.products import ProductContents, ShownProduct
from domains.catalog.documents.reader import ProductReader, Reading
from domains.catalog.models import Category, NewCategory, NewVariant
from domains.catalog.products.measures import MEASURES
from domains.catalog.search import search_sql
from domains.catalog.search.listing import ProductFilter, ProductSort, find_page, select
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from tests.domains.catalog.conftest import MakeProduct
from tests.domains.catalog.documents.catalog_changes import CatalogChanges
from tests.read_model import READING

NEWEST = ProductSort()
ALL = PageArgs(first=100)
ITEM = """
insert into inventory_items (id, company_id, sku, product_id, variant_id, available_stock, total_stock, updated_at)
values (gen_random_uuid(), $1, $2, $3, $4, $5, $5, now())
"""


@pytest.fixture
def products() -> ProductReader:
    """A reader that has read nothing."""
    return ProductReader(READING)


def values_of(product: ShownProduct) -> dict[str, Any]:
    """All that a product says, but its revision."""
    found = {field.name: getattr(product, field.name) for field in fields(ProductContents)}
    del found["revision"]
    return found


async def from_rows(db: Reader, product_id: UUID, *, with_drafts: bool) -> dict[str, Any]:
    """What `values_of` must be, read from the tables."""
    row = await data.product.find_unique(db, id=product_id)
    assert row is not None
    order: list[Any] = [{"display_order": "asc"}, {"id": "asc"}]
    where: data.ProductVariantWhere = {"product_id": product_id} | ({} if with_drafts else {"is_active": True})  # type: ignore[assignment] # the union of both
    variants = await data.product_variant.find_many(db, where=where, order_by=order)
    expected = {field.name: getattr(row, field.name) for field in fields(data.ProductRow)}
    for name in ("description", "long_description", "view_count", "tax_class_id", "shipping_profile_id"):
        del expected[name]
    names = [field.name for field in fields(data.ProductVariantRow) if field.name != "company_id"]
    expected["variants"] = [
        {name: getattr(variant, name) for name in names}
        | {name: _own_or(getattr(variant, name), getattr(row, name)) for name in MEASURES}
        | {"base_price": row.base_price, "product_compare_at_price": row.compare_at_price, "currency": row.currency}
        for variant in variants
    ]
    expected["category"] = await data.category.find_unique(db, id=row.category_id)
    expected["attributes"] = await data.product_attribute.find_many(
        db, where={"product_id": product_id}, order_by=[{"id": "asc"}]
    )
    return expected


def _own_or(own: Decimal | None, of_product: Decimal | None) -> Decimal | None:
    return of_product if own is None else own


def comparable(product: ShownProduct) -> dict[str, Any]:
    found = values_of(product)
    found["variants"] = [
        {("options" if name == "raw_options" else name): getattr(variant, name) for name in variant.__slots__}
        for variant in product.variants
    ]
    return found


@pytest.fixture(autouse=True)
async def nothing_left(owner: Any, company: UUID) -> AsyncIterator[None]:
    """Undo what tests write by hand, which other tests find in the whole database."""
    yield
    await owner.execute("delete from inventory_items where company_id = $1", company)
    await owner.execute(
        "update product_search s set is_listed = f.is_listed from product_facets f "
        "where s.company_id = $1 and (f.company_id, f.product_id) = (s.company_id, s.product_id)",
        company,
    )


async def listed(db: Reader, products: ProductReader, *, with_drafts: bool) -> dict[UUID, ShownProduct]:
    """All products of a listing."""
    selection = select(db, ProductFilter(), listed_only=not with_drafts)
    page = await find_page(db, selection, NEWEST, ALL, Reading(products, with_drafts))
    return {product.id: product for product in page.items}


@pytest.mark.parametrize("memory", [READING.memory, 0, 40_000])
async def test_every_way_of_reading_equals_the_rows_after_random_changes(
    database: Database, actor: Actor, reader: Reader, catalog: CatalogService, memory: int
) -> None:
    changes, products = CatalogChanges(catalog, memory), ProductReader(replace(READING, memory=memory))
    await database.run(changes.begin, actor)
    for _ in range(25):
        await database.run(changes.change, actor)
        rows = await data.product.find_many(reader)
        entries = await reader.fetch(
            "select product_id, is_listed from product_search where company_id = $1", reader.company_id
        )
        for with_drafts in (True, False):
            seen = {row["product_id"] for row in entries if with_drafts or row["is_listed"]}
            expected = {row.id: await from_rows(reader, row.id, with_drafts=with_drafts) for row in rows}
            by_list = await listed(reader, products, with_drafts=with_drafts)
            assert {key: comparable(product) for key, product in by_list.items()} == {
                key: expected[key] for key in seen
            }
            ids = [row.id for row in rows]
            by_id = await products.find_many(reader, ids, with_drafts=with_drafts, listed_only=not with_drafts)
            assert {each.id: comparable(each) for each in by_id} == (
                expected if with_drafts else {key: expected[key] for key in seen}
            )
            row = changes.random.choice(rows)
            by_slug = await products.find(reader, "slug", row.slug, with_drafts=with_drafts)
            assert (comparable(by_slug) if by_slug else None) == (expected[row.id] if row.id in seen else None)
            variants = await data.product_variant.find_many(reader, where={"product_id": row.id})
            wanted = {each.id for each in variants if with_drafts or each.is_active}
            found = await products.find_variants(reader, [each.id for each in variants], with_drafts=with_drafts)
            assert {each.id for each in found} == wanted
        assert products.remembered <= memory * 9 // 8


async def test_a_page_reads_documents_that_are_not_remembered_by_a_second_statement(
    reader: Reader, products: ProductReader, make_product: MakeProduct, database: Database, actor: Actor,
    catalog: CatalogService, category: Category
) -> None:  # fmt: skip
    first, second = await make_product(), await make_product()
    counts = []

    async def page() -> dict[UUID, ShownProduct]:
        with counting() as count:
            found = await listed(reader, products, with_drafts=False)
        counts.append(count.data)
        return found

    before, again = await page(), await page()
    assert all(before[key] is again[key] for key in before)
    await database.run(lambda tx: catalog.update_product(tx, first.id, {"name": "New"}), actor)
    changed = await page()
    assert (changed[first.id].name, changed[second.id]) == ("New", before[second.id])
    await page()
    documents = await reader.fetch(
        "select document, xmin from product_documents where company_id = $1", first.company_id
    )
    await database.run(lambda tx: catalog.categories.update(tx, category.id, {"name": "Hats"}), actor)
    renamed = await page()
    assert {product.category.name for product in renamed.values()} == {"Hats"}
    assert renamed[second.id].revision != before[second.id].revision
    await page()
    assert counts == [2, 1, 2, 1, 2, 1]
    assert documents == await reader.fetch(
        "select document, xmin from product_documents where company_id = $1", first.company_id
    )


async def test_equal_revisions_are_the_same_object_and_drafts_have_their_own(
    reader: Reader, products: ProductReader, make_product: MakeProduct
) -> None:
    product = await make_product(variants=[NewVariant(sku="A"), NewVariant(sku="B", is_active=False)])
    staff, again = [await products.find(reader, "id", product.id, with_drafts=True) for _ in range(2)]
    guest = await products.find(reader, "slug", product.slug, with_drafts=False)
    assert staff is again
    assert staff is not None
    assert guest is not None
    assert staff.revision != guest.revision
    assert ([each.sku for each in staff.variants], [each.sku for each in guest.variants]) == (["A", "B"], ["A"])
    with counting() as count:
        await products.find(reader, "slug", product.slug, with_drafts=False)
        await products.find_variants(reader, [staff.variants[0].id], with_drafts=False)
    assert count.data == 2


async def test_a_document_that_is_newer_than_the_page_is_shown(
    reader: Reader, database: Database, actor: Actor, products: ProductReader, make_product: MakeProduct,
    catalog: CatalogService
) -> None:  # fmt: skip
    product = await make_product()
    await listed(reader, products, with_drafts=False)
    await database.run(lambda tx: catalog.update_product(tx, product.id, {"name": "Second"}), actor)
    selection = select(reader, ProductFilter(), listed_only=True)
    head, keyset = products.head_columns(reader), NEWEST.keyset(ALL)
    records = await search_sql.pages(reader, [selection], keyset, head)
    await database.run(lambda tx: catalog.update_product(tx, product.id, {"name": "Third"}), actor)
    shown = await products.complete(reader, records, with_drafts=False)
    assert shown[product.id].name == "Third"
    assert (await listed(reader, products, with_drafts=False))[product.id] is shown[product.id]


async def test_a_restored_backup_is_shown_though_newer_documents_are_remembered(
    owner: Any, reader: Reader, database: Database, actor: Actor, products: ProductReader, make_product: MakeProduct,
    catalog: CatalogService
) -> None:  # fmt: skip
    product = await make_product()
    backup = await owner.fetchrow("select version, document from product_documents where product_id = $1", product.id)
    await database.run(lambda tx: catalog.update_product(tx, product.id, {"name": "Lost"}), actor)
    assert (await listed(reader, products, with_drafts=False))[product.id].name == "Lost"
    restore = "update product_documents set version = $2, document = $3 where product_id = $1"
    await owner.execute(restore, product.id, *backup)
    assert (await listed(reader, products, with_drafts=False))[product.id].name == "Shirt"
    found = await products.find(reader, "slug", product.slug, with_drafts=False)
    assert found is not None
    assert found.name == "Shirt"


async def test_what_a_transaction_reads_is_not_remembered(
    reader: Reader, database: Database, actor: Actor, products: ProductReader, make_product: MakeProduct,
    catalog: CatalogService
) -> None:  # fmt: skip
    product = await make_product()
    await listed(reader, products, with_drafts=False)
    async with database.transaction(actor) as tx:
        await catalog.update_product(tx, product.id, {"name": "Uncommitted"})
        await catalog.categories.update(tx, product.category_id, {"name": "Uncommitted"})
        for found in (
            await products.find(tx, "id", product.id, with_drafts=False),
            (await listed(tx, products, with_drafts=False))[product.id],
        ):
            assert found is not None
            assert (found.name, found.category.name, found.revision) == ("Uncommitted", "Uncommitted", None)
        outside = await products.find(reader, "id", product.id, with_drafts=False)
        assert outside is not None
        assert (outside.name, outside.category.name) == ("Shirt", "Shirts")
        assert outside.revision is not None


async def test_a_missing_or_outdated_document_is_built_and_not_remembered(
    owner: Any, reader: Reader, products: ProductReader, make_product: MakeProduct
) -> None:
    missing, outdated = await make_product(name="Missing"), await make_product(name="Outdated")
    await owner.execute("delete from product_documents where product_id = $1", missing.id)
    await owner.execute("update product_documents set format = 0, document = '{}' where product_id = $1", outdated.id)
    for _ in range(2):
        found = await listed(reader, products, with_drafts=False)
        assert sorted((each.name, each.revision) for each in found.values()) == [
            ("Missing", None),
            ("Outdated", None),
        ]
        for product in (missing, outdated):
            alone = await products.find(reader, "slug", product.slug, with_drafts=True)
            assert alone is not None
            assert comparable(alone) == await from_rows(reader, product.id, with_drafts=True)


@pytest.mark.parametrize("statement", ["by_ids", "built"])
async def test_a_product_that_is_unpublished_during_a_request_is_not_shown(
    owner: Any,
    reader: Reader,
    company: UUID,
    products: ProductReader,
    make_product: MakeProduct,
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
) -> None:
    kept, secret = await make_product(name="Kept"), await make_product(name="Secret")
    if statement == "built":
        await owner.execute("update product_documents set format = 0, document = '{}' where company_id = $1", company)
    original = getattr(reading_sql, statement)

    async def after_the_change(*arguments: Any, **options: Any) -> Any:
        await owner.execute("update product_search set is_listed = false where product_id = $1", secret.id)
        return await original(*arguments, **options)

    monkeypatch.setattr(reading_sql, statement, after_the_change)
    selection = select(reader, ProductFilter(), listed_only=True)
    page = await find_page(reader, selection, NEWEST, ALL, Reading(products, with_drafts=False))
    assert ([each.id for each in page.items], len(page.cursors)) == ([kept.id], 1)
    if statement == "built":
        await owner.execute("update product_search set is_listed = true where product_id = $1", secret.id)
        assert await products.find(reader, "slug", secret.slug, with_drafts=False) is None


async def test_another_company_sees_nothing_of_what_is_remembered(
    reader: Reader, database: Database, other_company: UUID, products: ProductReader, make_product: MakeProduct
) -> None:
    product = await make_product(variants=[NewVariant(sku="A")])
    found = await products.find(reader, "slug", product.slug, with_drafts=True)
    assert found is not None
    stranger = database.reader(other_company)
    for column, value in (("id", product.id), ("slug", product.slug)):
        assert await products.find(stranger, column, value, with_drafts=True) is None
    assert await products.find_many(stranger, [product.id], with_drafts=True, listed_only=False) == []
    assert await products.find_variants(stranger, [found.variants[0].id], with_drafts=True) == []
    assert await products.live_values(stranger, [product.id], LiveValue.UNITS) == {}
    assert await listed(stranger, products, with_drafts=True) == {}


async def test_customers_do_not_see_what_is_hidden_though_staff_have_read_it(
    reader: Reader, database: Database, actor: Actor, products: ProductReader, make_product: MakeProduct,
    catalog: CatalogService
) -> None:  # fmt: skip
    hats = await database.run(lambda tx: catalog.categories.create(tx, NewCategory(name="Hats")), actor)
    draft, hidden = await make_product(is_active=False), await make_product(category_id=hats.id)
    archived = await make_product()
    await database.run(lambda tx: catalog.categories.update(tx, hats.id, {"is_active": False}), actor)
    await database.run(lambda tx: catalog.delete_product(tx, archived.id), actor)
    ids = [draft.id, hidden.id, archived.id]
    staff = await products.find_many(reader, ids, with_drafts=True, listed_only=False)
    assert {product.id for product in staff} == set(ids)
    assert await products.find_many(reader, ids, with_drafts=False, listed_only=True) == []
    for product_id in ids:
        assert await products.find(reader, "id", product_id, with_drafts=False) is None
    assert await products.find(reader, "id", archived.id, with_drafts=True) is None
    assert set(await listed(reader, products, with_drafts=True)) == {draft.id, hidden.id}
    assert await listed(reader, products, with_drafts=False) == {}


async def test_live_values_come_with_the_page_and_are_never_remembered(
    owner: Any, reader: Reader, company: UUID, products: ProductReader, make_product: MakeProduct
) -> None:
    plain = await make_product(sku="P", description="Short")
    varied = await make_product(variants=[NewVariant(sku="A"), NewVariant(sku="B")])
    variants = await owner.fetch("select id from product_variants where product_id = $1 order by sku", varied.id)
    first, second = (row["id"] for row in variants)
    await owner.execute(ITEM, company, "P", plain.id, None, 3)
    await owner.execute(ITEM, company, "A", varied.id, first, 4)
    selection = select(reader, ProductFilter(), listed_only=True)
    for views in (0, 7):
        await owner.execute("update products set view_count = $2 where id = $1", plain.id, views)
        live = LiveValues(frozenset(LiveValue))
        await find_page(reader, selection, NEWEST, ALL, Reading(products, with_drafts=False, live=live))
        units = {
            key: [found.get(each) for each in (None, first, second)]
            for key, found in live.found[LiveValue.UNITS].items()
        }
        assert units == {plain.id: [3, 0, 0], varied.id: [0, 4, 0]}
        assert live.found[LiveValue.DESCRIPTION] == {plain.id: "Short", varied.id: None}
        assert live.found[LiveValue.VIEW_COUNT] == {plain.id: views, varied.id: 0}
    alone = LiveValues(frozenset({LiveValue.UNITS}))
    await products.find(reader, "id", varied.id, with_drafts=False, live=alone)
    assert alone.found == {LiveValue.UNITS: {varied.id: live.found[LiveValue.UNITS][varied.id]}}
    assert await products.live_values(reader, [varied.id, plain.id], LiveValue.LONG_DESCRIPTION) == {
        plain.id: None, varied.id: None
    }  # fmt: skip


async def test_units_are_equal_when_all_variants_have_the_same(
    owner: Any, reader: Reader, company: UUID, products: ProductReader, make_product: MakeProduct
) -> None:
    product = await make_product(variants=[NewVariant(sku="A"), NewVariant(sku="B")])
    variants = await owner.fetch(
        "select id from product_variants where product_id = $1 order by sku desc", product.id
    )

    async def read() -> Units:
        found: Units = (await products.live_values(reader, [product.id], LiveValue.UNITS))[product.id]
        return found

    none = await read()
    for sku, variant in zip("BA", variants, strict=True):
        await owner.execute(ITEM, company, sku, product.id, variant["id"], 4)
    some, again = await read(), await read()
    one_more = "update inventory_items set available_stock = 5, total_stock = total_stock + 1"
    await owner.execute(f"{one_more} where product_id = $1 and sku = 'A'", product.id)
    more = await read()
    assert (none, some) == (NO_UNITS, again)
    assert len({none, some, again, more}) == 3
    assert [units.get(variants[1]["id"]) for units in (none, some, more)] == [0, 4, 5]
