"""The floors: a bare Starlette with asyncpg that answers by hand what the gateway is asked in GraphQL.

`/dicts` turns rows into dicts and writes them with orjson, `/graphql-core` lets graphql-core execute the operation
over these dicts, `/json` sends the JSON that PostgreSQL makes, `/constant` sends the same bytes each time. What no
gateway can be faster than on the same machine, the same database and the same server.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import asyncpg
import graphql
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.bench.floors import read_sql
from tests.bench.operations import DETAIL, LISTING

CONSTANT = b'{"data":{"products":{"nodes":[]}}}'
POOL_SIZE = 10  # as the gateway's
SCHEMA = graphql.build_schema("""
type Query { products(first: Int!): Products! product(slug: String!): Product }
type Products { nodes: [Product!]! }
type Money { amount: String! currency: String! }
type Image { url: String! }
type Category { id: ID! name: String! slug: String! }
type Attribute { name: String! value: String! unit: String }
type Variant { id: ID! sku: String! name: String! price: Money! stock: Int! }
type Product { id: ID! name: String! slug: String! price: Money! image: Image category: Category!
  variants: [Variant!]! attributes: [Attribute!]! description: String longDescription: String rating: String!
  reviewCount: Int! }
""")
Rows = Any
Json = dict[str, Any]


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open a pool of connections while the application runs."""
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=POOL_SIZE, max_size=POOL_SIZE) as pool:
        app.state.pool = pool
        app.state.company = await pool.fetchval("select id from companies order by created_at limit 1")
        yield


def cards(rows: Rows) -> list[Json]:
    """Products with their variants, from rows of variants that follow each other by product."""
    products: list[Json] = []
    last = None
    for row in rows:
        id_, name, slug, price, currency, image, category_id, category_name, category_slug, *variant = row
        if id_ != last:
            last = id_
            variants: list[Json] = []
            products.append(
                {
                    "id": str(id_),
                    "name": name,
                    "slug": slug,
                    "price": {"amount": price, "currency": currency},
                    "image": {"url": image} if image else None,
                    "category": {"id": str(category_id), "name": category_name, "slug": category_slug},
                    "variants": variants,
                }
            )
        variant_id, sku, variant_name, amount, stock = variant
        if variant_id is not None:
            variants.append(
                {
                    "id": str(variant_id),
                    "sku": sku,
                    "name": variant_name,
                    "price": {"amount": amount},
                    "stock": stock,
                }
            )
    return products


async def newest(state: Any) -> list[Json]:
    """The 24 newest products. One statement."""
    return cards(await state.pool.fetch(read_sql.LISTING, state.company))


async def one(state: Any, slug: str) -> Json:
    """One product. Three statements on one connection."""
    async with state.pool.acquire() as connection:
        rows = await connection.fetch(read_sql.DETAIL, state.company, slug)
        (product,) = cards(rows)
        text = await connection.fetchrow(read_sql.TEXTS, state.company, slug)
        attributes = await connection.fetch(read_sql.ATTRIBUTES, state.company, text[0])
    _, product["description"], product["longDescription"], product["rating"], product["reviewCount"] = text
    product["attributes"] = [{"name": name, "value": value, "unit": unit} for name, value, unit in attributes]
    return product


def answer(data: Any) -> Response:
    """A response with data."""
    return Response(orjson.dumps({"data": data}), media_type="application/json")


async def listing(request: Request) -> Response:
    """The listing as dicts."""
    return answer({"products": {"nodes": await newest(request.app.state)}})


async def detail(request: Request) -> Response:
    """A product as dicts."""
    return answer({"product": await one(request.app.state, request.path_params["slug"])})


async def search(request: Request) -> Response:
    """The products with all words, the best ones first, as dicts. One statement."""
    state = request.app.state
    rows = await state.pool.fetch(read_sql.SEARCH, state.company, request.query_params["words"])
    return answer({"products": {"nodes": cards(rows)}})


async def facets(request: Request) -> Response:
    """The same by name, how many there are, and how many of each brand. Two statements on one connection."""
    state, words = request.app.state, request.query_params["words"]
    async with state.pool.acquire() as connection:
        rows = await connection.fetch(read_sql.FOUND, state.company, words)
        brands = await connection.fetch(read_sql.BRANDS, state.company, words)
    nodes = [{"id": str(id_), "name": name} for id_, name, _ in rows]
    counted = {"brands": [{"value": brand, "count": count} for brand, count in brands]}
    return answer({"products": {"totalCount": rows[0][2] if rows else 0, "nodes": nodes, "facets": counted}})


@lru_cache(maxsize=16)
def parsed(text: str) -> graphql.DocumentNode:
    """A document, parsed and validated once."""
    document = graphql.parse(text)
    if errors := graphql.validate(SCHEMA, document):
        raise errors[0]
    return document


async def execute(text: str, root: Json, variables: Json | None = None) -> Response:
    """The answer of graphql-core."""
    result = graphql.execute(SCHEMA, parsed(text), root, variable_values=variables)
    ended = await result if isinstance(result, Awaitable) else result
    if ended.errors:
        raise ended.errors[0]
    return answer(ended.data)


async def core_listing(request: Request) -> Response:
    """The listing by graphql-core."""
    return await execute(LISTING, {"products": {"nodes": await newest(request.app.state)}})


async def core_detail(request: Request) -> Response:
    """A product by graphql-core."""
    slug = request.path_params["slug"]
    return await execute(DETAIL, {"product": await one(request.app.state, slug)}, {"slug": slug})


def made_by_postgres(statement: str, name: str) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that sends the JSON of a statement under a name."""
    head = b'{"data":{"%s":' % name.encode()

    async def send(request: Request) -> Response:
        state = request.app.state
        text: str = await state.pool.fetchval(statement, state.company, *request.path_params.values())
        return Response(head + text.encode() + b"}}", media_type="application/json")

    return send


async def octets(request: Request) -> Response:
    """So many octets as the path says."""
    return Response(_octets(request.path_params["size"]), media_type="application/json")


@lru_cache(maxsize=16)
def _octets(size: int) -> bytes:
    return b"x" * size


async def constant(_: Request) -> Response:
    """The same few bytes each time."""
    return Response(CONSTANT, media_type="application/json")


ROUTES = [
    Route("/dicts/listing", listing),
    Route("/dicts/detail/{slug}", detail),
    Route("/dicts/search", search),
    Route("/dicts/facets", facets),
    Route("/json/listing", made_by_postgres(read_sql.JSON_LISTING, "products")),
    Route("/json/detail/{slug}", made_by_postgres(read_sql.JSON_DETAIL, "product")),
    Route("/graphql-core/listing", core_listing),
    Route("/graphql-core/detail/{slug}", core_detail),
    Route("/constant", constant),
    Route("/octets/{size:int}", octets, methods=["POST"]),
]
app = Starlette(routes=ROUTES, lifespan=lifespan)

if __name__ == "__main__":
    asyncio.run(read_sql.prepare(os.environ["DATABASE_URL"]))
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
