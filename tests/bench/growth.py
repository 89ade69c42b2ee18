"""Growth: how much longer operations take on many products than on few."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from tests.bench.catalogue import FREQUENT
from tests.bench.load import Request
from tests.bench.reads import ask
from tests.bench.servers import Server
from tests.bench.shops import Shop
from tests.bench.turns import Progress, Report, measure_in_turns, ratio, whole

CARD: Final = "nodes { id name slug price { amount currency } image { url } }"
FACETS: Final = """facets { categories { categoryId count } brands { value count }
  attributes { name values { value count } } prices { lower upper count } ratings { lowest count }
  inStock featured }"""
FILTERED: Final = f"""query ($filter: ProductFilterInput) {{
  products(first: 24, filter: $filter) {{ {CARD} {FACETS} }} }}"""
SEARCH: Final = f"query ($words: String!) {{ products(first: 24, search: $words) {{ {CARD} }} }}"
COUNTED: Final = f"query ($words: String!) {{ products(first: 24, search: $words) {{ totalCount {CARD} {FACETS} }} }}"
PRICE: Final = {"min": "15.00", "max": "60.00"}
LIMITS: Final = {
    "price, in stock, all facets": 5.0,
    "a word in 63 %": 3.0,
    'an unfinished "co"': 3.0,
    "that word with count and facets": 6.0,
    "category, attribute, price, facets": 3.0,
}


def requests(category_id: str) -> dict[str, Request]:
    """The operations by the names of LIMITS; the category is one of the roots."""
    chosen = {
        "categoryIds": [category_id],
        "attributes": [{"name": "Color", "values": ["Blue"]}],
        "price": PRICE,
    }
    asked: list[tuple[str, dict[str, Any]]] = [
        (FILTERED, {"filter": {"price": PRICE, "inStock": True}}),
        (SEARCH, {"words": FREQUENT}),
        (SEARCH, {"words": "co"}),
        (COUNTED, {"words": FREQUENT}),
        (FILTERED, {"filter": chosen}),
    ]
    return {
        name: Request.graphql(name, text, variables, is_numbered=True)
        for name, (text, variables) in zip(LIMITS, asked, strict=True)
    }


async def compare(shops: Sequence[tuple[Shop, Server]], seconds: float, report: Progress) -> Report:
    """For each operation the median time (ms) on each shop, from the smallest on, and the last as a multiple."""
    by_shop = {str(shop.products): (shop, server, requests(await root_category(server))) for shop, server in shops}
    measured: Report = {}
    for name, limit in LIMITS.items():
        report(name)
        sides = {each: shop.side(server, wanted[name]) for each, (shop, server, wanted) in by_shop.items()}
        figures = list((await measure_in_turns(sides, 1, seconds)).values())
        measured[name] = {
            "times": ratio(figures[-1]["p50_ms"], figures[0]["p50_ms"]),
            "times_cpu": ratio(whole(figures[-1]), whole(figures[0])),
            "at_most": limit,
            **dict(zip(by_shop, figures, strict=True)),
        }
    return measured


async def root_category(server: Server) -> str:
    """The id of a category without a parent."""
    answer = await ask(server, Request.graphql("categories", "{ categories(first: 1) { nodes { id } } }"))
    found: str = orjson.loads(answer)["data"]["categories"]["nodes"][0]["id"]
    return found
