"""Words in all scripts: without spaces, as compounds, with symbols, in any spelling."""

from decimal import Decimal
from uuid import UUID

import pytest

from domains.catalog import data
from domains.catalog.search import index
from domains.catalog.search.facets import FacetCounter
from domains.catalog.search.highlights import highlight
from domains.catalog.search.index_sql import VERSION
from domains.catalog.search.listing import AttributeFilter, ProductFilter, ProductQuery
from domains.catalog.search.normalization import normalize, words
from domains.catalog.search.spelling import is_term
from domains.kernel.database import Tx
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from tests.domains.catalog.search_products import (
    computed_counts,
    entry_of,
    insert_category,
    insert_filterable_attributes,
    insert_product,
    insert_variant,
    stored_counts,
)
from tests.domains.catalog.searches import Search, SuggestionSearch

CUP, BAG, CASE, LAPTOP = "新款北欧风格陶瓷杯子", "กระเป๋าหนังสีดำ", "レザーバッグ", "게이밍 노트북을"
PHONE, ROUTER, POSTER, COURSE, SHIRT = (
    "新款iPhone手机壳",
    "WiFi Router",
    "AC/DC Poster",
    "Node.js Course",
    "Men's T-Shirt",
)
MESH, GIFT, BOOK, SCREW = "Wi-Fi Mesh", "Gift Box 🎁", "किताब की दुकान", "Screw 3.5 mm"
NAMES = (CUP, BAG, CASE, LAPTOP, PHONE, ROUTER, POSTER, COURSE, SHIRT, MESH, GIFT, BOOK, SCREW)


@pytest.fixture
async def shop(tx: Tx) -> dict[str, UUID]:
    shelf = await insert_category(tx, "陶瓷")
    ids = {name: await insert_product(tx, shelf, name) for name in NAMES if name != CUP}
    ids[CUP] = await insert_product(tx, await insert_category(tx, "Cups"), CUP)
    await data.category.update(tx, id=shelf, data={"name": "Things"})
    await index.reindex(tx, list(ids.values()))
    return ids


async def found(tx: Tx, search: str | None, wanted: ProductFilter | None = None) -> set[str]:
    query = ProductQuery(wanted or ProductFilter(), search)
    page = (await Search().find(tx, query, PageArgs(first=100), listed_only=True)).page
    assert await page.count() == len(page.items)
    return {product.name for product in page.items}


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("陶瓷", {CUP}),
        ("陶瓷杯子", {CUP}),
        ("陶", {CUP}),
        ("子", {CUP}),
        ("新款", {CUP, PHONE}),
        ("新款 手机", {PHONE}),
        ("瓷陶", set()),
        ("手机 iphone", {PHONE}),
        ("หนัง", {BAG}),
        ("สีดำ", {BAG}),
        ("ดำ", {BAG}),
        ("กระเป๋า", {BAG}),
        ("バッグ", {CASE}),
        ("ﾊﾞｯｸﾞ", {CASE}),
        ("ハック", set()),
        ("노트북", {LAPTOP}),
        ("노트부", {LAPTOP}),
        ("किताब", {BOOK}),
        ("किता", {BOOK}),
        ("दुकान", {BOOK}),
    ],
)
async def test_a_part_of_a_name_without_spaces_is_found(
    tx: Tx, shop: dict[str, UUID], search: str, expected: set[str]
) -> None:
    assert await found(tx, search) == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("wifi", {ROUTER, MESH}),
        ("wi-fi", {ROUTER, MESH}),
        ("Wi-Fi router", {ROUTER}),
        ("wifi mesh", {MESH}),
        ("wi fi", {MESH}),
        ("acdc", {POSTER}),
        ("ac/dc", {POSTER}),
        ("ac", {POSTER}),
        ("nodejs", {COURSE}),
        ("node.js course", {COURSE}),
        ("tshirt", {SHIRT}),
        ("t-shirt", {SHIRT}),
        ("mens", {SHIRT}),
        ("3.5", {SCREW}),
        ("35", set()),
    ],
)
async def test_compounds_are_found_as_one_word_and_as_several(
    tx: Tx, shop: dict[str, UUID], search: str, expected: set[str]
) -> None:
    assert await found(tx, search) == expected


