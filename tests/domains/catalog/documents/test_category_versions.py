"""The version of a company's categories is raised with every write of them, and by nothing else."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.categories.attributes import AttributeRule
from domains.catalog.imports.models import ProductDraft, VariantDraft
from domains.catalog.models import AttributeType, Category, NewCategory
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from tests.conftest import Undo
from tests.domains.catalog.conftest import MakeProduct
from tests.locks import waited_for

VERSION = "select version from category_versions where company_id = $1"
FUTURE = 4 * 10**15


async def version(db: Reader) -> int:
    found: int | None = await db.fetch_value(VERSION, db.company_id)
    return found or 0


async def test_every_write_of_categories_raises_the_version(tx: Tx, catalog: CatalogService) -> None:
    categories = catalog.categories
    seen = [await version(tx)]

    async def raised() -> bool:
        seen.append(await version(tx))
        return seen[-1] > seen[-2]

    first, second = [await categories.create(tx, NewCategory(name=name)) for name in ("Hats", "Caps")]
    assert await raised()
    await categories.update(tx, first.id, {"name": "Hoods"})
    assert await raised()
    await categories.update(tx, first.id, {"is_active": False})
    assert await raised()
    await categories.move(tx, first.id, second.id)
    assert await raised()
    await categories.delete(tx, first.id)
    assert await raised()
    draft = ProductDraft(slug="a", name="A", category="New", variants=(VariantDraft(sku="A", price=Decimal(1)),))
    await catalog.imports.save(tx, [draft])
    assert await raised()
    await tx.execute("update categories set icon = 'x' where company_id = $1", tx.company_id)
    assert await raised()


async def test_writes_of_products_and_attributes_do_not_raise_it(
    tx: Tx, catalog: CatalogService, category: Category, make_product: MakeProduct
) -> None:
    product = await make_product()
    before = await version(tx)
    await catalog.update_product(tx, product.id, {"name": "Other"})
    rule = AttributeRule("Fit", AttributeType.TEXT, is_required=False, is_filterable=True)
    await catalog.attributes.create(tx, category.id, rule)
    await tx.execute("update categories set icon = 'x' where id = $1", product.id)  # no row
    assert await version(tx) == before


async def test_a_version_is_raised_even_when_the_clock_was_ahead(
    tx: Tx, catalog: CatalogService, category: Category
) -> None:
    await tx.execute("update category_versions set version = $2 where company_id = $1", tx.company_id, FUTURE)
    await catalog.categories.update(tx, category.id, {"icon": "hat"})
    assert await version(tx) == FUTURE + 1


async def test_a_rolled_back_write_leaves_the_version(
    database: Database, actor: Actor, reader: Reader, catalog: CatalogService, category: Category
) -> None:
    before = await version(reader)

    async def change(tx: Tx) -> None:
        await catalog.categories.update(tx, category.id, {"icon": "hat"})
        assert await version(tx) > before
        raise Undo

    with pytest.raises(Undo):
        await database.run(change, actor)
    assert await version(reader) == before


async def test_two_writers_raise_it_one_after_the_other(
    database: Database, actor: Actor, reader: Reader, catalog: CatalogService, category: Category
) -> None:
    async with database.transaction(actor) as first:
        await catalog.categories.update(first, category.id, {"icon": "hat"})
        raised = await version(first)
        second = asyncio.ensure_future(
            database.run(lambda tx: catalog.categories.update(tx, category.id, {"icon": "cap"}), actor)
        )
        await waited_for(first)
    await second
    assert await version(reader) > raised


async def test_imports_and_changes_of_categories_at_once_end(
    database: Database, actor: Actor, reader: Reader, catalog: CatalogService, category: Category
) -> None:
    async def save(number: int) -> None:
        variant = VariantDraft(sku=f"A{number}", price=Decimal(1))
        drafts = [ProductDraft(slug=f"a{number}", name="A", category=f"C{number}", variants=(variant,))]
        await database.run(lambda tx: catalog.imports.save(tx, drafts), actor)

    async def rename(number: int) -> None:
        await database.run(lambda tx: catalog.categories.update(tx, category.id, {"name": f"Shirts {number}"}), actor)

    await asyncio.gather(*(work(number) for number in range(6) for work in (save, rename)))
    assert len(await reader.fetch("select id from categories where company_id = $1", reader.company_id)) == 7


async def test_a_version_is_of_one_company(
    database: Database, owner: Any, company: UUID, other_company: UUID, catalog: CatalogService, category: Category
) -> None:
    before = await owner.fetchval(VERSION, company)
    await database.run(
        lambda tx: catalog.categories.create(tx, NewCategory(name="Hats")), Actor.system(other_company)
    )
    assert await owner.fetchval(VERSION, company) == before
    assert await owner.fetchval(VERSION, other_company) > before
    assert await database.reader(other_company).fetch(VERSION, company) == []
