"""With a hundred thousand products in two companies, every page, count and facet is read from an index."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.search.facets import FacetCounter
from domains.catalog.search.listing import AttributeFilter, ProductFilter, ProductQuery, ProductSort, ProductSortField
from domains.catalog.search.search import correct
from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database, Reader
from domains.kernel.pagination.pages import PageArgs
from tests.databases import Server
from tests.domains.catalog.large_catalog import load
from tests.domains.catalog.searches import Search, SuggestionSearch
from tests.domains.query_plans import PlanReader, nodes, scans, two_big_companies, whole_tables_read

TABLES = {"product_search", "products", "search_terms", "facet_counts"}
# The kept counts are a few hundred rows; reading all of them is the point.
BIG_TABLES = TABLES - {"facet_counts"}


@pytest.fixture(scope="module")
async def large_database(server: Server) -> AsyncIterator[tuple[Any, UUID]]:
    """The gateway's connections to a full database, and one of its companies."""
    async with two_big_companies(server, load) as made:
        yield made


@pytest.fixture
def planner(large_database: tuple[Any, UUID]) -> PlanReader:
    reader = PlanReader(*large_database)
    reader.plans = []
    return reader


@pytest.fixture
def shop(large_database: tuple[Any, UUID]) -> Reader:
    return Database(large_database[0], SystemClock()).reader(large_database[1])


async def category(shop: Reader, name: str) -> UUID:
    sql = "select id from categories where company_id = $1 and name = $2"
    return UUID(str(await shop.fetch_value(sql, shop.company_id, f"Category {name}")))


FILTERS = {
    "everything": ProductFilter(),
    "a brand": ProductFilter(brands=["Brand 4"]),
    "most": ProductFilter(in_stock=True),
    "the rest": ProductFilter(in_stock=False),
    "few": ProductFilter(is_featured=True),
    "nothing": ProductFilter(brands=["No such brand"]),
    "a price": ProductFilter(lowest_price=Decimal(10), highest_price=Decimal(12)),
    "high prices": ProductFilter(lowest_price=Decimal(100)),
    "rated": ProductFilter(lowest_rating=Decimal(4)),
    "a colour of two, in a size": ProductFilter(
        attributes=[AttributeFilter("Color", ["1", "2"]), AttributeFilter("Size", ["3"])]
    ),
    "drafts": ProductFilter(is_listed=False),
}
SEARCHES = {
    "one product": "4711",
    "a tenth": "shade3",
    "all": "product",
    "all by a beginning": "prod",
    "two": "product w",
}


@pytest.mark.parametrize("sort", [field for field in ProductSortField if field is not ProductSortField.RELEVANCE])
@pytest.mark.parametrize("filter_name", FILTERS)
async def test_pages_are_read_from_an_index(planner: PlanReader, filter_name: str, sort: ProductSortField) -> None:
    for descending in (False, True):
        query = ProductQuery(filter=FILTERS[filter_name], sort=ProductSort(sort, descending))
        found = await Search().find(planner, query, PageArgs(first=24), listed_only=filter_name != "drafts")
        await found.page.count()
    assert scans(planner, TABLES)
    assert whole_tables_read(planner, BIG_TABLES) == []


@pytest.mark.parametrize("level", ["0-1", "1-1", "2-1"])
async def test_categories_of_every_size_are_read_from_an_index(planner: PlanReader, shop: Reader, level: str) -> None:
    wanted = ProductFilter(category_ids=[await category(shop, level)])
    for field in (ProductSortField.PRICE, ProductSortField.NEWEST):
        query = ProductQuery(filter=wanted, sort=ProductSort(field))
        found = await Search().find(planner, query, PageArgs(first=24), listed_only=True)
        await FacetCounter({shop.company_id}).count(planner, found.selection)
        await found.page.count()
    assert whole_tables_read(planner, BIG_TABLES) == []


@pytest.mark.parametrize("filter_name", FILTERS)
async def test_facets_are_read_from_an_index(planner: PlanReader, filter_name: str, shop: Reader) -> None:
    query = ProductQuery(filter=FILTERS[filter_name])
    found = await Search().find(planner, query, PageArgs(first=0), listed_only=filter_name != "drafts")
    planner.plans.clear()
    await FacetCounter({shop.company_id}).count(planner, found.selection)
    assert len(planner.plans) == 1
    assert whole_tables_read(planner, BIG_TABLES) == []


@pytest.mark.parametrize("search", SEARCHES)
async def test_searches_and_their_facets_are_read_from_an_index(
    planner: PlanReader, search: str, shop: Reader
) -> None:
    query = ProductQuery(search=SEARCHES[search])
    found = await Search().find(planner, query, PageArgs(first=24), listed_only=True)
    await FacetCounter({shop.company_id}).count(planner, found.selection)
    await found.page.count()
    assert whole_tables_read(planner, BIG_TABLES) == []


