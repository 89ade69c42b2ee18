"""The statements of tax rates read no whole table, also in companies with many rates."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any, Final

import pytest

from domains.company.service import CompanyService
from domains.kernel.clock import SystemClock
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.settings import SettingsCache
from domains.tax import sql
from domains.tax.models import TaxRateFilter
from domains.tax.places import Place
from domains.tax.rate_lookup import MOST_RATES
from domains.tax.service import TaxService
from tests.databases import Server
from tests.domains.query_plans import RowPlanReader, filling, nodes, scans, two_big_companies, whole_tables_read

EACH: Final = 40_000
PAGE: Final = PageArgs(first=20)
TABLES: Final = ("tax_rates",)
MANHATTAN: Final = Place("US", "NY", "10001")
FILL: Final = (
    """
    insert into tax_classes (id, company_id, code, name, is_default, updated_at)
    select md5($1 || 'c')::uuid, $1::uuid, 'standard', 'Standard', true, now() where $2::int > 0
    """,
    """
    insert into tax_rates (id, company_id, tax_class_id, name, country, province, postal_prefix, rate, valid_from,
      created_at, updated_at)
    select md5($1 || 'r' || i)::uuid, $1::uuid, md5($1 || 'c')::uuid, 'Sales tax', 'US', 'S' || i % 50,
      lpad(i::text, 5, '0'), 0.08, '2026-01-01', now() - make_interval(secs => i), now()
    from generate_series(1, $2::int) i
    """,
)
Read = Callable[[TaxService, Any], Awaitable[Any]]
READS: Final[dict[str, Read]] = {
    "the list": lambda tax, db: tax.rates.find_page(db, PAGE),
    "of a class on a day": lambda tax, db: tax.rates.find_page(
        db, PAGE, TaxRateFilter(tax_class_id=new_id(), valid_on=date(2026, 1, 1))
    ),
    "of a place": lambda _, db: sql.find_rates(db, list(MANHATTAN.rate_places()), MOST_RATES),
}


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


@pytest.mark.parametrize("name", READS)
async def test_no_statement_reads_all_rates(planner: RowPlanReader, name: str) -> None:
    clock = SystemClock()
    cache = SettingsCache(clock)
    planner.plans = []
    await READS[name](TaxService(CompanyService(clock, cache), cache, clock), planner)
    assert scans(planner, TABLES) != []
    assert whole_tables_read(planner, TABLES) == []


async def test_the_rates_of_a_place_are_found_by_its_index(planner: RowPlanReader) -> None:
    planner.plans = []
    await sql.find_rates(planner, list(MANHATTAN.rate_places()), MOST_RATES)
    found = [node for node in nodes(planner.plans[0]) if node.get("Index Name") == "tax_rates_of_place"]
    conditions = [node.get("Index Cond", "") for node in found]
    assert [each for each in conditions if "(postal_prefix = ANY" in each and "(province = ANY" in each] != []
    assert all("(country = ANY" in each for each in conditions)
