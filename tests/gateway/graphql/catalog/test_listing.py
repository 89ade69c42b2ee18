"""Lists of products through the API: pages, filters, facets and searches, each with few statements."""

from typing import Any

import pytest

from domains.catalog.search import index
from domains.catalog.search.highlights import highlight
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.graphql.engine.test_work_limits import most_between_turns
from tests.gateway.site import Site

LISTING = """
query ($filter: ProductFilterInput, $search: String, $sortBy: ProductSortInput, $first: Int, $after: String,
       $last: Int, $before: String) {
  products(filter: $filter, search: $search, sortBy: $sortBy, first: $first, after: $after, last: $last,
           before: $before) {
    nodes { name image { url } price { amount currency } category { name } variants { sku stock price { amount } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
NAMES = """
query ($filter: ProductFilterInput, $search: String, $sortBy: ProductSortInput, $first: Int, $after: String) {
  products(filter: $filter, search: $search, sortBy: $sortBy, first: $first, after: $after) {
    totalCount correctedSearch nodes { name } pageInfo { endCursor hasNextPage }
  }
}
"""
FACETS = """
query ($filter: ProductFilterInput, $search: String) {
  products(filter: $filter, search: $search) {
    edges { cursor node { name category { name } variants { stock } } highlight { name description } }
    facets {
      categories { count category { name } } brands { value count } attributes { name values { value count } }
      prices { lower upper count } ratings { lowest count } inStock featured
    }
  }
}
"""


@pytest.fixture
async def shirts(shop: Site) -> str:
    """Twenty-four shirts with three variants each, the first of them in stock; a brand for every fourth."""
    category_id = await make_category(shop, "Shirts", await make_category(shop, "Clothes"))
    for number in range(24):
        await make_product(
            shop,
            name=f"Shirt {number:02}",
            categoryId=category_id,
            basePrice=f"{10 + number}.50",
            brand="Ocean" if number % 4 == 0 else "Mountain",
            description=f"Number {number} of many fine shirts",
            images=[{"url": f"/{number}.jpg"}],
            variants=[
                {
                    "sku": f"S{number}-{size}",
                    "options": [{"name": "Size", "value": size}],
                    "stock": 5 if size == "S" else 0,
                }
                for size in "SML"
            ],
        )
    await shop.database.run(all_in_stock, Actor.system(shop.company_id))
    return category_id


async def all_in_stock(tx: Tx) -> None:
    """The effect of the events of the inventory."""
    products = await tx.fetch("select id from products where company_id = $1", tx.company_id)
    await index.set_in_stock(tx, {row["id"]: True for row in products})


async def test_a_page_with_all_relations_executes_one_statement_once_it_is_remembered(
    shop: Site, shirts: str
) -> None:
    shop.forget_products()
    first = await shop.data(LISTING, first=24, sortBy={"field": "PRICE"})
    assert (shop.count.data, shop.count.actor, shop.count.control) == (2, 0, 0)
    answer = await shop.data(LISTING, first=24, sortBy={"field": "PRICE"})
    assert (shop.count.data, shop.count.actor, shop.count.control) == (1, 0, 0)
    assert answer == first
    nodes = answer["products"]["nodes"]
    assert [node["name"] for node in nodes] == [f"Shirt {number:02}" for number in range(24)]
    assert nodes[0] == {
        "name": "Shirt 00",
        "image": {"url": "/0.jpg"},
        "price": {"amount": "10.50", "currency": "EUR"},
        "category": {"name": "Shirts"},
        "variants": [
            {"sku": "S0-S", "stock": 5, "price": {"amount": "10.50"}},
            {"sku": "S0-M", "stock": 0, "price": {"amount": "10.50"}},
            {"sku": "S0-L", "stock": 0, "price": {"amount": "10.50"}},
        ],
    }


async def test_a_search_with_all_relations_executes_one_statement(shop: Site, shirts: str) -> None:
    answer = await shop.data(LISTING, search="ocean shi", first=24)
    assert shop.count.data == 1
    assert len(answer["products"]["nodes"]) == 6


async def test_a_search_with_facets_executes_three_statements(shop: Site, shirts: str) -> None:
    answer = await shop.data(FACETS, search="shirt", filter={"brands": ["Ocean"], "inStock": True})
    assert shop.count.data == 3  # the page with descriptions and stock, the facets, their categories
    edges, facets = answer["products"]["edges"], answer["products"]["facets"]
    assert edges[0]["highlight"] == {
        "name": f"<mark>Shirt</mark> {edges[0]['node']['name'][-2:]}",
        "description": f"Number {int(edges[0]['node']['name'][-2:])} of many fine <mark>shirts</mark>",
    }
    assert facets == {
        "categories": [{"count": 6, "category": {"name": "Clothes"}}],
        "brands": [{"value": "Mountain", "count": 18}, {"value": "Ocean", "count": 6}],
        "attributes": [
            {"name": "Size", "values": [{"value": size, "count": 6} for size in "LMS"]},
        ],
        "prices": [{"lower": "10", "upper": "25", "count": 4}, {"lower": "25", "upper": "50", "count": 2}],
        "ratings": [],
        "inStock": 6,
        "featured": 0,
    }


async def test_matches_are_highlighted_once_for_equal_fields_and_in_turns(
    shop: Site, shirts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked: list[str] = []

    def watched(name: str, *texts: Any) -> Any:
        marked.append(name)
        return highlight(name, *texts)

    monkeypatch.setattr("gateway.graphql.catalog.listing_loaders.highlight", watched)
    asked = " ".join(f'p{i}: products(search: "shirt") {{ edges {{ highlight {{ name }} }} }}' for i in range(20))
    most = await most_between_turns(shop.data(f"{{ {asked} }}"), lambda: len(marked))
    assert (len(marked), most) == (20, 1)


async def test_the_whole_catalogue_with_count_and_facets_executes_three_statements(shop: Site, shirts: str) -> None:
    answer = await shop.data("{ products { totalCount nodes { name } facets { brands { value count } inStock } } }")
    assert shop.count.data == 3
    assert answer["products"]["totalCount"] == 24
    assert answer["products"]["facets"] == {
        "brands": [{"value": "Mountain", "count": 18}, {"value": "Ocean", "count": 6}],
        "inStock": 24,
    }


async def test_counting_stops_and_says_so(shop: Site, shirts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domains.catalog.search.facet_sql.COUNTED", 5)
    query = """
    query ($filter: ProductFilterInput, $search: String) {
      products(filter: $filter, search: $search) { totalCount countIsExact facets { inStock brands { count } } }
    }"""
    searched = (await shop.data(query, search="shirt"))["products"]
    assert (searched["totalCount"], searched["countIsExact"]) == (6, False)
    assert searched["facets"]["inStock"] == sum(brand["count"] for brand in searched["facets"]["brands"]) == 5
    assert shop.count.data == 2
    filtered = (await shop.data(query, "admin", filter={"price": {"min": "12"}}))["products"]
    assert (filtered["totalCount"], filtered["countIsExact"], filtered["facets"]["inStock"]) == (6, False, 22)
    few = (await shop.data(query, filter={"price": {"min": "12", "max": "16"}}))["products"]
    assert (few["totalCount"], few["countIsExact"]) == (4, True)
    everything = (await shop.data(query))["products"]
    assert (everything["totalCount"], everything["countIsExact"]) == (24, True)


@pytest.mark.parametrize(
    ("facets", "statements"),
    [
        ("", 2),
        ("facets { brands { count } inStock }", 2),
        ("... on ProductConnection { facets { inStock } } other: facets { featured }", 2),
        ("facets @include(if: true) { inStock }", 3),
        ("facets { featured inStock @include(if: true) }", 3),
    ],
)
async def test_a_search_is_counted_together_with_its_facets(
    shop: Site, shirts: str, facets: str, statements: int
) -> None:
    query = f"""{{ products(search: "shirt 1") {{ totalCount countIsExact nodes {{ name }} {facets} }} }}"""
    await shop.data(query)
    found = (await shop.data(query))["products"]
    assert shop.count.data == statements
    assert (found["totalCount"], found["countIsExact"]) == (len(found["nodes"]), True) == (11, True)
    if "inStock" in facets:
        assert found["facets"]["inStock"] == 11


async def test_pages_are_consecutive_in_both_directions(shop: Site, shirts: str) -> None:
    first = (await shop.data(LISTING, first=10, sortBy={"field": "NAME"}))["products"]
    second = (await shop.data(LISTING, first=10, after=first["pageInfo"]["endCursor"], sortBy={"field": "NAME"}))[
        "products"
    ]
    back = (await shop.data(LISTING, last=10, before=second["pageInfo"]["startCursor"], sortBy={"field": "NAME"}))[
        "products"
    ]
    assert [node["name"] for node in second["nodes"]] == [f"Shirt {number}" for number in range(10, 20)]
    assert back["nodes"] == first["nodes"]
    assert (first["pageInfo"]["hasPreviousPage"], first["pageInfo"]["hasNextPage"]) == (False, True)


async def test_a_mistyped_search_returns_its_correction(shop: Site, shirts: str) -> None:
    answer = await shop.data(NAMES, search="montain 07")
    assert answer["products"]["correctedSearch"] == "mountain 07"
    assert answer["products"]["nodes"] == [{"name": "Shirt 07"}]
    assert answer["products"]["totalCount"] == 1


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        ({"price": {"min": "12.50", "max": "14.50"}}, ["02", "03", "04"]),
        ({"attributes": [{"name": "Size", "values": ["S", "XXL"]}], "price": {"max": "11"}}, ["00"]),
        ({"attributes": [{"name": "Size", "values": ["XXL"]}]}, []),
        ({"inStock": False}, []),
        ({"minRating": "4.5"}, []),
        ({"isFeatured": False, "brands": ["Ocean"], "price": {"max": "15"}}, ["00", "04"]),
        ({"categoryIds": ["00000000-0000-0000-0000-000000000000"]}, []),
    ],
)
async def test_filters_return_the_matching_products(shop: Site, shirts: str, filter: Any, names: list[str]) -> None:
    answer = await shop.data(NAMES, filter=filter, sortBy={"field": "NAME"})
    assert [node["name"] for node in answer["products"]["nodes"]] == [f"Shirt {name}" for name in names]
    assert answer["products"]["totalCount"] == len(names)


async def test_drafts_are_listed_for_staff_only(shop: Site, shirts: str) -> None:
    await make_product(shop, name="Draft", categoryId=shirts, basePrice="1", isActive=False)
    drafts = {"isPublished": False}
    for token in (None, "customer", "stranger"):
        answer = await shop.ask(NAMES, token, filter=drafts, search="draft")
        assert answer["data"]["products"]["nodes"] == []
    answer = await shop.data(NAMES, "admin", filter=drafts)
    assert (answer["products"]["nodes"], answer["products"]["totalCount"]) == ([{"name": "Draft"}], 1)


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"first": 101}, "OUT_OF_RANGE"),
        ({"first": -1}, "OUT_OF_RANGE"),
        ({"first": 1, "last": 1}, "INVALID"),
        ({"after": "nonsense"}, "CURSOR_INVALID"),
        ({"after": "WyJwcm9kdWN0czpORVdFU1Q6ZGVzYyIsbnVsbCxudWxsXQ"}, "CURSOR_INVALID"),
        ({"sortBy": {"field": "RELEVANCE"}}, "REQUIRED"),
        ({"search": "x" * 300}, "TOO_LONG"),
        ({"search": "a\x00b"}, "BAD_REQUEST"),
        ({"filter": {"brands": ["x"] * 101}}, "TOO_MANY"),
        ({"filter": {"brands": ["a\x00"]}}, "BAD_REQUEST"),
        ({"filter": {"attributes": [{"name": f"N {number}", "values": ["x"]} for number in range(11)]}}, "TOO_MANY"),
        ({"filter": {"price": {"min": "1E+5000"}}}, "BAD_USER_INPUT"),
        ({"filter": {"price": {"min": "NaN"}}}, "BAD_USER_INPUT"),
        ({"filter": {"attributes": [{"name": "a\x00", "values": ["x"]}]}}, "BAD_REQUEST"),
        ({"filter": {"categoryIds": ["no-uuid"]}}, "BAD_USER_INPUT"),
    ],
)
async def test_invalid_input_is_refused_with_a_clear_error(shop: Site, variables: Any, code: str) -> None:
    response = await shop.post(LISTING, **variables)
    assert response.status_code in (200, 400)
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == code, error


async def test_suggestions_complete_a_prefix(shop: Site, shirts: str) -> None:
    text = '{ productSuggestions(search: "shi", first: 2) { products { name } categories { name } terms } }'
    answer = await shop.data(text)
    assert shop.count.data == 3
    assert len(answer["productSuggestions"]["products"]) == 2
    assert answer["productSuggestions"]["categories"] == [{"name": "Shirts"}]
    assert answer["productSuggestions"]["terms"] == ["shirt", "shirts"]
    refused = await shop.ask('{ productSuggestions(search: "shi", first: 21) { terms } }')
    assert refused["errors"][0]["message"] == "`first` must be between 1 and 20; it is 21."


async def test_the_products_of_many_categories_are_loaded_with_one_statement(shop: Site, shirts: str) -> None:
    hats = await make_category(shop, "Hats")
    caps = await make_category(shop, "Caps", hats)
    await make_product(shop, name="Cap", categoryId=caps, basePrice="5")
    await make_product(shop, name="Hat", categoryId=hats, basePrice="5")
    text = """
    { categories(sortBy: {field: NAME}) {
        nodes { name products(first: 2) { nodes { name } pageInfo { hasNextPage } } } } }
    """
    await shop.data(text)
    answer = await shop.data(text)
    assert shop.count.data == 3  # what is hidden, the categories, their products
    assert [
        (node["name"], [product["name"] for product in node["products"]["nodes"]], node["products"]["pageInfo"])
        for node in answer["categories"]["nodes"]
    ] == [
        ("Caps", ["Cap"], {"hasNextPage": False}),
        ("Clothes", ["Shirt 23", "Shirt 22"], {"hasNextPage": True}),
        ("Hats", ["Hat", "Cap"], {"hasNextPage": False}),
        ("Shirts", ["Shirt 23", "Shirt 22"], {"hasNextPage": True}),
    ]


@pytest.mark.parametrize(
    ("given", "path", "code", "message"),
    [
        ({"price": {"min": "20", "max": "19.99"}}, "price", "RANGE_INVERTED", "The lowest price, 20, is above the"),
        ({"minRating": "-0.1"}, "minRating", "OUT_OF_RANGE", "A rating is from 0 to 5."),
        ({"minRating": "5.01"}, "minRating", "OUT_OF_RANGE", "A rating is from 0 to 5."),
    ],
)
async def test_a_filter_that_matches_nothing_is_refused(
    shop: Site, given: dict[str, Any], path: str, code: str, message: str
) -> None:
    answer = await shop.ask(NAMES, filter=given)
    (error,) = answer["errors"]
    assert error["message"].startswith(message)
    assert error["extensions"] == {"code": code, "input": ["filter", path]}