@pytest.mark.parametrize("filter_name", ["nothing", "a colour of two, in a size", "a category"])
async def test_facets_of_few_products_are_found_by_their_ids(
    planner: PlanReader, shop: Reader, filter_name: str
) -> None:
    small = ProductFilter(category_ids=[await category(shop, "2-1")])
    query = ProductQuery(filter=FILTERS.get(filter_name, small))
    found = await Search().find(planner, query, PageArgs(first=0), listed_only=True)
    planner.plans.clear()
    await FacetCounter({shop.company_id}).count(planner, found.selection)
    assert whole_tables_read(planner, {"product_facets"}) == []
    assert "product_facets_categories_brands_attributes_idx" in indexes(planner)


@pytest.mark.parametrize("filter_name", ["most", "the rest", "a price", "high prices", "a category", "a colour"])
async def test_facets_of_many_products_are_counted_in_indexes_alone(
    planner: PlanReader, shop: Reader, filter_name: str
) -> None:
    large = ProductFilter(category_ids=[await category(shop, "0-1")], lowest_price=Decimal(10))
    colour = ProductFilter(attributes=[AttributeFilter("Color", ["1"])], in_stock=True)
    query = ProductQuery(filter={**FILTERS, "a category": large, "a colour": colour}[filter_name])
    found = await Search().find(planner, query, PageArgs(first=0), listed_only=True)
    planner.plans.clear()
    await FacetCounter({shop.company_id}).count(planner, found.selection)
    assert whole_tables_read(planner, {"product_facets"}) == []
    assert "Index Only Scan" in {node for node, table in scans(planner, {"product_facets"})}


async def test_a_frequent_search_follows_the_index_by_popularity(planner: PlanReader) -> None:
    await Search().find(planner, ProductQuery(search="product"), PageArgs(first=24), listed_only=True)
    plan = planner.plans[0]
    assert "product_search_company_id_popularity_product_id_idx" in indexes(planner)
    assert sum("One-Time Filter" in node for node in nodes(plan)) >= 2
    assert whole_tables_read(planner, BIG_TABLES) == []


async def test_each_statement_uses_one_process(planner: PlanReader, shop: Reader) -> None:
    query = ProductQuery(ProductFilter(in_stock=True, lowest_price=Decimal(10)))
    found = await Search().find(planner, query, PageArgs(first=24), listed_only=True)
    await FacetCounter({shop.company_id}).count(planner, found.selection)
    assert not [node for plan in planner.plans for node in nodes(plan) if "Gather" in node["Node Type"]]
    assert await shop.fetch_value("select current_setting('max_parallel_workers_per_gather')") == "0"


def indexes(planner: PlanReader) -> set[str]:
    return {node["Index Name"] for plan in planner.plans for node in nodes(plan) if "Index Name" in node}