@pytest.mark.parametrize("search", ["()", "   ", "\u200b", "\u2800", "-", "?!", "🦄", "🎁🦄"])
async def test_a_search_without_matches_finds_nothing(tx: Tx, shop: dict[str, UUID], search: str) -> None:
    assert await found(tx, search) == set()
    facets = await FacetCounter().count(
        tx, (await Search().find(tx, ProductQuery(search=search), PageArgs(first=1), listed_only=True)).selection
    )
    assert facets.categories == []


@pytest.mark.parametrize("search", ["🎁", "🎁 gift", "gift 🎁\ufe0f"])
async def test_emoji_are_words(tx: Tx, shop: dict[str, UUID], search: str) -> None:
    assert await found(tx, search) == {GIFT}


@pytest.mark.parametrize("search", [None, ""])
async def test_an_empty_search_returns_all_products(tx: Tx, shop: dict[str, UUID], search: str | None) -> None:
    assert await found(tx, search) == {*NAMES}


@pytest.mark.parametrize(
    ("typed", "products", "terms"),
    [
        ("陶瓷", {CUP}, []),
        ("新款", {CUP, PHONE}, [CUP]),
        ("หนัง", {BAG}, []),
        ("wifi", {ROUTER, MESH}, ["wifi"]),
        ("wi-fi", {ROUTER, MESH}, ["wifi"]),
        ("🎁", {GIFT}, []),
        ("()", set(), []),
    ],
)
async def test_suggestions_match_scripts_and_compounds_as_searches_do(
    tx: Tx, shop: dict[str, UUID], typed: str, products: set[str], terms: list[str]
) -> None:
    given = await SuggestionSearch().find(tx, typed, 10)
    assert {product.name for product in given.products} == products
    assert list(given.terms) == terms


async def test_categories_are_suggested_by_a_part_of_their_name(tx: Tx) -> None:
    await insert_category(tx, "北欧陶瓷")
    await insert_category(tx, "Wi-Fi")
    for typed, name in (("陶瓷", "北欧陶瓷"), ("wifi", "Wi-Fi")):
        assert [category.name for category in (await SuggestionSearch().find(tx, typed, 5)).categories] == [name]


async def test_parts_of_words_are_neither_terms_nor_corrected(tx: Tx, shop: dict[str, UUID]) -> None:
    rows = await tx.fetch("select term from search_terms where company_id = $1 and trigrams <> '{}'", tx.company_id)
    assert {row["term"] for row in rows if not row["term"].isascii()} == {
        *(CUP, normalize(BAG), CASE, "게이밍", "노트북을", "手机壳", "किताब", "दुकान")
    }
    assert all(is_term(row["term"]) for row in rows)
    assert await index.delete_unused_terms(tx) == 0
    with counting() as count:
        assert await found(tx, "陶碗") == set()
    assert count.data == 2  # the page and its count


async def test_words_of_other_scripts_are_not_split() -> None:
    assert words("किताब กระเป๋า, Größe_2!") == ["किताब", "กระเป๋า", "grosse", "2"]
    assert words("क़लम קָמָץ كِتَاب") == words("कलम קמץ كتاب")


@pytest.mark.parametrize(
    ("name", "search", "shown"),
    [
        (CUP, [["陶瓷"]], "新款北欧风格<mark>陶瓷</mark>杯子"),
        (CUP, [["瓷杯子"]], "新款北欧风格陶<mark>瓷杯子</mark>"),
        (BAG, [["หนัง"]], "กระเป๋า<mark>หนัง</mark>สีดำ"),
        ("A Wi-Fi cable", [["wifi"]], "A <mark>Wi-Fi</mark> cable"),
        ("WiFi", [["wi fi", "wifi"]], "<mark>WiFi</mark>"),
        ("Gift 🎁", [["🎁"]], "Gift <mark>🎁</mark>"),
    ],
)
def test_matches_are_marked(name: str, search: list[list[str]], shown: str) -> None:
    assert highlight(name, None, search).name == shown


