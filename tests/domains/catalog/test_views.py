"""Views: inserted without touching the product, and aggregated exactly once."""

import asyncio
from uuid import UUID

import pytest

from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from tests.domains.catalog.conftest import MakeProduct


async def counts(reader: Reader, product_id: UUID) -> tuple[int, int, int]:
    row = await reader.fetch_row(
        "select p.view_count, s.popularity, (select coalesce(sum(views), 0)::int from product_views "
        "where company_id = $1 and product_id = $2) as waiting "
        "from products p join product_search s on s.product_id = p.id where p.company_id = $1 and p.id = $2",
        reader.company_id,
        product_id,
    )
    assert row is not None
    return row["view_count"], row["popularity"], row["waiting"]


async def test_parallel_aggregations_count_each_view_once(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor, reader: Reader
) -> None:
    product = await make_product()
    others = [await make_product() for _ in range(3)]

    await asyncio.gather(
        *(
            database.run(lambda tx: catalog.views.record(tx, {product.id: 3, others[0].id: 1, new_id(): 5}), actor)
            for _ in range(6)
        )
    )
    assert await counts(reader, product.id) == (0, 0, 18)
    folded = await asyncio.gather(*(database.run(catalog.views.add_to_counts, actor) for _ in range(4)))

    assert sum(folded) == 24
    assert await counts(reader, product.id) == (18, 18, 0)
    assert await counts(reader, others[0].id) == (6, 6, 0)
    assert await database.run(catalog.views.add_to_counts, actor) == 0


async def test_a_view_does_not_wait_for_a_change_of_the_product(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor, reader: Reader
) -> None:
    product = await make_product()

    async with database.transaction(actor) as editing:
        await catalog.update_product(editing, product.id, {"name": "Being edited"})
        async with asyncio.timeout(5):
            await database.run(lambda tx: catalog.views.record(tx, {product.id: 1}), actor)
    assert (await counts(reader, product.id))[2] == 1


async def test_views_of_another_company_are_not_counted(
    make_product: MakeProduct, catalog: CatalogService, database: Database, other_company: UUID, reader: Reader
) -> None:
    product = await make_product()
    stranger = Actor.system(other_company)

    await database.run(lambda tx: catalog.views.record(tx, {product.id: 1}), stranger)
    assert await database.run(catalog.views.add_to_counts, stranger) == 0
    assert await counts(reader, product.id) == (0, 0, 0)


@pytest.mark.parametrize("views", [0, -1, 10**9])
async def test_invalid_counts_are_refused(tx: Tx, catalog: CatalogService, views: int) -> None:
    with pytest.raises(InvalidInput):
        await catalog.views.record(tx, {new_id(): views})