async def test_a_large_catalogue_is_remembered_as_long_as_it_is_large(
    shop: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = FacetCounter()
    found = await Search().find(shop, ProductQuery(ProductFilter(in_stock=True)), PageArgs(first=0), listed_only=True)
    plain = await counter.count(shop, found.selection)
    assert counter.large == {shop.company_id}
    assert (await counter.count(shop, found.selection)).brands == plain.brands
    monkeypatch.setattr("domains.catalog.search.facets.LARGE", 50_000)
    assert (await counter.count(shop, found.selection)).brands == plain.brands
    assert counter.large == set()


async def test_filters_whose_products_are_found_by_keys_are_remembered_as_long_as_keys_are_few(
    shop: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = FacetCounter({shop.company_id})
    wanted = ProductFilter(category_ids=[await category(shop, "0-1")], lowest_price=Decimal(10))
    found = await Search().find(shop, ProductQuery(wanted), PageArgs(first=0), listed_only=True)
    chosen = await counter.count(shop, found.selection)
    assert len(counter.by_keys) == 1
    assert sum(price.count for price in chosen.prices) > 10_000
    assert await counter.count(shop, found.selection) == chosen
    assert len(counter.by_keys) == 1
    monkeypatch.setattr("domains.catalog.search.facet_sql._KEYS", 1)
    assert await counter.count(shop, found.selection) == chosen
    assert counter.by_keys == set()
    assert await counter.count(shop, found.selection) == chosen


async def test_remembered_filters_are_limited(shop: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domains.catalog.search.facets.MAX_REMEMBERED", 2)
    counter = FacetCounter({shop.company_id})
    for name in ("0-0", "0-1", "0-2"):
        wanted = ProductFilter(category_ids=[await category(shop, name)])
        found = await Search().find(shop, ProductQuery(wanted), PageArgs(first=0), listed_only=True)
        await counter.count(shop, found.selection)
    assert len(counter.by_keys) == 1


async def test_the_whole_catalogue_is_never_counted(planner: PlanReader, shop: Reader) -> None:
    found = await Search().find(planner, ProductQuery(), PageArgs(first=24), listed_only=True)
    planner.plans.clear()
    await FacetCounter({shop.company_id}).count(planner, found.selection)
    await found.page.count()
    assert {table for _, table in scans(planner, TABLES)} == {"facet_counts"}


async def test_corrections_and_suggestions_are_read_from_an_index(planner: PlanReader) -> None:
    await correct(planner, "tersinnab vinrxota")
    await SuggestionSearch().find(planner, "prod", 5)
    assert {table for _, table in scans(planner, TABLES)} == {"search_terms", "product_search", "products"}
    assert whole_tables_read(planner, BIG_TABLES) == []


async def test_stored_counts_equal_counted_ones(shop: Reader) -> None:
    found = await Search().find(shop, ProductQuery(), PageArgs(first=24), listed_only=True)
    assert await found.page.count() == 47_500
    kept = await FacetCounter({shop.company_id}).count(shop, found.selection)
    everything = ProductQuery(filter=ProductFilter(lowest_price=Decimal(0)))
    computed_counts = await Search().find(shop, everything, PageArgs(first=24), listed_only=True)
    assert await computed_counts.page.count() == 10_001
    assert not computed_counts.is_exact(10_001)
    assert (await FacetCounter({shop.company_id}).count(shop, computed_counts.selection)).brands == kept.brands
    assert [product.id for product in found.page.items] == [product.id for product in computed_counts.page.items]


async def test_each_page_is_planned_for_its_values(large_database: tuple[Any, UUID], shop: Reader) -> None:
    """One plan for a category of five products and one of twelve thousand would be slow for one of them."""
    sizes = [await category(shop, name) for name in ("0-1", "1-1", "2-1")]
    async with Database(large_database[0], SystemClock()).transaction(Actor.system(large_database[1])) as tx:
        for wanted in sizes * 5:
            query = ProductQuery(ProductFilter(category_ids=[wanted]), sort=ProductSort(ProductSortField.PRICE))
            await Search().find(tx, query, PageArgs(first=24), listed_only=True)
        plans = await tx.fetch(
            "select generic_plans, custom_plans from pg_prepared_statements "
            "where statement like '%sort_value%' and parameter_types <> '{}' order by custom_plans"
        )
    assert {row["generic_plans"] for row in plans} == {0}
    assert plans[-1]["custom_plans"] == 15


async def test_searches_counts_and_facets_are_planned_for_their_values(large_database: tuple[Any, UUID]) -> None:
    queries = (
        ProductQuery(search="product"),
        ProductQuery(search="4711"),
        ProductQuery(ProductFilter(lowest_price=Decimal(10), brands=["Brand 4"])),
    )
    async with Database(large_database[0], SystemClock()).transaction(Actor.system(large_database[1])) as tx:
        before = {row["statement"] for row in await tx.fetch(PLANS)}
        for query in queries * 8:
            found = await Search().find(tx, query, PageArgs(first=24), listed_only=True)
            await FacetCounter({tx.company_id}).count(tx, found.selection)
            await found.page.count()
        plans = [row for row in await tx.fetch(PLANS) if row["statement"] not in before]
    assert len(plans) == 6
    assert {row["generic_plans"] for row in plans} == {0}
    assert {row["custom_plans"] for row in plans} == {8, 16}


async def test_facets_of_remembered_filters_have_one_plan_that_reads_indexes(
    large_database: tuple[Any, UUID], shop: Reader
) -> None:
    counter = FacetCounter({shop.company_id})
    wanted = ProductFilter(category_ids=[await category(shop, "0-1")], in_stock=True, lowest_rating=Decimal(1))
    async with Database(large_database[0], SystemClock()).transaction(Actor.system(large_database[1])) as tx:
        found = await Search().find(tx, ProductQuery(wanted), PageArgs(first=0), listed_only=True)
        before = {row["statement"] for row in await tx.fetch(ONE_PLAN)}
        for _ in range(9):
            await counter.count(tx, found.selection)
        (plan,) = [row for row in await tx.fetch(ONE_PLAN) if row["statement"] not in before]
        table_scans = await tx.fetch_value("select pg_stat_get_xact_numscans('product_facets'::regclass)")
    assert (plan["custom_plans"], plan["generic_plans"]) == (5, 3)
    assert table_scans == 0


ONE_PLAN = """
select statement, generic_plans, custom_plans from pg_prepared_statements
where statement like '%distinct_categories%' and statement not like '%generate_series(1, %'
"""
PLANS = """
select statement, generic_plans, custom_plans from pg_prepared_statements
where statement like '%generate_series(1, %' and parameter_types <> '{}'
"""