def test_an_extract_of_a_text_without_spaces_is_short() -> None:
    described = highlight("-", "杯" * 5_000 + "陶瓷" + "碗" * 5_000, [["陶瓷"]]).description
    assert described is not None
    assert "<mark>陶瓷</mark>" in described
    assert len(described) < 250


@pytest.mark.parametrize("end", ["D000237", "d000237", "000237", "237", "0-D000237"])
async def test_a_product_is_found_by_the_end_of_a_sku(tx: Tx, end: str) -> None:
    shelf = await insert_category(tx, "Things")
    own = await insert_product(tx, shelf, "Own", sku="170000D000237")
    varied = await insert_product(tx, shelf, "VariantPrices")
    await insert_variant(tx, varied, sku="17-0000-D000237")
    other = await insert_product(tx, shelf, "Other", sku="D0002371")
    await index.reindex(tx, [own, varied, other])
    assert await found(tx, end) - {"Other"} == {"Own", "VariantPrices"}
    assert await found(tx, f"{end} own") == {"Own"}


async def test_facet_values_that_differ_in_case_or_unicode_form_are_one(tx: Tx) -> None:
    shelf = await insert_category(tx, "Things")
    await insert_filterable_attributes(tx, shelf, "Grape")
    spellings = ("Café", "CAFÉ", "cafe\u0301", "Caf\u200b\u00e9", "Café", "Cafe")
    ids = [
        await insert_product(tx, shelf, f"P{place}", {"Grape": "Rosé" if place else "ROSE\u0301"}, brand=brand)
        for place, brand in enumerate(spellings)
    ]
    await index.reindex(tx, ids)
    for wanted in (ProductFilter(), ProductFilter(lowest_price=Decimal(0))):
        selection = (await Search().find(tx, ProductQuery(wanted), PageArgs(first=1), listed_only=True)).selection
        facets = await FacetCounter().count(tx, selection)
        assert [(brand.value, brand.count) for brand in facets.brands] == [("Café", 5), ("Cafe", 1)]
        assert [(facet.name, facet.values[0].value, facet.values[0].count) for facet in facets.attributes] == [
            ("Grape", "Rosé", 6)
        ]
    for brand in spellings[:5]:
        assert await found(tx, None, ProductFilter(brands=[brand])) == {f"P{place}" for place in range(5)}
    chosen = ProductFilter(attributes=[AttributeFilter("GRAPE", ["rosé"])])
    assert len(await found(tx, None, chosen)) == 6
    assert await stored_counts(tx) == await computed_counts(tx)


async def test_a_facet_value_has_the_current_spelling_of_its_products(tx: Tx) -> None:
    shelf = await insert_category(tx, "Things")
    product_id = await insert_product(tx, shelf, brand="ACME")
    await index.reindex(tx, [product_id])
    await data.product.update(tx, id=product_id, data={"brand": "Acme"})
    await index.reindex(tx, [product_id])
    selection = (await Search().find(tx, ProductQuery(), PageArgs(first=1), listed_only=True)).selection
    assert [(brand.value, brand.count) for brand in (await FacetCounter().count(tx, selection)).brands] == [
        ("Acme", 1)
    ]


async def test_entries_of_an_earlier_version_are_reindexed_in_batches(tx: Tx) -> None:
    shelf = await insert_category(tx, "Things")
    ids = [await insert_product(tx, shelf, CUP) for _ in range(index.BATCH_SIZE + 1)]
    await index.reindex(tx, ids)
    await tx.execute(
        "update product_search set version = version - 1, document = '' where company_id = $1", tx.company_id
    )
    query, one = ProductQuery(search="陶瓷"), PageArgs(first=1)
    assert await (await Search().find(tx, query, one, listed_only=True)).page.count() == 0
    assert [await index.reindex_outdated(tx) for _ in range(3)] == [index.BATCH_SIZE, 1, 0]
    assert await (await Search().find(tx, query, one, listed_only=True)).page.count() == len(ids)
    assert (await entry_of(tx, ids[0]))["version"] == VERSION
