"""`commerce reindex` builds entries and documents again, of one company or of all."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from domains.catalog.documents.document_sql import DIFFERENT
from domains.catalog.models import NewCategory, NewProduct
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from gateway.bootstrap import wired
from gateway.commands.indexes import products
from gateway.companies import UnknownCompany
from gateway.infra.postgres import connected
from gateway.settings import Settings
from tests.conftest import make_company


async def fill(settings: Settings, url: str) -> list[str]:
    """Two companies with two products each, and documents that a hand has changed; the companies' slugs."""
    async with wired(settings, url) as platform, connected(url) as owner:
        slugs = []
        for _ in range(2):
            company_id: Any = await make_company(owner)
            slugs.append(await owner.fetchval("select slug from companies where id = $1", company_id))

            async def make(tx: Tx) -> None:
                catalog = platform.services.catalog
                category = await catalog.categories.create(tx, NewCategory(name="Shirts"))
                for _ in range(2):
                    await catalog.create_product(
                        tx, NewProduct(name="Shirt", category_id=category.id, base_price=Decimal(10))
                    )

            await platform.database.run(make, Actor.system(company_id))
        await owner.execute("update product_documents set document = '{}'")
        await owner.execute("delete from product_search")
        return slugs


async def different(url: str) -> tuple[int, int]:
    """The numbers of products with wrong documents, and of those without a search entry."""
    async with connected(url) as owner:
        missing = "select count(*) from products p left join product_search s on s.product_id = p.id where s is null"
        return len(await owner.fetch(DIFFERENT)), await owner.fetchval(missing)


async def test_entries_and_documents_are_built_again_with_progress(
    fresh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(commerce_home=tmp_path, database_url=SecretStr(fresh))
    first, second = await fill(settings, fresh)
    assert await different(fresh) == (4, 4)
    await asyncio.to_thread(products.run, settings, second)
    assert await different(fresh) == (2, 2)
    await asyncio.to_thread(products.run, settings, None)
    assert await different(fresh) == (0, 0)
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-2:] == [f"{slug}: 2 products were indexed." for slug in (first, second)]
    assert captured.err.count("2 of 2") == 3
    with pytest.raises(UnknownCompany):
        await asyncio.to_thread(products.run, settings, "nowhere")
