"""The root fields and nodes of the inventory domain."""

from typing import Final

from gateway.graphql.inventory.alerts.queries import StockAlertQuery
from gateway.graphql.inventory.backorders import BackorderMutation
from gateway.graphql.inventory.mutations import InventoryMutation
from gateway.graphql.inventory.nodes import NODES
from gateway.graphql.inventory.purchase_orders.mutations import PurchaseOrderMutation
from gateway.graphql.inventory.purchase_orders.queries import PurchaseOrderQuery
from gateway.graphql.inventory.quarantine.mutations import QuarantineMutation
from gateway.graphql.inventory.queries import InventoryQuery
from gateway.graphql.inventory.stock_takes.mutations import StockTakeMutation
from gateway.graphql.inventory.stock_takes.queries import StockTakeQuery
from gateway.graphql.inventory.subscriptions import InventorySubscription
from gateway.graphql.inventory.transfers.mutations import StockTransferMutation
from gateway.graphql.inventory.transfers.queries import StockTransferQuery
from gateway.graphql.inventory.warehouse_mutations import WarehouseMutation
from gateway.graphql.inventory.warehouse_queries import WarehouseQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES", "SUBSCRIPTIONS"]

QUERIES: Final = (
    InventoryQuery,
    WarehouseQuery,
    StockTransferQuery,
    StockTakeQuery,
    StockAlertQuery,
    PurchaseOrderQuery,
)
MUTATIONS: Final = (
    InventoryMutation,
    WarehouseMutation,
    StockTransferMutation,
    StockTakeMutation,
    QuarantineMutation,
    PurchaseOrderMutation,
    BackorderMutation,
)
SUBSCRIPTIONS: Final = (InventorySubscription,)
