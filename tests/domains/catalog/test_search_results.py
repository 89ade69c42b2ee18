"""Products are found by their words, by prefixes of them, and with typing errors."""

from uuid import UUID

import pytest

from domains.catalog.search import index
from domains.catalog.search.facets import FacetCounter
from domains.catalog.search.highlights import highlight
from domains.catalog.search.listing import FoundProducts, ProductFilter, ProductQuery, ProductSort, ProductSortField
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import Required
from tests.domains.catalog.search_products import insert_category, insert_product, insert_variant
from tests.domains.catalog.searches import Search, SuggestionSearch

NAMES = ("Ocean Blue Shirt", "Classic Leather Jacket", "Yellow Wool Jumper", "Crème brûlée bowl", "Blue Silk Tuxedo")


@pytest.fixture
async def shop(tx: Tx) -> dict[str, UUID]:
    shelf = await insert_category(tx, "Things")
    ids = {
        name: await insert_product(tx, shelf, name, description=f"About the {name}, rosé & more.") for name in NAMES
    }
    await index.reindex(tx, list(ids.values()))
    return ids


async def find(tx: Tx, search: str, first: int = 20, after: str | None = None) -> FoundProducts:
    return await Search().find(tx, ProductQuery(search=search), PageArgs(first=first, after=after), listed_only=True)


def names(found: FoundProducts) -> list[str]:
    return [product.name for product in found.page.items]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("jacket", ["Classic Leather Jacket"]),
        ("JACK", ["Classic Leather Jacket"]),
        ("creme brulee", ["Crème brûlée bowl"]),
        ("CRÈME", ["Crème brûlée bowl"]),
        ("blue shi", ["Ocean Blue Shirt"]),
        ("shirt jacket", []),
        ("zzzzz", []),
    ],
)
async def test_all_words_must_match_and_the_last_as_a_prefix(
    tx: Tx, shop: dict[str, UUID], search: str, expected: list[str]
) -> None:
    assert names(await find(tx, search)) == expected


async def test_a_match_in_the_name_ranks_above_one_in_the_description(tx: Tx) -> None:
    shelf = await insert_category(tx, "Things")
    umbrella = await insert_product(tx, shelf, "Umbrella", description="Goes with every raincoat")
    named = await insert_product(tx, shelf, "Raincoat")
    await index.reindex(tx, [umbrella, named])
    assert names(await find(tx, "raincoat")) == ["Raincoat", "Umbrella"]


@pytest.mark.parametrize(
    ("typed", "understood", "expected"),
    [
        ("jakcet", "jacket", ["Classic Leather Jacket"]),
        ("lether jacket", "leather jacket", ["Classic Leather Jacket"]),
        ("yelow", "yellow", ["Yellow Wool Jumper"]),
        ("tuxdo", "tuxedo", ["Blue Silk Tuxedo"]),
        ("brüleee", "brulee", ["Crème brûlée bowl"]),
    ],
)
async def test_a_typing_error_is_corrected_and_the_correction_is_returned(
    tx: Tx, shop: dict[str, UUID], typed: str, understood: str, expected: list[str]
) -> None:
    found = await find(tx, typed)
    assert (names(found), found.corrected) == (expected, understood)


async def test_a_search_with_results_is_not_corrected(tx: Tx, shop: dict[str, UUID]) -> None:
    with counting() as count:
        found = await find(tx, "blue")
    assert (found.corrected, count.data) == (None, 1)
    assert set(names(found)) == {"Ocean Blue Shirt", "Blue Silk Tuxedo"}


async def test_a_mistyped_search_executes_three_statements(tx: Tx, shop: dict[str, UUID]) -> None:
    with counting() as count:
        await find(tx, "yelow jumpr")
    assert count.data == 3


async def test_further_pages_of_a_corrected_search_use_the_same_correction(tx: Tx, shop: dict[str, UUID]) -> None:
    first = await find(tx, "bluue", first=1)
    second = await find(tx, "bluue", first=1, after=first.page.cursors[0])
    end = await find(tx, "bluue", first=1, after=second.page.cursors[0])
    assert {*names(first), *names(second)} == {"Ocean Blue Shirt", "Blue Silk Tuxedo"}
    assert (names(end), first.corrected, end.corrected) == ([], "blue", "blue")


async def test_an_empty_last_page_is_not_corrected(tx: Tx) -> None:
    shelf = await insert_category(tx, "Things")
    cold = await insert_product(tx, shelf, "Lemonade", description="Drink it cold")
    await index.reindex(tx, [cold, await insert_product(tx, shelf, "Gold")])
    found = await find(tx, "cold")
    assert names(found) == ["Lemonade"]
    assert names(await find(tx, "cold", after=found.page.cursors[0])) == []


