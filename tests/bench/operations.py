"""The operations that are measured, as GraphQL of the gateway and as requests to the floors."""

from typing import Final

from tests.bench.load import Request

FIELDS: Final = """
  id name slug price { amount currency } image { url } category { id name slug }
  variants { id sku name price { amount } stock }
"""
LISTING: Final = f"{{ products(first: 24) {{ nodes {{ {FIELDS} }} }} }}"
DETAIL: Final = f"""query ($slug: String!) {{
  product(slug: $slug) {{ {FIELDS} description longDescription rating reviewCount
    attributes {{ name value unit }} }} }}"""
SEARCH: Final = f"query ($words: String!) {{ products(first: 24, search: $words) {{ nodes {{ {FIELDS} }} }} }}"
FACETED: Final = """query ($words: String!) {
  products(first: 24, search: $words) { totalCount nodes { id name } facets { brands { value count } } } }"""
SLUG: Final = "product-000030"
WORDS: Final = "cork wool"
QUERIES: Final[dict[str, tuple[str, dict[str, object]]]] = {
    "listing": (LISTING, {}),
    "detail": (DETAIL, {"slug": SLUG}),
    "search": (SEARCH, {"words": WORDS}),
    "facets": (FACETED, {"words": WORDS}),
}
OPERATIONS: Final = {name: Request.graphql(name, *query, is_numbered=True) for name, query in QUERIES.items()}
CACHED: Final = {name: Request.graphql(name, *query) for name, query in QUERIES.items()}
CONSTANT: Final = Request.get("constant", "/constant")
_SEARCHED: Final = WORDS.replace(" ", "+")
FLOORS: Final[dict[str, dict[str, Request]]] = {
    "listing": {name: Request.get(name, f"/{name}/listing") for name in ("dicts", "json", "graphql-core")},
    "detail": {name: Request.get(name, f"/{name}/detail/{SLUG}") for name in ("dicts", "json", "graphql-core")},
    "search": {"dicts": Request.get("dicts", f"/dicts/search?words={_SEARCHED}")},
    "facets": {"dicts": Request.get("dicts", f"/dicts/facets?words={_SEARCHED}")},
}
