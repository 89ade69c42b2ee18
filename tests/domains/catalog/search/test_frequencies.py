"""Frequent searches rank their most popular matches and all products with the words in their names."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog import data
from domains.catalog.documents.reader import ProductReader, Reading
from domains.catalog.invariants import INVARIANTS
from domains.catalog.search import frequency_sql, index, ranking_sql, rare_searches
from domains.catalog.search.filters import Selection
from domains.catalog.search.listing import ProductFilter, ProductQuery, ProductSort, ProductSortField
from domains.catalog.search.rare_searches import RareSearches
from domains.catalog.search.search import Search as DomainSearch
from domains.kernel.clock import FixedClock
from domains.kernel.database import Tx
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from tests.domains.catalog.search_products import insert_category, insert_product
from tests.domains.catalog.searches import Search
from tests.read_model import READING

RANKED = 5
PRODUCTS = """
insert into products (id, company_id, name, slug, base_price, currency, category_id, updated_at)
select gen_random_uuid(), $1, 'Cotton', 'p' || n, 5, 'EUR', $2, now() from generate_series(1, 1100) n
"""
ENTRIES = """
insert into product_search (product_id, company_id, name_key, price, rating, created_at, is_listed, in_stock, tokens,
                            document)
select id, company_id, name, 5, 0, now(), true, true, '{}', array_to_tsvector('{abccotton,abc=cotton}')
from products where company_id = $1
"""
BROKEN = next(rule.query for rule in INVARIANTS if rule.rule.startswith("The stored frequencies"))


@pytest.fixture(autouse=True)
def few_are_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking_sql, "RANKED", RANKED)


@pytest.fixture
async def shop(tx: Tx) -> dict[int, UUID]:
    """Forty products by their popularity; thirty have `cotton` in their descriptions, two in their names."""
    chance = random.Random(3)  # noqa: S311 - made-up products, no secret
    shelf = await insert_category(tx, "Things")
    ids = {}
    for popularity in range(40):
        text = f"cotton {'cotton ' * chance.randint(0, 5)}cord" if popularity < 30 else "linen"
        name = "Cotton thing" if popularity < 2 else f"Thing {popularity}"
        ids[popularity] = await insert_product(
            tx, shelf, name, description=text, view_count=popularity // 3, brand=f"Brand {popularity % 4}"
        )
    await index.reindex(tx, list(ids.values()))
    await frequency_sql.count_words(tx)
    return ids


async def pages(
    tx: Tx, search: str, size: int = 7, *, backwards: bool = False, descending: bool = True, **filters: Any
) -> list[UUID]:
    """All pages of a search by relevance, put together."""
    query = ProductQuery(ProductFilter(**filters), search, ProductSort(ProductSortField.RELEVANCE, descending))
    found: list[UUID] = []
    cursor = None
    while True:
        args = PageArgs(last=size, before=cursor) if backwards else PageArgs(first=size, after=cursor)
        page = (await Search().find(tx, query, args, listed_only=False)).page
        ids = [product.id for product in page.items]
        found = ids + found if backwards else found + ids
        if not (page.has_previous if backwards else page.has_next):
            return found
        cursor = page.cursors[0 if backwards else -1]


async def ranks(tx: Tx, search: str) -> dict[UUID, tuple[float, int]]:
    """The rank and the popularity of each match."""
    rows = await tx.fetch(
        "select product_id, popularity, ts_rank(document, q, 1) as rank from product_search, "
        "to_tsquery('simple', left(tokens[1], 3) || $2 || ':*') q where company_id = $1 and document @@ q",
        tx.company_id,
        search,
    )
    return {row["product_id"]: (row["rank"], row["popularity"]) for row in rows}


def expected_order(shop: dict[int, UUID], known: dict[UUID, tuple[float, int]], named: Sequence[int]) -> list[UUID]:
    by_popularity = sorted(known, key=lambda each: (known[each][1], each), reverse=True)
    ranked = {*by_popularity[:RANKED], *(shop[number] for number in named)}
    first = sorted(ranked, key=lambda each: (known[each][0], each), reverse=True)
    return [*first, *(each for each in by_popularity if each not in ranked)]


@pytest.mark.parametrize("search", ["cotton", "co"])
@pytest.mark.parametrize("size", [1, 5, 7, 100])
async def test_a_frequent_search_ranks_popular_matches_and_names_and_continues_by_popularity(
    tx: Tx, shop: dict[int, UUID], search: str, size: int
) -> None:
    expected = expected_order(shop, await ranks(tx, search), [0, 1])
    assert len(expected) == 30
    assert set(expected[:2]) == {shop[0], shop[1]}
    assert await pages(tx, search, size) == expected
    assert await pages(tx, search, size, backwards=True) == expected
    assert await pages(tx, search, size, descending=False) == expected[::-1]
    assert await pages(tx, search, size, descending=False, backwards=True) == expected[::-1]


async def test_a_search_that_is_not_known_to_be_frequent_is_ranked_whole(tx: Tx, shop: dict[int, UUID]) -> None:
    await tx.execute(
        "update search_terms set products = 0, names = 0 where company_id = $1 and term <> ''", tx.company_id
    )
    known = await ranks(tx, "cotton")
    assert await pages(tx, "cotton") == sorted(known, key=lambda each: (known[each][0], each), reverse=True)


async def test_the_rarest_word_or_filter_decides(
    tx: Tx, shop: dict[int, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    parted = expected_order(shop, await ranks(tx, "cotton"), [0, 1])
    brand = {shop[number] for number in range(40) if number % 4 == 1}
    known = await ranks(tx, "cotton")
    whole = sorted(known, key=lambda each: (known[each][0], each), reverse=True)
    monkeypatch.setattr(ranking_sql, "RARITY", 2)  # 30 of 40 have the word, 10 the brand
    assert await pages(tx, "cotton") == parted
    assert await pages(tx, "cotton", brands=["Brand 1"]) == [each for each in whole if each in brand]
    await data.product.update(tx, id=shop[7], data={"model": "Zephyr"})
    await index.reindex(tx, [shop[7]])
    assert await pages(tx, "zephyr cotton") == [shop[7]]


async def test_a_frequent_word_of_names_is_ranked_among_the_most_popular(tx: Tx, shop: dict[int, UUID]) -> None:
    found = await pages(tx, "thing")
    by_popularity = sorted(shop.values(), key=lambda each: (found.index(each),))
    known = await ranks(tx, "thing")
    popular = sorted(known, key=lambda each: (known[each][1], each), reverse=True)
    assert len(by_popularity) == 40
    assert set(found[:RANKED]) == set(popular[:RANKED])
    assert found[RANKED:] == popular[RANKED:]


async def test_a_cursor_continues_as_it_began_when_frequencies_change(tx: Tx, shop: dict[int, UUID]) -> None:
    query = ProductQuery(search="cotton")
    parted = await pages(tx, "cotton")
    first = (await Search().find(tx, query, PageArgs(first=10), listed_only=True)).page
    early = (await Search().find(tx, query, PageArgs(first=3), listed_only=True)).page
    await tx.execute("update search_terms set products = 0 where company_id = $1 and term <> ''", tx.company_id)
    for page, start in ((first, 10), (early, 3)):
        args = PageArgs(first=100, after=page.cursors[-1])
        rest = (await Search().find(tx, query, args, listed_only=True)).page
        assert [product.id for product in rest.items] == parted[start:]
    whole = (await Search().find(tx, query, PageArgs(first=10), listed_only=True)).page
    everything = await pages(tx, "cotton")
    await frequency_sql.count_words(tx)
    args = PageArgs(first=100, after=whole.cursors[-1])
    rest = (await Search().find(tx, query, args, listed_only=True)).page
    assert [product.id for product in rest.items] == everything[10:]


async def test_frequent_words_that_are_rarely_together_are_ranked_whole(
    tx: Tx, shop: dict[int, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await ranks(tx, "cotton")
    brand = {shop[number] for number in range(40) if number % 4 == 1}
    whole = sorted(brand & known.keys(), key=lambda each: (known[each][0], each), reverse=True)
    monkeypatch.setattr(ranking_sql, "RARITY_TOGETHER", 5)  # 30 and 10 of 40 are likely 3 / 16 of them together
    assert await pages(tx, "cotton", brands=["Brand 1"]) == whole
    monkeypatch.setattr(ranking_sql, "RARITY_TOGETHER", 6)
    parted = await pages(tx, "cotton", brands=["Brand 1"])
    assert (parted != whole, sorted(parted)) == (True, sorted(whole))


async def texts_of(tx: Tx, search: str, rare: RareSearches, **filters: Any) -> tuple[str, list[UUID]]:
    """The statement of a search's first page, and the products that it finds."""
    reader = ProductReader(READING)
    query = ProductQuery(ProductFilter(**filters), search)
    reading = Reading(reader, with_drafts=False)
    with counting() as count:
        page = (await DomainSearch(reader, rare).find(tx, query, PageArgs(first=10), reading)).page
    return count.texts[0], [product.id for product in page.items]


