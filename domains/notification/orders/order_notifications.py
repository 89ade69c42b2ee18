"""Creates the notifications of buyers about their orders from events, and creates them again for staff."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.events import Envelope
from domains.kernel.personal_data import is_erased
from domains.notification import data
from domains.notification.models import NewNotification, NotificationType
from domains.notification.models import NotificationKind as Kind
from domains.notification.notifications import Notifications, by_types
from domains.notification.orders.details import Details
from domains.notification.orders.order_notices import NOTICES, ORDER_ID, Notice, is_current
from domains.notification.orders.told_orders import ToldOrder, ToldOrders
from domains.order.models import Order

LATEST: Final = timedelta(days=3)
"""The age of an event after which nobody is told of it any more, such as one of imported orders."""
IS_PAID: Final = "is_paid"


def is_late(tx: Tx, event: Envelope) -> bool:
    """Whether an event is too old to be told of."""
    return tx.clock.now() - event.occurred_at > LATEST


class OrderNotifications:
    """Tells the buyers of orders, once for each fact, what is so when they are told.

    They are told at the e-mail address and in the language of the order, and users also on their devices, in the shop
    and, if they chose it, at the telephone number of the order. Nothing is told of an erased buyer's order,
    nor of events that are older than three days.
    """

    topics: Final = tuple(NOTICES)

    def __init__(self, orders: ToldOrders, details: Details, notifications: Notifications) -> None:
        self._orders = orders
        self._details = details
        self._notifications = notifications

    async def notify(self, tx: Tx, event: Envelope) -> None:
        """Create the notifications of an event. Three statements read an order, and up to four the rest."""
        if is_late(tx, event):
            return
        notice, order_id = NOTICES[event.topic](event.payload), UUID(event.payload["order_id"])
        # Of an order that is placed and paid, the lock decides whether one notification or two tell it.
        order = await self._orders.find(tx, order_id, lock=notice.kind in {Kind.ORDER_PLACED, Kind.ORDER_PAID})
        if order is None or is_erased(order.email) or not is_current(notice.kind, order):
            return
        if notice.kind is Kind.ORDER_PAID and await self._is_told_to_be_paid(tx, order):
            return
        told = await self._orders.told(tx, order)
        await self._create(tx, told, notice, f"{notice.kind} {notice.fact}")

    async def _is_told_to_be_paid(self, tx: Tx, order: Order) -> bool:
        """Whether the notification that an order was placed says that it is paid, or will say it. One statement."""
        key = f"{Kind.ORDER_PLACED} {order.id} {NotificationType.EMAIL}"
        placed = await data.notification.find_first(tx, where={"dedupe_key": key})
        if placed is None:
            return tx.clock.now() - order.created_at <= LATEST
        return placed.metadata.get(IS_PAID) is True

    async def _create(self, tx: Tx, told: ToldOrder, notice: Notice, key: str) -> list[UUID]:
        """Create the notifications of a notice by each type, unless there is nothing to tell. One statement."""
        details = await self._details.of(tx, notice.kind, told, notice.details)
        if details is None:
            return []
        order = told.order
        paid = {IS_PAID: order.paid_at is not None} if notice.kind is Kind.ORDER_PLACED else {}
        new = NewNotification(
            kind=notice.kind,
            dedupe_key=key,
            recipient=order.email,
            user_id=order.user_id,
            language=order.language,
            variables={"order": told.variables, **details},
            metadata={ORDER_ID: str(order.id), **notice.details, **paid},
        )
        return await self._notifications.create(tx, by_types(new, told.phone))
