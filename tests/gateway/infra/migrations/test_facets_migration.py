"""The migration that adds rows of facets: a filled search index has them, and the words of names, afterwards."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domains.catalog.invariants import INVARIANTS
from domains.catalog.search.documents import document
from domains.catalog.search.facet_tokens import FacetTokens, price_steps
from domains.kernel.ids import new_id
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

FACETS = "20261129050000"
INDEXES = "20261129070000"
KEYS = "20261129080000"
COMPANY = "insert into companies (id, name, slug, currency, updated_at) values ($1, 'A', 'a', 'EUR', now())"
CATEGORY = "insert into categories (id, company_id, name, slug, updated_at) values ($1, $2, 'Tea', 'tea', now())"
PRODUCT = """
insert into products (id, company_id, name, slug, base_price, currency, category_id, updated_at)
values ($1, $2, 'Green tea', 'tea', 7, 'EUR', $3, now())
"""
ENTRY = """
insert into product_search (product_id, company_id, name_key, price, rating, created_at, is_listed, in_stock, tokens,
                            version, document)
values ($1, $2, 'green tea', 7, 4.5, now(), true, true, $3, 1, $4::text::tsvector)
"""
COUNTED = (
    "insert into facet_counts (company_id, token, listed, total) select $1, token, 1, 1 from unnest($2::text[]) token"
)


async def test_a_filled_search_index_gets_rows_of_facets_and_words_of_names(
    empty_database: str, tmp_path: Path
) -> None:
    await migrate(empty_database, folder=migrations_before(FACETS, tmp_path))
    company, category, product = new_id(), new_id(), new_id()
    tokens = FacetTokens.for_company(company)
    brand, attribute = tokens.brand("Acme"), tokens.attribute("Color", "Red")
    stored = [tokens.category(category), brand, attribute, tokens.featured, tokens.in_stock]
    words = f"'{tokens.code}green':1A '{tokens.code}tea':2A,3B '{tokens.code}leaf':4C"
    async with connected(empty_database) as connection:
        await connection.execute(COMPANY, company)
        await connection.execute(CATEGORY, category, company)
        await connection.execute(PRODUCT, product, company, category)
        await connection.execute(ENTRY, product, company, stored, words)
        await connection.execute(COUNTED, company, stored)
        await migrate(empty_database)
        row = await connection.fetchrow("select * from product_facets")
        ids = {each["token"]: each["facet_id"] for each in await connection.fetch("select * from facet_counts")}
        found = await connection.fetchval("select document::text from product_search")
    fields = [("A", [["green"], ["tea"]]), ("B", [["tea"]]), ("C", [["leaf"]])]
    assert sorted(found.split()) == sorted(document(tokens.code, fields).split())
    assert (row["product_id"], row["price"], row["is_listed"], row["in_stock"], row["is_featured"]) == (
        product, 7, True, True, True,
    )  # fmt: skip
    assert row["categories"] == [ids[tokens.category(category)]]
    assert (row["brands"], row["attributes"]) == ([ids[brand]], [ids[attribute]])


@pytest.mark.parametrize("price", [Decimal(0), Decimal("14.99"), Decimal("999999999999999.9999")])
async def test_rows_of_facets_are_made_anew_with_their_numbers(
    empty_database: str, tmp_path: Path, price: Decimal
) -> None:
    await migrate(empty_database, folder=migrations_before(INDEXES, tmp_path))
    company, category, product = new_id(), new_id(), new_id()
    tokens = FacetTokens.for_company(company)
    async with connected(empty_database) as connection:
        await connection.execute(COMPANY, company)
        await connection.execute(CATEGORY, category, company)
        await connection.execute(PRODUCT, product, company, category)
        await connection.execute(ENTRY, product, company, [tokens.category(category)], f"'{tokens.code}tea':1A")
        await connection.execute("update product_search set price = $1", price)
        await migrate(empty_database)
        (row,) = await connection.fetch("select * from product_facets")
        (rule,) = (rule for rule in INVARIANTS if rule.rule.startswith("The rows that facets"))
        assert await rule.violations(connection) == []
    assert (row["price"], row["price_number"]) == (price, int(price * 10_000) - 500_000_000_000_000 * 10_000)
    assert len(row["categories"]) == 1


async def test_search_entries_get_the_numbers_of_their_rows_of_facets(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(KEYS, tmp_path))
    company, category, products = new_id(), new_id(), [new_id(), new_id()]
    tokens = FacetTokens.for_company(company)
    colors = [tokens.attribute("Color", color) for color in ("Red", "Blue", "Green", "Ochre")]
    stored = [tokens.category(category), tokens.brand("Acme"), *colors, tokens.featured]
    narrow = "in_stock, is_featured, price, rating, categories, brands, attributes"
    numbers = "cell, categories_key, brands_key, attributes_key"
    async with connected(empty_database) as connection:
        await connection.execute(COMPANY, company)
        await connection.execute(CATEGORY, category, company)
        for product, each in zip(products, (stored, [tokens.category(category)]), strict=True):
            await connection.execute(PRODUCT.replace("'tea'", "$1::uuid::text"), product, company, category)
            await connection.execute(ENTRY, product, company, each, f"'{tokens.code}tea':1A")
        await connection.execute(
            f"insert into product_facets (company_id, product_id, is_listed, {narrow}) "  # noqa: S608 - names
            f"select company_id, product_id, is_listed, {narrow} from product_search"
        )
        await migrate(empty_database)
        ids = await connection.fetchval("select facet_ids($1::text[], 'a')", colors)
        found, expected = [
            await connection.fetch(f"select {numbers} from {table} order by product_id")  # noqa: S608 - names
            for table in ("product_search", "product_facets")
        ]
        (attributes,) = await connection.fetchrow("select attributes from product_search where is_featured")
    assert found == expected
    assert ids == attributes == sorted(attributes)
    assert len({*attributes}) == len(colors)


@pytest.mark.parametrize("table", ["product_facets", "product_search"])
async def test_a_cell_is_a_price_band_full_stars_and_flags(owner: Any, table: str) -> None:
    expression = await owner.fetchval(
        "select pg_get_expr(adbin, adrelid) from pg_attrdef "
        "join pg_attribute on attrelid = adrelid and attnum = adnum "
        "where adrelid = $1::text::regclass and attname = 'cell'",
        table,
    )
    for number, step in enumerate(price_steps(), 1):
        for price, band in ((step, number), (step - Decimal("0.0001"), number - 1)):
            cell = await owner.fetchval(
                f"select {expression} from (select $1::numeric as price, 4.9 as rating, true as in_stock, "  # noqa: S608
                "true as is_featured, array['abcf'] as tokens) s",
                price,
            )
            assert (cell // 24, cell // 4 % 6, cell & 2, cell & 1) == (band, 4, 2, 1)
