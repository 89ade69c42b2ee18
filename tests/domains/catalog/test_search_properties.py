"""Lists, facets and searches of any arguments agree with an oracle without a database."""

from collections.abc import AsyncIterator
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domains.catalog.search import facet_sql, index
from domains.catalog.search.facets import FacetCounter
from domains.catalog.search.listing import ProductFilter, ProductQuery, ProductSort, ProductSortField
from domains.catalog.search.normalization import words
from domains.catalog.search.spelling import distance
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.pagination.pages import PageArgs
from tests.conftest import Undo, make_company
from tests.domains.catalog.search_oracle import (
    BRANDS,
    KEYS,
    VALUES,
    VOCABULARY,
    Market,
    choices,
    counts,
    create_market,
    matches,
)
from tests.domains.catalog.search_products import insert_product
from tests.domains.catalog.searches import Search, SuggestionSearch

PRICES = st.none() | st.sampled_from(
    [Decimal(price) for price in ("0", "2.5", "9.99", "9.990001", "10", "50", "100", "1e40")]
)
MAYBE = st.none() | st.booleans()
SORTS = st.builds(ProductSort, st.sampled_from(list(KEYS)), st.booleans())
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.sampled_from([*values, "None such"]), min_size=1).map(tuple)
        for name, values in VALUES.items()
    },
).map(choices)
# Sizes from which on facets of a large catalogue are counted in another way; None is a small one.
WAYS = st.sampled_from(
    [None, {}, {"_MOST": -1, "_MANY": -1}, {"_MOST": 0.5, "_MANY": 20}, {"_MOST": 2, "_MANY": -1, "_KEYS": 2}]
)
quick = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
async def market(database: Database, owner: Any) -> AsyncIterator[tuple[Tx, Market]]:
    with suppress(Undo):
        async with database.transaction(Actor.system(await make_company(owner))) as tx:
            yield tx, await create_market(tx, 90)
            raise Undo


@st.composite
def filters(draw: Any) -> dict[str, Any]:
    """The arguments of a ProductFilter; categories by their place in the market, prices in their order."""
    lowest, highest = draw(PRICES), draw(PRICES)
    if lowest is not None and highest is not None and lowest > highest:
        lowest, highest = highest, lowest
    return {
        "category_places": draw(st.sets(st.integers(0, 8), max_size=2)),
        "brands": draw(st.lists(st.sampled_from([*BRANDS, "None such"]), max_size=2)),
        "attributes": draw(ATTRIBUTES),
        "lowest_price": lowest,
        "highest_price": highest,
        "lowest_rating": draw(st.none() | st.sampled_from([Decimal(1), Decimal("2.67"), Decimal(4)])),
        "in_stock": draw(MAYBE),
        "is_featured": draw(MAYBE),
        "is_listed": draw(MAYBE),
    }


def filter_of(market: Market, given: dict[str, Any]) -> ProductFilter:
    given = dict(given)
    places = given.pop("category_places")
    return ProductFilter(category_ids=[market.categories[place] for place in sorted(places)], **given)


@quick
@given(filters(), SORTS, st.sampled_from([1, 3, 10, 100]), st.none() | st.sampled_from(["v", "gar", "ela"]))
async def test_pages_contain_every_product_once_in_both_directions(
    market: tuple[Tx, Market], given: dict[str, Any], sort: ProductSort, size: int, start: str | None
) -> None:
    tx, items = market
    wanted = filter_of(items, given)
    expected = items.listed(wanted, sort, start)
    assume(expected or start is None)
    query = ProductQuery(wanted, start, sort)

    forwards: list[UUID] = []
    after = None
    while True:
        page = (await Search().find(tx, query, PageArgs(first=size, after=after), listed_only=False)).page
        forwards += [product.id for product in page.items]
        assert page.has_previous is (after is not None)
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert forwards == expected
    assert await page.count() == len(expected)

    backwards: list[UUID] = []
    before = None
    while True:
        page = (await Search().find(tx, query, PageArgs(last=size, before=before), listed_only=False)).page
        backwards = [product.id for product in page.items] + backwards
        if not page.has_previous:
            break
        before = page.cursors[0]
    assert backwards == expected