async def test_customers_search_products_on_sale_and_staff_also_drafts(tx: Tx, catalog: CatalogService) -> None:
    shelf = await insert_category(tx, "Things")
    shown = await insert_product(tx, shelf, "Velvet bow")
    draft = await insert_product(tx, shelf, "Velvet ribbon", is_active=False)
    await index.reindex(tx, [shown, draft])
    company_id = tx.actor.company_id
    seen = [
        {product.id for product in (await catalog.search_products(tx, actor, "velvet", PageArgs())).page.items}
        for actor in (Actor.anonymous(company_id), Actor.system(company_id))
    ]
    assert seen == [{shown}, {shown, draft}]


async def test_a_sku_finds_its_product(tx: Tx, shop: dict[str, UUID]) -> None:
    product_id = shop["Yellow Wool Jumper"]
    await insert_variant(tx, product_id, sku="YWJ-XL-0042")
    await index.reindex(tx, [product_id])
    assert names(await find(tx, "ywj-xl-0042")) == ["Yellow Wool Jumper"]


async def test_relevance_needs_a_search(tx: Tx) -> None:
    query = ProductQuery(sort=ProductSort(ProductSortField.RELEVANCE))
    with pytest.raises(Required, match="only with a `search`"):
        await Search().find(tx, query, PageArgs(), listed_only=True)


@pytest.mark.parametrize("search", ["", "  ", "!!", "'; drop table products; --", "a:* & (b", "\\", "<->", "é" * 255])
async def test_any_search_text_is_answered(tx: Tx, shop: dict[str, UUID], search: str) -> None:
    found = await find(tx, search)
    assert found.corrected is None


async def test_facets_count_the_results_of_the_search(tx: Tx, shop: dict[str, UUID]) -> None:
    found = await find(tx, "blue")
    facets = await FacetCounter().count(tx, found.selection)
    assert [count.count for count in facets.categories] == [2]
    assert [(str(price.lower), str(price.upper), price.count) for price in facets.prices] == [("50", "100", 2)]


async def test_matching_words_are_marked_and_everything_else_is_escaped() -> None:
    shown = highlight("Crème <b> & Café", "x " * 60 + "the finest cremerie of all " + "y " * 60, [["creme"]])
    assert shown.name == "<mark>Crème</mark> &lt;b&gt; &amp; Café"
    assert shown.description is not None
    assert shown.description.startswith("… x x")
    assert "finest <mark>cremerie</mark> of all" in shown.description
    assert len(shown.description) < 180
    assert highlight("A", "nothing", [["creme"]]).description is None


async def test_markup_is_neither_searched_nor_shown(tx: Tx) -> None:
    body = "<p>Soft &amp; warm<br>wool</p><strong>Merino</strong>"
    product_id = await insert_product(tx, await insert_category(tx, "Things"), "Scarf", long_description=body)
    await index.reindex(tx, [product_id])
    assert [names(await find(tx, search)) for search in ("strong", "amp", "warm merino")] == [[], [], ["Scarf"]]
    assert highlight("Scarf", body, [["wool"]]).description == "Soft &amp; warm <mark>wool</mark> Merino"


async def test_suggestions_contain_products_categories_and_terms(tx: Tx, shop: dict[str, UUID]) -> None:
    await insert_category(tx, "Jackets")
    await index.set_popularity(tx, {shop["Blue Silk Tuxedo"]: 9})
    with counting() as count:
        blue = await SuggestionSearch().find(tx, "blu", 5)
    assert count.data == 3
    assert [product.name for product in blue.products] == ["Blue Silk Tuxedo", "Ocean Blue Shirt"]
    assert list(blue.terms) == ["blue"]
    jackets = await SuggestionSearch().find(tx, "leather jack", 5)
    assert list(jackets.terms) == ["leather jacket"]
    assert [category.name for category in (await SuggestionSearch().find(tx, "jack", 5)).categories] == ["Jackets"]
    assert [product.name for product in (await SuggestionSearch().find(tx, "jakcet", 5)).products] == [
        "Classic Leather Jacket"
    ]
    assert await SuggestionSearch().find(tx, "  ", 5) == type(blue)()


async def test_products_hidden_from_customers_are_not_suggested(tx: Tx) -> None:
    hidden = await insert_category(tx, "Velvet", is_active=False)
    below = await insert_category(tx, "Velvet ribbons", hidden)
    await index.reindex(tx, [await insert_product(tx, below, "Velvet bow")])
    suggested = await SuggestionSearch().find(tx, "velv", 5)
    assert (list(suggested.products), list(suggested.categories), list(suggested.terms)) == ([], [], [])
    assert (await find(tx, "velvett")).corrected is None


async def test_products_of_another_company_are_not_found(tx: Tx, shop: dict[str, UUID], other_company: UUID) -> None:
    stranger = Tx(tx._pool, tx._session, type(tx.actor).system(other_company), tx.clock)
    found = await Search().find(stranger, ProductQuery(search="blue"), PageArgs(), listed_only=True)
    everything = await Search().find(stranger, ProductQuery(filter=ProductFilter()), PageArgs(), listed_only=False)
    assert (names(found), names(everything), await everything.page.count()) == ([], [], 0)