async def test_a_search_that_was_rare_a_moment_ago_has_one_plan_and_reads_no_frequencies(
    tx: Tx, shop: dict[int, UUID]
) -> None:
    await data.product.update(tx, id=shop[7], data={"model": "Zephyr"})
    await index.reindex(tx, [shop[7]])
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    rare = RareSearches(clock)
    first, again = await texts_of(tx, "zephyr", rare), await texts_of(tx, "zephyr", rare)
    assert first[1] == again[1] == [shop[7]]
    assert ["search_terms" in text and "generate_series" in text for text, _ in (first, again)] == [True, False]
    clock.advance(timedelta(minutes=1))
    assert await texts_of(tx, "zephyr", rare) == first


@pytest.mark.parametrize("filters", [{"brands": ["Brand 3"]}, {"lowest_price": Decimal(1)}])
async def test_a_search_with_a_filter_or_a_frequent_one_is_planned_each_time(
    tx: Tx, shop: dict[int, UUID], filters: dict[str, Any]
) -> None:
    rare = RareSearches(FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
    for search, given in (("linen", filters), ("cotton", {})):
        first, again = [await texts_of(tx, search, rare, **given) for _ in range(2)]
        assert first == again
        assert "generate_series" in first[0]


async def test_searches_that_are_known_to_be_rare_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rare_searches, "MAX_ENTRIES", 3)
    rare = RareSearches(FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
    searches = [Selection(company_id=None, expression=f"word{number}") for number in range(5)]
    for search in searches:
        rare.learn([search], [{"selection_index": 0, "sort_value": 0.5}])
        assert search in rare
    assert [search in rare for search in searches] == [False, False, False, True, True]


async def test_a_frequent_search_is_one_statement(tx: Tx, shop: dict[int, UUID]) -> None:
    with counting() as count:
        await Search().find(tx, ProductQuery(search="cotton"), PageArgs(first=10), listed_only=True)
    assert count.data == 1


async def frequencies(tx: Tx) -> dict[str, tuple[int, int]]:
    rows = await tx.fetch("select * from search_terms where company_id = $1 and products > 0", tx.company_id)
    assert len(rows) == len({row["term"] for row in rows})
    return {row["term"]: (row["products"], row["names"]) for row in rows}


async def test_words_are_counted_when_a_tenth_of_the_products_has_changed(tx: Tx, shop: dict[int, UUID]) -> None:
    counted = await frequencies(tx)
    assert (counted[""], counted["cotton"], counted["thing"]) == ((40, 0), (30, 2), (40, 40))
    shelf = await insert_category(tx, "More")
    more = [await insert_product(tx, shelf, "Cotton more", view_count=1) for _ in range(5)]
    await index.reindex(tx, more[:4])
    assert await frequency_sql.count_words_when_due(tx) == 0
    assert await frequencies(tx) == counted
    await index.reindex(tx, more)
    assert await frequency_sql.count_words_when_due(tx) == 1
    assert await frequency_sql.count_words_when_due(tx) == 0
    assert (await frequencies(tx))["cotton"] == (35, 7)


async def insert_many(tx: Tx) -> None:
    """Insert more listed products than are ranked."""
    await tx.execute(PRODUCTS, tx.company_id, await insert_category(tx, "Things"))
    await tx.execute(ENTRIES, tx.company_id)


@pytest.mark.parametrize(
    ("spoil", "term"),
    [
        ("update search_terms set products = products / 2 where company_id = $1 and term = 'cotton'", "cotton"),
        ("update search_terms set names = 0 where company_id = $1 and term = 'cotton'", "cotton"),
        ("insert into search_terms (company_id, term, trigrams, products) values ($1, 'cotton', '{}', 1)", "cotton"),
        ("insert into search_terms (company_id, term, trigrams, products) values ($1, 'silk', '{}', 900)", "silk"),
    ],
)
async def test_frequencies_that_are_far_off_are_reported_and_mended(tx: Tx, spoil: str, term: str) -> None:
    await insert_many(tx)
    await frequency_sql.count_words(tx)
    assert await tx.fetch(BROKEN) == []
    await tx.execute(spoil, tx.company_id)
    assert [row["term"] for row in await tx.fetch(BROKEN)] == [term]
    await frequency_sql.count_words(tx)
    assert await tx.fetch(BROKEN) == []


async def test_frequencies_that_are_about_to_be_counted_are_not_reported(tx: Tx) -> None:
    await insert_many(tx)
    assert await tx.fetch(BROKEN) == []
    await frequency_sql.count_words(tx)
    await tx.execute("update search_terms set products = products / 2 where company_id = $1", tx.company_id)
    assert await tx.fetch(BROKEN) == []


async def test_the_words_of_many_products_are_estimated_by_a_sample(
    tx: Tx, shop: dict[int, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = 4
    monkeypatch.setattr(frequency_sql, "SAMPLE", len(shop) // step)
    await frequency_sql.count_words(tx)
    counted = await frequencies(tx)
    sampled = await tx.fetch(
        "select document::text from product_search "
        "where company_id = $1 and uuid_hash_extended(product_id, 0) % $2 = 0",
        tx.company_id,
        step,
    )
    assert counted[""] == (40, 0)
    assert counted.get("thing", (0, 0)) == (step * len(sampled), step * len(sampled))
    assert counted.get("cotton", (0, 0))[0] == step * sum("cotton" in row["document"] for row in sampled)


async def test_a_counted_word_is_neither_suggested_nor_kept_from_becoming_a_term(
    tx: Tx, shop: dict[int, UUID]
) -> None:
    suggested = "select count(*) from search_terms where company_id = $1 and term = 'linen' and trigrams <> '{}'"
    assert (await frequencies(tx))["linen"] == (10, 0)
    assert await tx.fetch_value(suggested, tx.company_id) == 0
    await data.product.update(tx, id=shop[0], data={"name": "Linen"})
    await index.reindex(tx, [shop[0]])
    assert await tx.fetch_value(suggested, tx.company_id) == 1
    assert await index.delete_unused_terms(tx) > 0
    assert await tx.fetch_value(suggested, tx.company_id) == 1
    assert (await frequencies(tx))["linen"] == (11, 1)