@settings(max_examples=200, deadline=None)
@given(filters(), WAYS)
async def test_facets_count_what_selecting_them_would_return(
    market: tuple[Tx, Market], given: dict[str, Any], way: dict[str, float] | None
) -> None:
    tx, shop = market
    wanted = filter_of(shop, given)
    found = await Search().find(tx, ProductQuery(wanted), PageArgs(first=0), listed_only=False)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (way or {}).items():
            patch.setattr(facet_sql, name, value)
        counter = FacetCounter(set() if way is None else {tx.company_id})
        facets = await counter.count(tx, found.selection)
        counter.large.update(set() if way is None else {tx.company_id})
        assert await counter.count(tx, found.selection) == facets  # as it was best, which is remembered

    def left(but: str = "") -> list[Any]:
        return [item for item in shop.items if matches(item, wanted, but=but)]

    spellings = counts(item.brand for item in shop.items if item.brand)
    most = sorted(spellings, key=lambda brand: (-spellings[brand], brand))
    assert {value.value: value.count for value in facets.brands} == counts(
        next(brand for brand in most if brand.casefold() == item.brand.casefold())
        for item in left("brand")
        if item.brand
    )
    assert {facet.name: {value.value: value.count for value in facet.values} for facet in facets.attributes} == {
        name: values
        for name in VALUES
        if (values := counts(item.attributes[name] for item in left(f"attribute {name}") if name in item.attributes))
    }
    assert facets.in_stock == sum(item.in_stock for item in left("stock"))
    assert facets.featured == sum(item.is_featured for item in left("featured"))
    assert {rating.lowest: rating.count for rating in facets.ratings} == counts(
        floor for item in left("rating") for floor in (1, 2, 3, 4) if item.rating >= floor
    )
    for band in facets.prices:
        within = [item for item in left("price") if band.lower <= item.price < (band.upper or Decimal("Infinity"))]
        assert band.count == len(within)
    assert sum(band.count for band in facets.prices) == len(left("price"))
    assert {category.category_id: category.count for category in facets.categories} == counts(
        category_id for item in left() for category_id in item.field if category_id in children_of(shop, wanted)
    )


def children_of(shop: Market, wanted: ProductFilter) -> set[Any]:
    """The children of the selected categories, or the roots when none is selected."""
    if not wanted.category_ids:
        return set(shop.roots)
    pairs = {pair for item in shop.items for pair in zip(item.field, item.field[1:], strict=False)}
    return {child for child, parent in pairs if parent in wanted.category_ids}


@quick
@given(st.data())
async def test_a_product_is_found_by_the_beginning_of_each_of_its_words(
    market: tuple[Tx, Market], data: st.DataObject
) -> None:
    tx, shop = market
    item = data.draw(st.sampled_from(list(shop.items)))
    word = data.draw(st.sampled_from(words(item.name)))
    start = word[: data.draw(st.integers(1, len(word)))]
    found = await Search().find(tx, ProductQuery(search=start), PageArgs(first=100), listed_only=False)
    assert item.id in [product.id for product in found.page.items]
    assert found.corrected is None


@st.composite
def mistyped(draw: Any, word: str) -> str:
    """The word with one typing error."""
    place = draw(st.integers(0, len(word) - 1))
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    errors = [
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    ]
    return str(draw(st.sampled_from(errors)))


@settings(max_examples=150, deadline=None)
@given(st.data())
async def test_a_product_is_found_by_its_words_with_one_typing_error(
    market: tuple[Tx, Market], data: st.DataObject
) -> None:
    tx, shop = market
    item = data.draw(st.sampled_from(list(shop.items)))
    word = data.draw(st.sampled_from([word for word in words(item.name) if len(word) >= 5] or ["none"]))
    assume(word != "none")
    typed = data.draw(mistyped(word))
    known = {each for product in shop.items for each in words(product.name)} | set(words("home clothes corner shelf"))
    assume(not any(each.startswith(typed) for each in known))
    found = await Search().find(tx, ProductQuery(search=typed), PageArgs(first=100), listed_only=False)
    assert item.id in [product.id for product in found.page.items]
    assert found.corrected is not None


ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
LONG_TEXT = st.builds(lambda letters, times: (letters * times)[:1000], ANY_TEXT, st.integers(1, 200))


@quick
@given(ANY_TEXT.map(lambda text: text[:255]), LONG_TEXT, LONG_TEXT)
async def test_any_text_is_indexed_and_found(
    market: tuple[Tx, Market], name: str, value: str, description: str
) -> None:
    tx, shop = market
    with suppress(Undo):
        async with tx.savepoint():
            product_id = await insert_product(
                tx, shop.roots[0], name, {"Material": value}, brand=value[:255], description=description
            )
            await index.reindex(tx, [product_id])
            for search in (name, value, description):
                query = ProductQuery(search=search[:255])
                found = await Search().find(tx, query, PageArgs(first=100), listed_only=True)
                if search is name and words(name):
                    assert product_id in [product.id for product in found.page.items]
            wanted = ProductFilter(brands=[value[:255]])
            found = await Search().find(tx, ProductQuery(wanted), PageArgs(first=100), listed_only=True)
            assert [product.id for product in found.page.items] == [product_id]
            raise Undo


@quick
@given(ANY_TEXT)
async def test_any_search_text_is_answered(market: tuple[Tx, Market], search: str) -> None:
    tx, _ = market
    query = ProductQuery(search=search[:255])
    page = (await Search().find(tx, query, PageArgs(first=100), listed_only=True)).page
    assert page.has_previous is False
    assert len((await SuggestionSearch().find(tx, search[:255], 5)).products) <= 5


@given(st.sampled_from([word.lower() for word in VOCABULARY]), st.data())
def test_one_typing_error_is_an_edit_distance_of_one(word: str, data: st.DataObject) -> None:
    typed = data.draw(mistyped(word))
    assert distance(typed, word, 2) == (typed != word)
    assert distance(word, typed, 2) == (typed != word)


def test_every_sort_field_except_relevance_has_a_key() -> None:
    assert set(ProductSortField) - set(KEYS) == {ProductSortField.RELEVANCE}
