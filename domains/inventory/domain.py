"""The declaration of the inventory domain."""

from collections.abc import Sequence
from typing import Final

from domains.catalog.service import CatalogService
from domains.inventory import events, invariants
from domains.inventory.handlers import SHOWS_STOCK, StockProjection
from domains.inventory.service import InventoryService
from domains.kernel.domain import Domain, Parts, Subscription, events_in
from domains.kernel.permissions import PermissionResource


def build(parts: Parts) -> InventoryService:
    """The stock of the catalog's SKUs."""
    return InventoryService(parts.of(CatalogService))


def subscriptions(inventory: InventoryService) -> Sequence[Subscription]:
    """Keeps the stock that the catalog shows current."""
    return (Subscription("inventory.stock-projection", SHOWS_STOCK, StockProjection(inventory).show_stock),)


DOMAIN: Final = Domain(
    name="inventory",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    subscriptions=subscriptions,
    events=events_in(events),
    permissions=(PermissionResource.INVENTORY,),
)
