"""The declaration of the inventory domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.catalog.service import CatalogService
from domains.inventory import events, invariants
from domains.inventory.alerts import events as alert_events
from domains.inventory.alerts import invariants as alert_invariants
from domains.inventory.backorders.invariants import INVARIANTS as BACKORDERS
from domains.inventory.personal_data import erase_person, export_person
from domains.inventory.projection import TOPICS
from domains.inventory.purchase_orders import events as purchase_events
from domains.inventory.purchase_orders import invariants as purchase_invariants
from domains.inventory.service import InventoryService
from domains.inventory.stock_takes import events as stock_take_events
from domains.inventory.stock_takes import invariants as stock_take_invariants
from domains.inventory.transfers import events as transfer_events
from domains.inventory.transfers import invariants as transfer_invariants
from domains.inventory.warehouses import events as warehouse_events
from domains.kernel.domain import Dependencies, Domain, Job, Subscription, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.permissions import PermissionResource
from domains.kernel.personal_data import merge_nothing
from domains.kernel.prisma.privileges import APPEND_ONLY, NEVER_DELETED

INVENTORY_ITEMS: Final = NodeTable("inventory_items")
INVENTORY_LEVELS: Final = NodeTable("inventory_levels")
STOCK_MOVEMENTS: Final = NodeTable("stock_movements")
STOCK_TRANSFERS: Final = NodeTable("stock_transfers")
STOCK_TAKES: Final = NodeTable("stock_takes")
STOCK_TAKE_LINES: Final = NodeTable("stock_take_lines")
PURCHASE_ORDERS: Final = NodeTable("purchase_orders")
STOCK_ALERTS: Final = NodeTable("stock_alerts")
WAREHOUSES: Final = NodeTable("warehouses")


def build(dependencies: Dependencies) -> InventoryService:
    """The stock of the catalog's SKUs."""
    return InventoryService(dependencies.get(CatalogService), dependencies.settings)


def subscriptions(inventory: InventoryService) -> Sequence[Subscription]:
    """Keeps the stock that the catalog shows current."""
    return (Subscription("inventory.stock-projection", TOPICS, inventory.projection.handle),)


def jobs(inventory: InventoryService) -> Sequence[Job]:
    """Finds stock that is not sold."""
    return (Job("find stale stock", timedelta(days=1), inventory.alerts.find_stale),)


DOMAIN: Final = Domain(
    name="inventory",
    build=build,
    queue=EventQueue.INVENTORY,
    invariants=(
        *invariants.INVARIANTS,
        *BACKORDERS,
        *transfer_invariants.INVARIANTS,
        *stock_take_invariants.INVARIANTS,
        *alert_invariants.INVARIANTS,
        *purchase_invariants.INVARIANTS,
        *invariants.ROW_INVARIANTS,
    ),
    subscriptions=subscriptions,
    jobs=jobs,
    events=(
        *events_in(events),
        *events_in(warehouse_events),
        *events_in(transfer_events),
        *events_in(stock_take_events),
        *events_in(alert_events),
        *events_in(purchase_events),
    ),
    permissions=(PermissionResource.INVENTORY,),
    privileges={
        "stock_movements": APPEND_ONLY,
        "stock_document_counters": NEVER_DELETED,
        "stock_transfers": NEVER_DELETED,
        "stock_takes": NEVER_DELETED,
        "stock_take_lines": NEVER_DELETED,
        "stock_alerts": NEVER_DELETED,
        "purchase_orders": NEVER_DELETED,
    },
    export_person=export_person,
    erase_person=erase_person,
    merge_person=merge_nothing,
)
