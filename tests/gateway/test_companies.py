"""The company of a request or a command, by its slug or by default."""

from typing import Any
from uuid import UUID

import pytest

from domains.company.service import CompanyService
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.settings import SettingsCache
from gateway.companies import Companies, UnknownCompany


@pytest.fixture
def companies(database: Database, clock: FixedClock) -> Companies:
    return Companies(CompanyService(clock, SettingsCache(clock)), database)


async def test_a_slug_names_its_company_and_none_the_default_one(companies: Companies, company: UUID) -> None:
    found = await companies.find(f"shop-{company.hex}")
    assert (found.id, (await companies.find(None)).slug) == (company, "default")
    with counting() as count:
        assert await companies.find(f"shop-{company.hex}") == found
    assert count.data == 0


async def test_a_closed_company_is_found_for_read_only_commands(
    companies: Companies, company: UUID, owner: Any
) -> None:
    await owner.execute("update companies set is_active = false where id = $1", company)
    with pytest.raises(UnknownCompany):
        await companies.find(f"shop-{company.hex}")
    assert (await companies.find(f"shop-{company.hex}", include_inactive=True)).id == company


@pytest.mark.parametrize("slug", ["", "No Slug!", "a" * 64, "-a", "a-", "shop\x00"])
async def test_a_malformed_slug_is_refused_without_a_statement(companies: Companies, slug: str) -> None:
    with counting() as count, pytest.raises(UnknownCompany, match="There is no active company"):
        await companies.find(slug)
    assert count.data == 0
