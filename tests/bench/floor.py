"""The floors: a bare Starlette with asyncpg that answers the listing from one statement, and with a constant.

What no gateway can be faster than on the same machine, the same database and the same server.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LISTING = """
select json_build_object('data', json_build_object('products', json_build_object('nodes', json_agg(json_build_object(
  'id', p.id, 'name', p.name, 'slug', p.slug, 'price', json_build_object('amount', p.base_price::text, 'currency',
  p.currency), 'images', p.images[1:1], 'category', json_build_object('id', c.id, 'name', c.name, 'slug', c.slug),
  'variants', v.variants)))))::text
from (select * from products where company_id = $1 and archived_at is null and is_active
      order by created_at desc, id desc limit 24) p
join categories c on (c.company_id, c.id) = (p.company_id, p.category_id)
cross join lateral (
  select json_agg(json_build_object('id', v.id, 'sku', v.sku, 'name', v.name, 'stock', i.available_stock)) as variants
  from product_variants v
  left join inventory_items i on (i.company_id, i.variant_id) = (v.company_id, v.id)
  where (v.company_id, v.product_id) = (p.company_id, p.id)
) v
"""
CONSTANT = b'{"data":{"products":{"nodes":[]}}}'


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open a pool of connections while the application runs."""
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=16) as pool:
        app.state.pool = pool
        app.state.company = await pool.fetchval("select id from companies order by created_at limit 1")
        yield


async def listing(request: Request) -> Response:
    """The listing's JSON as PostgreSQL writes it."""
    state = request.app.state
    return Response(await state.pool.fetchval(LISTING, state.company), media_type="application/json")


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
    Route("/listing", listing),
    Route("/constant", constant),
    Route("/octets/{size:int}", octets, methods=["POST"]),
]
app = Starlette(routes=ROUTES, lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
