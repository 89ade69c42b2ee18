"""The migration that adds documents: a filled catalogue has them afterwards, and nothing else has changed."""

import json
from pathlib import Path
from typing import Any

from domains.catalog.documents.document_sql import DOCUMENT
from domains.catalog.products.measures import MEASURES
from domains.kernel.ids import new_id
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

DOCUMENTS = "20261129040000"
COMPANY = "insert into companies (id, name, slug, currency, updated_at) values ($1, 'A', $2, 'EUR', now())"
CATALOGUE = """
with c as (insert into categories (id, company_id, name, slug, updated_at) values ($1, $2, 'Tea', 'tea', now())
), p as (
    insert into products (id, company_id, name, slug, base_price, currency, category_id, images, image_alt_texts,
                          tags, rating_sum, review_count, archived_at, updated_at)
    select id, $2, 'Tea ' || number, 'tea-' || number, number, 'EUR', $1, '{/a.jpg}', '{"/a.jpg": "A cup"}',
           '{green}', number, 1, case when number = 2 then now() end, now()
    from unnest($3::uuid[]) with ordinality as made (id, number)
), v as (
    insert into product_variants (id, company_id, product_id, sku, name, options, price_modifier, updated_at)
    select gen_random_uuid(), $2, id, 'T' || number, 'V', '[{"name": "Size", "value": "S"}]', number, now()
    from unnest($3::uuid[]) with ordinality as made (id, number)
)
insert into product_attributes (id, company_id, product_id, name, value)
select gen_random_uuid(), $2, id, 'Fit', 'Slim' from unnest($3::uuid[]) as made (id)
"""
DOCUMENTS_OF_PRODUCTS = f"""
select d.document::text as stored, {DOCUMENT}::text as built, d.format
from products p left join product_documents d on d.product_id = p.id
"""  # noqa: S608 - the expression of the catalog
ADDED = {"is_gift_card", "tax_class_id", "requires_shipping", "shipping_profile_id", *MEASURES}
TABLES = ("categories", "products", "product_variants", "product_attributes")


def as_now(text: str) -> Any:
    """A document of the first format, with what later formats add, as it is for products of that time."""
    document = json.loads(text)
    document |= {"is_gift_card": False, "requires_shipping": True, **dict.fromkeys(MEASURES)}
    document["variants"] = [[*row[:-2], *(None for _ in MEASURES), *row[-2:]] for row in document["variants"]]
    return document


async def contents(connection: Any) -> list[list[dict[str, Any]]]:
    """The rows of the tables, with the columns that they had then."""
    rows = [await connection.fetch(f"select * from {table} order by id") for table in TABLES]  # noqa: S608 - names of this file
    return [[{name: value for name, value in row.items() if name not in ADDED} for row in each] for each in rows]


async def test_a_filled_catalogue_gets_documents_and_versions(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(DOCUMENTS, tmp_path))
    filled, bare = new_id(), new_id()
    async with connected(empty_database) as connection:
        await connection.execute(COMPANY, filled, "a")
        await connection.execute(COMPANY, bare, "b")
        await connection.execute(CATALOGUE, new_id(), filled, [new_id() for _ in range(3)])
        before = await contents(connection)
        await migrate(empty_database)
        assert await contents(connection) == before
        documents = await connection.fetch(DOCUMENTS_OF_PRODUCTS)
        assert [row["format"] for row in documents] == [1, 1, 1]
        assert [as_now(row["stored"]) for row in documents] == [json.loads(row["built"]) for row in documents]
        rows = await connection.fetch(
            "select document->>'slug' as slug, document->'texts'->''->>'name' as name, version > 0 as is_versioned, "
            "document->>'archived_at' is not null as is_archived from product_documents order by 1"
        )
        assert [tuple(row) for row in rows] == [
            ("tea-1", "Tea 1", True, False),
            ("tea-2", "Tea 2", True, True),
            ("tea-3", "Tea 3", True, False),
        ]
        versions = await connection.fetch("select company_id from category_versions where version > 0")
        assert [row["company_id"] for row in versions] == [filled]
