"""Notifications about orders that staff send again: made anew, with what is so now."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.personal_data import is_erased
from domains.notification import data
from domains.notification.inbox.errors import NotificationNotFound
from domains.notification.kinds import KINDS
from domains.notification.models import (
    NewNotification,
    Notification,
    NotificationKind,
    NotificationStatus,
    NotificationType,
)
from domains.notification.notifications import Notifications
from domains.notification.orders.details import Details
from domains.notification.orders.errors import (
    NotificationHasSecret,
    NotificationNotFailed,
    NotificationNotRepeatable,
    NotificationOutdated,
    TooManyConfirmations,
)
from domains.notification.orders.order_notices import ORDER_ID, is_current
from domains.notification.orders.order_notifications import IS_PAID
from domains.notification.orders.told_orders import ToldOrders
from domains.order.errors import OrderNotFound
from domains.order.models import Order

Kind = NotificationKind
REPEATABLE: Final = frozenset(
    {
        *(Kind.ORDER_PLACED, Kind.ORDER_PAID, Kind.PAYMENT_FAILED, Kind.ORDER_EDITED, Kind.ORDER_CANCELLED),
        *(Kind.ORDER_REFUNDED, Kind.INVOICE_ISSUED, Kind.ORDER_SHIPPED, Kind.ORDER_DELIVERED),
        *(Kind.RETURN_REQUESTED, Kind.RETURN_APPROVED, Kind.RETURN_REJECTED, Kind.RETURN_RECEIVED),
        Kind.RETURN_REFUNDED,
    }
)
"""Kinds to buyers that are made again from the order and from the ids in `metadata`."""
FAILED: Final = frozenset({NotificationStatus.FAILED, NotificationStatus.BOUNCED})
AT_ONCE: Final = timedelta(minutes=1)
PERIOD: Final = timedelta(days=1)
MOST: Final = 5


class OrderRepeats:
    """Creates notifications about orders again. What the recipient chose is asked when they are sent, as always."""

    def __init__(self, orders: ToldOrders, details: Details, notifications: Notifications) -> None:
        self._orders = orders
        self._details = details
        self._notifications = notifications

    async def retry(self, tx: Tx, notification_id: UUID) -> Notification:
        """Create a failed notification again, and return the new one: the same one for each call, also at once.

        Seven statements, one more when the settings are not remembered, and up to four for details; two when there is
        a new one already. Raises NotificationNotFound, NotificationNotFailed, NotificationHasSecret,
        NotificationNotRepeatable and NotificationOutdated.
        """
        failed = await data.notification.find_first(tx, where={"id": notification_id})
        if failed is None:
            raise NotificationNotFound(notification_id)
        _require_repeatable(failed)
        key = f"retry {failed.id}"
        if made := await data.notification.find_first(tx, where={"dedupe_key": key}):
            return made
        order = None if failed.order_id is None else await self._orders.find(tx, failed.order_id)
        if order is None or not _is_told(failed.kind, order):
            raise NotificationOutdated
        return await self._create(tx, order, failed, key)

    async def resend_confirmation(self, tx: Tx, order_id: UUID) -> Notification:
        """Send the confirmation of an order again, to its address, and return the notification.

        One that was created within the last minute is not repeated, so that two clicks send one. At most five times
        in 24 hours. Six statements, one more when the settings are not remembered; locks the order. Raises
        OrderNotFound, NotificationOutdated for an order that has ended, and TooManyConfirmations.
        """
        order = await self._orders.find(tx, order_id, lock=True)
        if order is None:
            raise OrderNotFound
        if not _is_told(Kind.ORDER_PLACED, order):
            raise NotificationOutdated("order_id")
        now, prefix = tx.clock.now(), f"{Kind.ORDER_PLACED} {order.id} {NotificationType.EMAIL}"
        sent = await data.notification.find_many(
            tx,
            where={
                "order_id": order.id,
                "kind": Kind.ORDER_PLACED,
                "type": NotificationType.EMAIL,
                "created_at": {"gt": now - PERIOD},
            },
            order_by=[{"id": "desc"}],
        )
        waiting = [each for each in sent if each.created_at > now - AT_ONCE and each.status not in FAILED]
        if waiting:
            return waiting[0]
        again = [each for each in sent if each.dedupe_key.startswith(f"{prefix} again ")]
        if len(again) >= MOST:
            raise TooManyConfirmations(MOST, int((again[-1].created_at + PERIOD - now).total_seconds()))
        return await self._create(tx, order, None, f"{prefix} again {new_id()}")

    async def _create(self, tx: Tx, order: Order, failed: Notification | None, key: str) -> Notification:
        """The notification of an order with a new key: one that failed again, or its confirmation."""
        kind = failed.kind if failed else Kind.ORDER_PLACED
        type_ = failed.type if failed else NotificationType.EMAIL
        given: dict[str, Any] = dict(failed.metadata) if failed else {ORDER_ID: str(order.id)}
        told = await self._orders.told(tx, order)
        details = await self._details.of(tx, kind, told, given)
        if details is None:
            raise NotificationOutdated
        paid = {IS_PAID: order.paid_at is not None} if kind is Kind.ORDER_PLACED else {}
        new = NewNotification(
            kind=kind,
            type=type_,
            dedupe_key=key,
            recipient=order.email if type_ is NotificationType.EMAIL else failed.recipient if failed else None,
            user_id=order.user_id,
            language=order.language,
            variables={"order": told.variables, **details},
            metadata={**given, **paid},
        )
        await self._notifications.create(tx, [new])
        made = await data.notification.find_first(tx, where={"dedupe_key": key})
        if made is None:  # its recipient was erased since
            raise NotificationOutdated
        return made


def _is_told(kind: Kind, order: Order) -> bool:
    return not is_erased(order.email) and is_current(kind, order)


def _require_repeatable(notification: Notification) -> None:
    if notification.status not in FAILED:
        raise NotificationNotFailed
    if KINDS[notification.kind].has_secret:
        raise NotificationHasSecret
    is_push = notification.type is NotificationType.PUSH  # of one device, which may be gone
    if is_push or notification.kind not in REPEATABLE or notification.order_id is None:
        raise NotificationNotRepeatable
