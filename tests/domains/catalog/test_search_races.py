"""Parallel writes: the search index follows the products, and the stored counts are exact."""

import asyncio
import random
from decimal import Decimal
from uuid import UUID

import pytest

from domains.catalog import data
from domains.catalog.invariants import INVARIANTS
from domains.catalog.models import Category, NewCategory
from domains.catalog.search import frequency_sql, index
from domains.catalog.search.rebuilds import rebuild
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from tests.domains.catalog.conftest import MakeProduct
from tests.domains.catalog.search_products import (
    computed_counts,
    entry_of,
    insert_category,
    insert_product,
    stored_counts,
)
from tests.locks import waited_for

WRITERS = 8
DIFFERENT_ROWS = next(rule.query for rule in INVARIANTS if rule.rule.startswith("The rows that facets"))


async def stocked_shop(database: Database, actor: Actor, size: int = 12) -> list[UUID]:
    async def fill(tx: Tx) -> list[UUID]:
        shelf = await insert_category(tx, "Shelf")
        ids = [await insert_product(tx, shelf, f"Thing {number}", brand="Acme") for number in range(size)]
        await index.reindex(tx, ids)
        return ids

    return await database.run(fill, actor)


async def test_stored_counts_are_exact_after_parallel_writes_of_the_same_products(
    database: Database, company: UUID
) -> None:
    actor = Actor.system(company)
    ids = await stocked_shop(database, actor)
    chance = random.Random(1)  # noqa: S311 - picks what to change, no secret

    async def write(number: int) -> None:
        async def work(tx: Tx) -> None:
            some = chance.sample(ids, 5)
            for product_id in sorted(some):
                change: data.ProductUpdate = {"brand": f"Brand {number}", "is_active": number % 3 > 0}
                await data.product.update(tx, id=product_id, data=change)
            await index.reindex(tx, some)

        async def stock(tx: Tx) -> None:
            await index.set_in_stock(tx, dict.fromkeys(chance.sample(ids, 6), number % 2 > 0))

        await database.run(work, actor)
        await database.run(stock, actor)

    await asyncio.gather(*(write(number) for number in range(WRITERS * 3)))

    async def check(tx: Tx) -> None:
        assert await stored_counts(tx) == await computed_counts(tx)
        brands = {product_id: (await data.product.find_unique(tx, id=product_id)) for product_id in ids}
        for product_id, row in brands.items():
            entry = await entry_of(tx, product_id)
            assert row is not None
            assert [token[4:] for token in entry["tokens"] if token[3] == "b"] == [str(row.brand).lower()]
            assert list(entry["labels"].values()) == [row.brand]
            assert entry["is_listed"] is row.is_active

    await database.run(check, actor)


async def test_the_last_change_is_indexed(database: Database, company: UUID) -> None:
    """A writer that waited for a lock must read the committed change."""
    actor = Actor.system(company)
    product_id, *_ = await stocked_shop(database, actor, 1)

    async def rename(number: int) -> None:
        async def work(tx: Tx) -> None:
            await data.product_attribute.upsert(
                tx,
                where={"product_id": product_id, "name": "Edition"},
                create={"product_id": product_id, "name": "Edition", "value": str(number)},
                update={"value": f"word{number}"},
            )
            await index.reindex(tx, [product_id])

        await database.run(work, actor)

    await asyncio.gather(*(rename(number) for number in range(WRITERS)))

    async def check(tx: Tx) -> None:
        attribute = await data.product_attribute.find_first(tx, where={"product_id": product_id})
        assert attribute is not None
        assert f"{attribute.value}'" in (await entry_of(tx, product_id))["document"]

    await database.run(check, actor)


async def test_parallel_writes_of_the_same_new_term_do_not_block_each_other(
    database: Database, company: UUID
) -> None:
    actor = Actor.system(company)
    first, second = await stocked_shop(database, actor, 2)
    async with database.transaction(actor) as tx, database.transaction(actor) as other:
        for each, product_id in ((tx, first), (other, second)):
            await data.product.update(each, id=product_id, data={"name": "Zephyr", "base_price": Decimal(9)})
            await asyncio.wait_for(index.reindex(each, [product_id]), 2)

    async def check(tx: Tx) -> None:
        assert await stored_counts(tx) == await computed_counts(tx)
        assert await index.delete_unused_terms(tx) == 2  # one `zephyr` of two, and `thing`
        rows = await tx.fetch(
            "select term from search_terms where company_id = $1 and trigrams <> '{}' order by 1", tx.company_id
        )
        assert [row["term"] for row in rows] == ["acme", "shelf", "zephyr"]

    await database.run(check, actor)


