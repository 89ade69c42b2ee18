"""Orders as notifications tell them, with their lines and addresses."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.settings import SettingsTable
from domains.notification.models import NotificationSettings
from domains.notification.orders.variables import Variables, order_variables
from domains.notification.templates.library import language_of
from domains.order import transitions
from domains.order.errors import OrderNotFound
from domains.order.models import Order, OrderAddress, OrderItem
from domains.order.service import OrderService


@dataclass(frozen=True, slots=True)
class ToldOrder:
    """An order with its lines, its variables, and the telephone number of its delivery or else of its invoice."""

    order: Order
    items: Sequence[OrderItem]
    variables: Variables
    phone: str | None


class ToldOrders:
    """Reads orders for notifications."""

    def __init__(self, orders: OrderService, settings: SettingsTable[NotificationSettings]) -> None:
        self._orders = orders
        self._settings = settings

    async def find(self, tx: Tx, order_id: UUID, *, lock: bool = False) -> Order | None:
        """An order as it is now, locked until the transaction ends on request. One statement."""
        if not lock:
            return next(iter(await self._orders.orders_by_id(tx, [order_id])), None)
        try:
            return await transitions.lock_known(tx, order_id)
        except OrderNotFound:
            return None

    async def find_all(self, db: Reader, order_ids: Collection[UUID]) -> list[Order]:
        """Orders as they are now, in no order. One statement, or none."""
        return await self._orders.orders_by_id(db, order_ids) if order_ids else []

    async def told(self, db: Reader, order: Order) -> ToldOrder:
        """An order with what is told of it; see `told_all`."""
        (told,) = await self.told_all(db, [order])
        return told

    async def told_all(self, db: Reader, orders: Sequence[Order]) -> list[ToldOrder]:
        """Orders with what is told of them. Two statements, one more when the settings are not remembered."""
        settings = await self._settings.current(db)
        items: dict[UUID, list[OrderItem]] = defaultdict(list)
        for item in await self._orders.items_of(db, [order.id for order in orders]):
            items[item.order_id].append(item)
        of_orders = [(order.shipping_address_id, order.billing_address_id) for order in orders]
        ids = {each for pair in of_orders for each in pair if each}
        addresses = {each.id: each for each in await self._orders.addresses_by_id(db, sorted(ids))}
        return [_told(order, items[order.id], addresses, settings) for order in orders]


def _told(
    order: Order,
    items: Sequence[OrderItem],
    addresses: Mapping[UUID, OrderAddress],
    settings: NotificationSettings,
) -> ToldOrder:
    ids = dict.fromkeys(each for each in (order.shipping_address_id, order.billing_address_id) if each)
    own = [addresses[each] for each in ids if each in addresses]
    language = language_of(order.language, settings.default_language)
    wanted = order.shipping_address_id or order.billing_address_id
    variables = order_variables(order, items, own, settings.storefront_url, language)
    phones = {address.id: address.phone for address in own}
    return ToldOrder(order, items, variables, phones.get(wanted) if wanted else None)
