"""Query plans: with many transfers, purchase orders, stock takes and alerts, lists are read from an index."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domains.inventory.alerts.models import StockAlertFilter, StockAlertKind
from domains.inventory.purchase_orders.models import PurchaseOrderFilter, PurchaseOrderStatus
from domains.inventory.service import InventoryService
from domains.inventory.stock_takes.models import StockTakeFilter, StockTakeStatus
from domains.inventory.transfers.models import StockTransferFilter, StockTransferStatus
from domains.inventory.warehouses.sql import open_documents
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from tests.databases import Server
from tests.domains.query_plans import RowPlanReader, filling, scans, two_big_companies, whole_tables_read

EACH = 4_000
FILL = (
    """
    insert into categories (id, company_id, name, slug, updated_at)
    select md5($1 || 'c')::uuid, $1::uuid, 'All', 'all', now() where $2 > 0
    """,
    """
    insert into products (id, company_id, name, slug, base_price, currency, category_id, updated_at)
    select md5($1 || 'p')::uuid, $1::uuid, 'P', 'p', 1, 'EUR', md5($1 || 'c')::uuid, now() where $2 > 0
    """,
    """
    insert into product_variants (id, company_id, product_id, sku, name, updated_at)
    select md5($1 || 'v' || i)::uuid, $1::uuid, md5($1 || 'p')::uuid, 'V' || i, 'V', now()
    from generate_series(1, $2::int) i
    """,
    """
    insert into inventory_items (id, company_id, sku, product_id, variant_id, updated_at)
    select md5(id::text)::uuid, company_id, sku, product_id, id, now()
    from product_variants where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into warehouses (id, company_id, code, name, is_default, updated_at)
    select md5($1 || 'w' || n)::uuid, $1::uuid, 'W' || n, 'W', n = 1, now() from generate_series(1,
           100) n where $2 > 0
    """,
    """
    insert into inventory_levels (id, company_id, inventory_id, warehouse_id, updated_at)
    select md5(i.id::text || 'l')::uuid, i.company_id, i.id, md5($1 || 'w1')::uuid, now()
    from inventory_items i where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into stock_transfers (id, company_id, number, from_warehouse_id, to_warehouse_id, status, shipped_at,
                                 received_at, created_at, updated_at)
    select md5($1 || 't' || i)::uuid, $1::uuid, 'TR-' || i, md5($1 || 'w' || (i % 99 + 1))::uuid,
           md5($1 || 'w' || (i % 99 + 2))::uuid, 'RECEIVED', now(), now(), now() + i * interval '1 second', now()
    from generate_series(1, $2::int) i
    """,
    """
    insert into stock_transfer_lines (id, company_id, transfer_id, inventory_id, position, quantity, shipped,
           received)
    select md5($1 || 'tl' || i)::uuid, $1::uuid, md5($1 || 't' || i)::uuid,
           md5(md5($1 || 'v' || i)::uuid::text)::uuid,
           0, 1, 1, 1
    from generate_series(1, $2::int) i
    """,
    """
    insert into purchase_orders (id, company_id, number, warehouse_id, supplier_name, currency, created_at,
           updated_at)
    select md5($1 || 'o' || i)::uuid, $1::uuid, 'PO-' || i, md5($1 || 'w' || (i % 100 + 1))::uuid, 'A', 'EUR',
           now() + i * interval '1 second', now()
    from generate_series(1, $2::int) i
    """,
    """
    insert into purchase_order_lines (id, company_id, purchase_order_id, inventory_id, position, quantity, currency)
    select md5($1 || 'ol' || i)::uuid, $1::uuid, md5($1 || 'o' || i)::uuid,
           md5(md5($1 || 'v' || i)::uuid::text)::uuid,
           0, 1, 'EUR'
    from generate_series(1, $2::int) i
    """,
    """
    insert into stock_takes (id, company_id, number, warehouse_id, created_at, updated_at)
    select md5($1 || 's' || i)::uuid, $1::uuid, 'ST-' || i, md5($1 || 'w' || (i % 100 + 1))::uuid,
           now() + i * interval '1 second', now()
    from generate_series(1, $2::int) i
    """,
    """
    insert into stock_take_lines (id, company_id, stock_take_id, warehouse_id, inventory_id, expected, counted)
    select md5($1 || 'sl' || i)::uuid, $1::uuid, md5($1 || 's' || i)::uuid, md5($1 || 'w' || (i % 100 + 1))::uuid,
           md5(md5($1 || 'v' || i)::uuid::text)::uuid, 1, 1
    from generate_series(1, $2::int) i
    """,
    """
    insert into stock_alerts (id, company_id, inventory_id, kind, raised_at)
    select md5($1 || 'a' || i)::uuid, $1::uuid, md5(md5($1 || 'v' || i)::uuid::text)::uuid, 'LOW',
           now() + i * interval '1 second'
    from generate_series(1, $2::int) i
    """,
)
TABLES = (
    *("inventory_items", "inventory_levels", "stock_transfers", "stock_transfer_lines", "purchase_orders"),
    *("purchase_order_lines", "stock_takes", "stock_take_lines", "stock_alerts"),
)


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


async def test_documents_of_stock_are_listed_from_an_index(
    planner: RowPlanReader, inventory: InventoryService
) -> None:
    planner.plans = []
    transfers, orders = inventory.transfers.listing, inventory.purchase_orders.listing
    takes = inventory.stock_takes.listing
    ids = [new_id() for _ in range(24)]
    await transfers.find(planner, PageArgs(first=10))
    await transfers.find(planner, PageArgs(first=10), StockTransferFilter([StockTransferStatus.DRAFT]))
    await transfers.find(planner, PageArgs(first=10), StockTransferFilter(from_warehouse_id=ids[0]))
    await transfers.find(planner, PageArgs(first=10), StockTransferFilter(to_warehouse_id=ids[0]))
    await transfers.find(planner, PageArgs(first=10), StockTransferFilter(sku="V1"))
    await transfers.lines_of(planner, ids)
    await orders.find(planner, PageArgs(first=10))
    await orders.find(planner, PageArgs(first=10), PurchaseOrderFilter([PurchaseOrderStatus.ORDERED]))
    await orders.find(planner, PageArgs(first=10), PurchaseOrderFilter(warehouse_id=ids[0]))
    await orders.lines_of(planner, ids)
    await orders.incoming(planner, ids)
    await takes.find(planner, PageArgs(first=10))
    await takes.find(planner, PageArgs(first=10), StockTakeFilter([StockTakeStatus.COMPLETED], ids[0]))
    await takes.line_pages(planner, [(each, PageArgs(first=4)) for each in ids])
    await takes.counts(planner, ids[0])

    assert scans(planner, TABLES)
    assert whole_tables_read(planner, TABLES) == []


async def test_alerts_and_open_documents_are_found_from_an_index(planner: Any, inventory: InventoryService) -> None:
    planner.plans = []
    await inventory.alerts.find(planner, PageArgs(first=10))
    await inventory.alerts.find(planner, PageArgs(first=10), StockAlertFilter(kind=StockAlertKind.LOW))
    await open_documents(planner, new_id())

    assert scans(planner, TABLES)
    assert whole_tables_read(planner, TABLES) == []
