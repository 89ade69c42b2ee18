"""Query plans: with much data, products, variants, stock and reviews are read from an index."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.catalog import sql
from domains.catalog.documents.live_values import LiveValue, LiveValues
from domains.catalog.documents.reader import ProductReader
from domains.catalog.service import CatalogService
from domains.catalog.variants.skus import Skus
from domains.inventory import level_sql
from domains.inventory import sql as stock_queries
from domains.inventory.models import MovementFilter, ReservationStatus
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.pagination.sql_lists import fetch_related
from domains.review.listing import ReviewList
from domains.review.models import ReviewFilter, ReviewSort
from tests.databases import Server
from tests.domains.query_plans import RowPlanReader, filling, scans, two_big_companies, whole_tables_read
from tests.read_model import READING

EACH = 10_000
FILL = (
    """
    insert into categories (id, company_id, name, slug, updated_at)
    select md5($1 || 'c')::uuid, $1::uuid, 'All', 'all', now() where $2 > 0
    """,
    """
    insert into products (id, company_id, name, slug, sku, base_price, currency, category_id, updated_at)
    select md5($1 || 'p' || i)::uuid, $1::uuid, 'Product ' || i, 'p' || i, 'P' || i, 1, 'EUR',
           md5($1 || 'c')::uuid, now()
    from generate_series(1, $2::int) i
    """,
    """
    insert into product_search (product_id, company_id, name_key, price, rating, created_at, is_listed, tokens)
    select id, company_id, slug, 1, 0, now(), true, '{}' from products where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into product_variants (id, company_id, product_id, sku, name, updated_at)
    select md5($1 || 'v' || i || n)::uuid, $1::uuid, md5($1 || 'p' || i)::uuid, 'V' || i || '-' || n, 'V', now()
    from generate_series(1, $2::int) i, generate_series(1, 3) n
    """,
    """
    insert into product_attributes (id, company_id, product_id, name, value)
    select md5($1 || 'a' || i || n)::uuid, $1::uuid, md5($1 || 'p' || i)::uuid, 'A' || n, 'x'
    from generate_series(1, $2::int) i, generate_series(1, 2) n
    """,
    """
    insert into inventory_items (id, company_id, sku, product_id, variant_id, updated_at)
    select md5(id::text)::uuid, company_id, sku, product_id, id, now()
    from product_variants where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into warehouses (id, company_id, code, name, is_default, updated_at)
    select md5($1 || 'w' || n)::uuid, $1::uuid, 'W' || n, 'W', n = 1, now() from generate_series(1, 3) n where $2 > 0
    """,
    """
    insert into inventory_levels (id, company_id, inventory_id, warehouse_id, updated_at)
    select md5(i.id::text || w.id)::uuid, i.company_id, i.id, w.id, now()
    from inventory_items i join warehouses w using (company_id) where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into stock_movements (id, company_id, inventory_id, warehouse_id, type, quantity, available_delta,
                                 reserved_delta, balance_after, actor_kind)
    select md5(inventory_id::text || 'm')::uuid, company_id, inventory_id, warehouse_id, 'ADJUSTMENT', 1, 1, 0, 1,
           'SYSTEM'
    from inventory_levels where warehouse_id = md5($1 || 'w1')::uuid and $2 > 0
    """,
    """
    insert into reservations (id, company_id, inventory_id, warehouse_id, order_id, quantity, updated_at)
    select md5(inventory_id::text || 'r')::uuid, company_id, inventory_id, warehouse_id,
           md5(inventory_id::text || 'o')::uuid, 1, now()
    from inventory_levels where warehouse_id = md5($1 || 'w1')::uuid and $2 > 0
    """,
    """
    insert into reviews (id, company_id, product_id, user_id, rating, updated_at)
    select md5($1 || 'r' || i || n)::uuid, $1::uuid, md5($1 || 'p' || i)::uuid, md5('u' || n)::uuid, 4, now()
    from generate_series(1, $2::int) i, generate_series(1, 3) n
    """,
)
TABLES = (
    *("products", "product_search", "product_variants", "product_attributes"),
    *("inventory_items", "inventory_levels", "stock_movements", "reservations", "reviews"),
)


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


async def test_a_product_its_variants_and_its_stock_are_read_from_an_index(
    planner: RowPlanReader, catalog: CatalogService, inventory: InventoryService, company: UUID
) -> None:
    planner.plans = []
    reader = ProductReader(READING)
    ids = [new_id() for _ in range(24)]
    for listed_only in (True, False):
        live = LiveValues(frozenset(LiveValue))
        await reader.find(planner, "slug", "p1", with_drafts=not listed_only, live=live)
        await reader.find(planner, "id", ids[0], with_drafts=not listed_only, live=live)
        await reader.find_many(planner, ids, with_drafts=False, listed_only=listed_only, live=live)
    await reader.find_variants(planner, ids, with_drafts=True)
    await reader.live_values(planner, ids, LiveValue.UNITS)
    await sql.find_products(planner, ids)
    await sql.find_variants(planner, ids)
    await sql.find_variant(planner, ids[0])
    await catalog.products.attributes_of(planner, ids)
    await inventory.listing.items_of_products(planner, ids)

    assert scans(planner, TABLES)
    assert whole_tables_read(planner, TABLES) == []


async def test_skus_and_slugs_are_found_from_an_index(planner: RowPlanReader) -> None:
    planner.plans = []
    await sql.taken_slugs(planner, "products", [f"p{number}" for number in range(10)])
    await Skus().owners(planner, [f"V{number}-1" for number in range(500)])
    await sql.slugs_of_skus(planner, [f"V{number}-1" for number in range(500)])
    await Skus().of_products(planner, [new_id() for _ in range(100)])
    await sql.modifiers_of(planner, new_id())

    assert scans(planner, TABLES)
    assert whole_tables_read(planner, TABLES) == []


async def test_stock_is_listed_from_an_index(planner: RowPlanReader, inventory: InventoryService) -> None:
    planner.plans = []
    for order in ("sku", "available_stock"):
        await inventory.listing.find_items(planner, PageArgs(), order=order)
    await inventory.listing.find_movements(planner, PageArgs())
    await inventory.listing.find_movements(planner, PageArgs(), MovementFilter(sku="V1-1"))
    await inventory.listing.find_movements(planner, PageArgs(), MovementFilter(reference="D-1"))
    await inventory.get_low_stock(planner)
    await inventory.get_low_stock(planner, 5)
    await inventory.listing.levels(planner, [f"V{number}-1" for number in range(100)])

    assert scans(planner, TABLES)
    assert whole_tables_read(planner, TABLES) == []


async def test_reviews_are_listed_from_an_index(
    planner: RowPlanReader, catalog: CatalogService, company: UUID
) -> None:
    planner.plans = []
    listing, staff, product_id = ReviewList(catalog), Actor.system(company), new_id()
    await listing.pages_by_product(planner, [(new_id(), PageArgs(first=4)) for _ in range(24)])
    for sort in ReviewSort:
        await listing.find(planner, staff, PageArgs(), ReviewFilter(product_id=product_id), sort)
    await listing.find(planner, staff, PageArgs(), ReviewFilter())
    await listing.find(planner, staff, PageArgs(), ReviewFilter(user_id=new_id()))

    assert scans(planner, TABLES)
    assert whole_tables_read(planner, TABLES) == []


async def test_reservations_and_movements_of_orders_are_found_from_an_index(planner: Any) -> None:
    planner.plans = []
    order_id, skus_ = new_id(), [f"V{number}-1" for number in range(50)]
    await level_sql.lock_stock(planner, skus_)
    await level_sql.levels_by_item(planner, [new_id() for _ in range(50)])
    await stock_queries.lock_reserved(planner, order_id)
    await stock_queries.end_reservations(planner, order_id, [], ReservationStatus.RELEASED)
    await fetch_related(planner, stock_queries.MOVEMENTS, [(new_id(), PageArgs(first=4)) for _ in range(24)])

    assert scans(planner, TABLES)
    assert whole_tables_read(planner, TABLES) == []
