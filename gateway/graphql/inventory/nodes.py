"""The inventory domain's types that `node` finds."""

from typing import Final

from domains.inventory.domain import (
    INVENTORY_ITEMS,
    INVENTORY_LEVELS,
    PURCHASE_ORDERS,
    STOCK_ALERTS,
    STOCK_MOVEMENTS,
    STOCK_TAKE_LINES,
    STOCK_TAKES,
    STOCK_TRANSFERS,
    WAREHOUSES,
)
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.inventory.alerts.loaders import load_stock_alerts
from gateway.graphql.inventory.alerts.types import StockAlert
from gateway.graphql.inventory.loaders import load_items_by_id, load_levels_by_id, load_movements, load_warehouses
from gateway.graphql.inventory.purchase_orders.loaders import load_purchase_orders
from gateway.graphql.inventory.purchase_orders.types import PurchaseOrder
from gateway.graphql.inventory.stock_takes.loaders import load_stock_take_lines, load_stock_takes
from gateway.graphql.inventory.stock_takes.types import StockTake, StockTakeLine
from gateway.graphql.inventory.transfers.loaders import load_transfers
from gateway.graphql.inventory.transfers.types import StockTransfer
from gateway.graphql.inventory.types import MAY_READ, InventoryItem, StockMovement
from gateway.graphql.inventory.warehouse_types import InventoryLevel, Warehouse

NODES: Final[list[AnyNodeType]] = [
    NodeType(InventoryItem, INVENTORY_ITEMS, load_items_by_id, MAY_READ),
    NodeType(InventoryLevel, INVENTORY_LEVELS, load_levels_by_id, MAY_READ),
    NodeType(StockMovement, STOCK_MOVEMENTS, load_movements, MAY_READ),
    NodeType(StockTransfer, STOCK_TRANSFERS, load_transfers, MAY_READ),
    NodeType(StockTake, STOCK_TAKES, load_stock_takes, MAY_READ),
    NodeType(StockTakeLine, STOCK_TAKE_LINES, load_stock_take_lines, MAY_READ),
    NodeType(StockAlert, STOCK_ALERTS, load_stock_alerts, MAY_READ),
    NodeType(PurchaseOrder, PURCHASE_ORDERS, load_purchase_orders, MAY_READ),
    NodeType(Warehouse, WAREHOUSES, load_warehouses, MAY_READ),
]