@pytest.mark.parametrize("later", ["write", "stock"])
async def test_a_row_of_facets_follows_the_last_of_two_writers(database: Database, company: UUID, later: str) -> None:
    actor = Actor.system(company)
    product_id, *_ = await stocked_shop(database, actor, 1)

    async def write(tx: Tx) -> None:
        if later == "stock":
            await index.set_in_stock(tx, {product_id: True})
        else:
            await data.product.update(tx, id=product_id, data={"base_price": Decimal(9), "is_featured": False})
            await index.reindex(tx, [product_id])

    async with database.transaction(actor) as tx:
        await data.product.update(tx, id=product_id, data={"base_price": Decimal(7), "is_featured": True})
        await index.reindex(tx, [product_id])
        waiting = asyncio.ensure_future(database.run(write, actor))
        await waited_for(tx)
    await waiting

    async def check(tx: Tx) -> None:
        assert await tx.fetch(DIFFERENT_ROWS) == []
        (row,) = await tx.fetch("select * from product_facets where company_id = $1", company)
        expected = (Decimal(7), True, True) if later == "stock" else (Decimal(9), False, False)
        assert (row["price"], row["is_featured"], row["in_stock"]) == expected
        assert await stored_counts(tx) == await computed_counts(tx)

    await database.run(check, actor)


async def test_rows_of_facets_are_exact_after_writes_beside_rebuilds(
    database: Database, company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "BATCH_SIZE", 3)
    actor = Actor.system(company)
    ids = await stocked_shop(database, actor)
    chance = random.Random(2)  # noqa: S311 - picks what to change, no secret

    async def spoil(tx: Tx) -> None:
        await tx.execute("delete from product_facets where product_id = any($1)", ids[:4])
        await tx.execute("update product_facets set price = 1 where company_id = $1", company)

    async def write(number: int) -> None:
        async def work(tx: Tx) -> None:
            some = sorted(chance.sample(ids, 3))
            for product_id in some:
                change: data.ProductUpdate = {"base_price": Decimal(number), "is_active": number % 4 > 0}
                await data.product.update(tx, id=product_id, data=change)
            await index.reindex(tx, some)
            await index.set_in_stock(tx, dict.fromkeys(some, number % 2 > 0))

        await database.run(work, actor)

    await database.run(spoil, actor)
    rebuilds = (rebuild(database, actor, lambda done, total: None) for _ in range(2))
    await asyncio.gather(*rebuilds, *(write(number) for number in range(1, WRITERS * 2)))

    async def check(tx: Tx) -> None:
        assert await tx.fetch(DIFFERENT_ROWS) == []
        prices = "select f.price, p.base_price from product_facets f join products p on p.id = f.product_id"
        rows = await tx.fetch(f"{prices} where f.company_id = $1", company)
        assert [row["price"] for row in rows] == [row["base_price"] for row in rows]
        assert len(rows) == len(ids)
        assert await stored_counts(tx) == await computed_counts(tx)

    await database.run(check, actor)


async def test_words_that_two_count_at_once_are_counted_once(database: Database, company: UUID) -> None:
    actor = Actor.system(company)
    product_id, *_ = await stocked_shop(database, actor, 1)

    async def describe(tx: Tx) -> None:
        await data.product.update(tx, id=product_id, data={"description": "Zephyr"})
        await index.reindex(tx, [product_id])

    await database.run(describe, actor)
    async with database.transaction(actor) as tx:
        await frequency_sql.count_words(tx)
        waiting = asyncio.ensure_future(database.run(frequency_sql.count_words, actor))
        await waited_for(tx)
    await waiting

    async def check(tx: Tx) -> None:
        rows = await tx.fetch(
            "select term, products from search_terms where company_id = $1 and trigrams = '{}' order by term", company
        )
        assert [tuple(row) for row in rows] == [("", 1), ("0", 1), ("zephyr", 1)]

    await database.run(check, actor)


async def test_a_product_created_while_its_category_moves_is_indexed_below_the_new_parent(
    database: Database, actor: Actor, catalog: CatalogService, category: Category, make_product: MakeProduct
) -> None:
    async with database.transaction(actor) as moving:
        sale = await catalog.categories.create(moving, NewCategory(name="Sale"))
        await catalog.categories.move(moving, category.id, sale.id)
        making = asyncio.ensure_future(make_product(name="Cap"))
        await waited_for(moving)
    made = await making

    async def check(tx: Tx) -> None:
        tokens = (await entry_of(tx, made.id))["tokens"]
        assert {token[4:] for token in tokens if token[3] == "c"} == {str(sale.id), str(category.id)}

    await database.run(check, actor)
