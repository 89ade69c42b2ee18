"""Documents equal the rows of their products after every change, in parallel and from any session."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest

from domains.catalog import data
from domains.catalog.documents.document_sql import DIFFERENT, DOCUMENT, FORMAT
from domains.catalog.models import AttributeValue, Category, NewVariant
from domains.catalog.search import index
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database, Reader, Tx
from tests.conftest import Undo
from tests.domains.catalog.conftest import MakeProduct
from tests.domains.catalog.documents.catalog_changes import CatalogChanges
from tests.domains.catalog.search_products import insert_category, insert_product
from tests.locks import waited_for

STORED = "select product_id, version, format, document, xmin from product_documents where company_id = $1"
BUILT = f"select {DOCUMENT} from products p where p.id = $1"  # noqa: S608 - an expression of the project
FUTURE = 4 * 10**15  # microseconds: about the year 2096


async def stored(db: Reader, product_id: UUID) -> Any:
    return await db.fetch_row(f"{STORED} and product_id = $2", db.company_id, product_id)


async def different(connection: Any, company: UUID) -> list[str]:
    """The slugs of products of a company whose documents differ from their rows."""
    unlimited = DIFFERENT.replace("limit 20", "")
    return [row["slug"] for row in await connection.fetch(unlimited) if row["company_id"] == company]


@pytest.mark.parametrize("seed", range(4))
async def test_documents_equal_the_rows_after_every_kind_of_change(
    tx: Tx, catalog: CatalogService, company: UUID, seed: int
) -> None:
    changes = CatalogChanges(catalog, seed)
    await changes.begin(tx)
    for kind, change in changes.kinds.items():
        await change(tx)
        assert (kind, await different(tx, company)) == (kind, [])
    for _ in range(20):
        before = {row["product_id"]: (row["version"], row["document"]) for row in await tx.fetch(STORED, company)}
        kind = await changes.change(tx)
        assert (kind, await different(tx, company)) == (kind, [])
        for row in await tx.fetch(STORED, company):
            version, document = before.get(row["product_id"], (0, ""))
            assert (row["version"] > version) is (row["document"] != document)


async def test_a_document_has_what_is_shown_and_not_what_changes_by_itself(
    make_product: MakeProduct, category: Category, reader: Reader
) -> None:
    product = await make_product(
        name="Größe",
        description="Long",
        tags=["a"],
        attributes=[AttributeValue("Fit", "Slim", "cm")],
        variants=[NewVariant(sku="S", price_modifier=Decimal("-1.5")), NewVariant(sku="T", is_active=False)],
    )
    row = await stored(reader, product.id)
    document = orjson.loads(row["document"])
    texts = document.pop("texts")
    assert (document["base_price"], document["currency"], document["category_id"]) == (
        "10.0000", "EUR", str(category.id)
    )  # fmt: skip
    assert document["created_at"] == product.created_at.isoformat(timespec="microseconds")
    assert [(each[1], each[2], each[6]) for each in document["variants"]] == [
        ("S", "-1.5000", True), ("T", "0.0000", False)
    ]  # fmt: skip
    assert texts[""]["name"] == "Größe"
    assert [each[0] for each in texts[""]["variants"]] == ["Größe", "Größe"]
    assert texts[""]["attributes"] == [["Fit", "Slim", "cm"]]
    assert {"description", "long_description", "view_count", "stock"} & document.keys() == set()


async def test_an_unchanged_document_is_not_written(tx: Tx) -> None:
    product_id = await insert_product(tx, await insert_category(tx, "Shirts"))
    await index.reindex(tx, [product_id])
    first = await stored(tx, product_id)
    await data.product.update_many(tx, where={"id": product_id}, data={"view_count": 5, "description": "New"})
    assert first["document"] != await tx.fetch_value(BUILT, product_id)
    await index.reindex(tx, [product_id])
    second = await stored(tx, product_id)
    await index.reindex(tx, [product_id])
    assert await stored(tx, product_id) == second
    assert second["version"] > first["version"]  # for `updated_at`


async def test_a_version_is_raised_even_when_the_clock_was_ahead(tx: Tx) -> None:
    product_id = await insert_product(tx, await insert_category(tx, "Shirts"))
    await index.reindex(tx, [product_id])
    await tx.execute("update product_documents set version = $2 where product_id = $1", product_id, FUTURE)
    await data.product.update(tx, id=product_id, data={"name": "New"})
    await index.reindex(tx, [product_id])
    assert (await stored(tx, product_id))["version"] == FUTURE + 1


async def test_a_document_is_the_same_text_in_every_session(tx: Tx) -> None:
    product_id = await insert_product(tx, await insert_category(tx, "Shirts"))
    texts = set()
    for zone, style, digits in (("UTC", "ISO", 1), ("Asia/Kathmandu", "German", -15), ("America/New_York", "SQL", 3)):
        await tx.execute(f"set local timezone = '{zone}'")
        await tx.execute(f"set local datestyle = '{style}'")
        await tx.execute(f"set local extra_float_digits = {digits}")
        texts.add(await tx.fetch_value(BUILT, product_id))
    assert len(texts) == 1


async def test_a_changed_row_is_found(owner: Any, company: UUID, make_product: MakeProduct) -> None:
    changed, kept = await make_product(name="Changed"), await make_product(name="Kept")
    assert await different(owner, company) == []
    await owner.execute("update products set brand = 'Acme' where id = $1", changed.id)
    assert await different(owner, company) == [changed.slug]
    await owner.execute("delete from product_documents where product_id = $1", kept.id)
    assert sorted(await different(owner, company)) == sorted([changed.slug, kept.slug])


async def test_documents_of_an_earlier_format_are_built_again(
    owner: Any, database: Database, actor: Actor, company: UUID, make_product: MakeProduct, catalog: CatalogService
) -> None:
    shown, archived = await make_product(), await make_product()
    await database.run(lambda tx: catalog.delete_product(tx, archived.id), actor)
    await owner.execute("update product_documents set format = 0, document = '{}' where company_id = $1", company)
    assert await database.run(index.reindex_outdated, actor) == 2
    assert await database.run(index.reindex_outdated, actor) == 0
    assert await different(owner, company) == []
    assert {row["format"] for row in await owner.fetch(STORED, company)} == {FORMAT}
    assert shown.id != archived.id


async def test_other_companies_see_no_document(
    database: Database, company: UUID, other_company: UUID, make_product: MakeProduct
) -> None:
    product = await make_product()
    assert await stored(database.reader(company), product.id) is not None
    assert await database.reader(other_company).fetch(STORED, company) == []
    actor = Actor.system(other_company)

    async def steal(tx: Tx) -> int:
        return await tx.execute("update product_documents set version = 1 where product_id = $1", product.id)

    assert await database.run(steal, actor) == 0


async def test_a_writer_that_waited_writes_what_both_have_changed(
    database: Database, actor: Actor, company: UUID, owner: Any, make_product: MakeProduct, catalog: CatalogService
) -> None:
    product = await make_product(attributes=[AttributeValue("Fit", "Slim")])
    async with database.transaction(actor) as first:
        await catalog.products.set_attributes(first, product.id, [AttributeValue("Fit", "Wide")])
        rating = asyncio.ensure_future(
            database.run(lambda tx: catalog.ratings.add(tx, product.id, rating=4, count=1), actor)
        )
        await waited_for(first)
    await rating
    assert await different(owner, company) == []
    document = orjson.loads((await stored(database.reader(company), product.id))["document"])
    assert (document["rating_sum"], document["texts"][""]["attributes"]) == (4, [["Fit", "Wide", None]])


async def test_documents_equal_the_rows_after_parallel_writers(
    database: Database, actor: Actor, company: UUID, owner: Any, make_product: MakeProduct, catalog: CatalogService
) -> None:
    product = await make_product(variants=[NewVariant(sku="S")])

    async def write(number: int) -> None:
        async def change(tx: Tx) -> None:
            if number % 3 == 0:
                await catalog.ratings.add(tx, product.id, rating=5, count=1)
            elif number % 3 == 1:
                await catalog.update_product(tx, product.id, {"name": f"Shirt {number}"})
            else:
                await catalog.variants.create(tx, product.id, NewVariant(sku=f"N{number}", color=str(number)))

        await database.run(change, actor)

    await asyncio.gather(*(write(number) for number in range(12)))
    assert await different(owner, company) == []
    document = orjson.loads((await stored(database.reader(company), product.id))["document"])
    assert (document["review_count"], len(document["variants"])) == (4, 5)


async def test_a_rolled_back_change_leaves_document_and_version(
    database: Database, actor: Actor, reader: Reader, make_product: MakeProduct, catalog: CatalogService
) -> None:
    product = await make_product()
    before = await stored(reader, product.id)

    async def change(tx: Tx) -> None:
        await catalog.update_product(tx, product.id, {"name": "Other"})
        assert (await stored(tx, product.id))["version"] > before["version"]
        raise Undo

    with pytest.raises(Undo):
        await database.run(change, actor)
    assert await stored(reader, product.id) == before
    assert before["version"] < SystemClock().now().timestamp() * 10**6
