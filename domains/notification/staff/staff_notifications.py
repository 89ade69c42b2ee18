"""Creates the notifications of staff from events: new orders, and stock that runs low or out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from domains.auth.members.members import Members
from domains.catalog.service import CatalogService
from domains.inventory.alerts.events import StockRanOut
from domains.inventory.events import StockRanLow
from domains.inventory.models import InventoryItem
from domains.inventory.service import InventoryService
from domains.kernel.database import Tx
from domains.kernel.events import Envelope
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.kernel.settings import SettingsTable
from domains.notification.models import NewNotification, NotificationKind, NotificationSettings, NotificationType
from domains.notification.notifications import Notifications
from domains.notification.orders.order_notices import ORDER_ID, is_current
from domains.notification.orders.order_notifications import is_late
from domains.notification.orders.told_orders import ToldOrders
from domains.notification.orders.variables import MOST_ITEMS
from domains.order.events import OrderCreated

WITHOUT_ADDRESSES: Final = {"shipping_address": None, "billing_address": None}
MOST_MEMBERS: Final = 50
"""The members of staff whose lists an event reaches at most: those with the oldest memberships."""
SEES_ORDERS: Final = Grant(PermissionResource.ORDERS, PermissionAction.READ)
SEES_STOCK: Final = Grant(PermissionResource.INVENTORY, PermissionAction.READ)


@dataclass(frozen=True, slots=True)
class Staff:
    """Whom an event is told: the addresses of `staff_emails`, and the users who have it in their lists."""

    addresses: Sequence[str]
    user_ids: Sequence[UUID]


class StaffNotifications:
    """Tells the addresses of `staff_emails` and members who may see it, once for each event, what is so when told.

    Members have it in their lists in the shop. Nobody is told personal data of buyers, which an erasure would not
    find with them.
    """

    topics: Final = (OrderCreated.topic, StockRanLow.topic, StockRanOut.topic)

    def __init__(
        self,
        orders: ToldOrders,
        inventory: InventoryService,
        catalog: CatalogService,
        members: Members,
        settings: SettingsTable[NotificationSettings],
        notifications: Notifications,
    ) -> None:
        self._orders = orders
        self._inventory = inventory
        self._catalog = catalog
        self._members = members
        self._settings = settings
        self._notifications = notifications

    async def notify(self, tx: Tx, event: Envelope) -> None:
        """Create the notifications of an event, by one statement.

        Two statements find the recipients, and without any nothing else is read; at most three read the rest.
        """
        if is_late(tx, event):
            return
        is_order = event.topic == OrderCreated.topic
        members = await self._members.with_permission(tx, SEES_ORDERS if is_order else SEES_STOCK, take=MOST_MEMBERS)
        staff = Staff((await self._settings.current(tx)).staff_emails, members)
        if not staff.addresses and not staff.user_ids:
            return
        if is_order:
            await self._tell_order(tx, staff, UUID(event.payload["order_id"]))
        else:
            await self._tell_stock(tx, staff, event)

    async def _tell_order(self, tx: Tx, staff: Staff, order_id: UUID) -> None:
        kind, order = NotificationKind.STAFF_NEW_ORDER, await self._orders.find(tx, order_id)
        if order is None or not is_current(NotificationKind.ORDER_PLACED, order):
            return
        variables = {**(await self._orders.told(tx, order)).variables, **WITHOUT_ADDRESSES}
        new = NewNotification(
            kind=kind,
            dedupe_key=f"{kind} {order.id}",
            variables={"order": variables},
            metadata={ORDER_ID: str(order.id)},
        )
        # The page of the order in the shop is the buyer's.
        await self._create(tx, staff, new, in_shop={"order": {**variables, "url": None}})

    async def _tell_stock(self, tx: Tx, staff: Staff, event: Envelope) -> None:
        kind, is_out = NotificationKind.STAFF_LOW_STOCK, event.topic == StockRanOut.topic
        found = await self._inventory.listing.items_by_sku(tx, event.payload["skus"][:MOST_ITEMS])
        low = [item for item in found if item.available_stock <= (0 if is_out else item.reorder_point)]
        if low:
            variables = {"items": await self._stock(tx, low)}
            new = NewNotification(kind=kind, dedupe_key=f"{kind} {event.id}", variables=variables)
            await self._create(tx, staff, new, in_shop=variables)

    async def _stock(self, tx: Tx, items: Sequence[InventoryItem]) -> list[Mapping[str, Any]]:
        ids = {item.product_id for item in items}
        products = await self._catalog.products.find_many(tx, tx.actor, sorted(ids))
        names = {product.id: product.name for product in products}
        return [
            {
                "sku": item.sku,
                "name": names.get(item.product_id, item.sku),
                "available": item.available_stock,
                "threshold": item.reorder_point,
            }
            for item in items
        ]

    async def _create(self, tx: Tx, staff: Staff, new: NewNotification, in_shop: Mapping[str, Any]) -> None:
        """An e-mail for each address, and an entry in the list of each member. One statement."""
        emails = [
            replace(new, recipient=address, dedupe_key=f"{new.dedupe_key} {address}") for address in staff.addresses
        ]
        type_ = NotificationType.IN_APP
        listed = [
            replace(new, type=type_, user_id=user_id, variables=in_shop, dedupe_key=f"{new.dedupe_key} {user_id}")
            for user_id in staff.user_ids
        ]
        await self._notifications.create(tx, [*emails, *listed])
