"""Notifications that a user gets in the shop, as the delivery brings them."""

from typing import Any, Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.notification.models import NewNotification, NotificationKind, NotificationType
from domains.notification.templates.samples import SAMPLES
from tests.domains.order.storefront import Storefront

ORDER: Final[dict[str, Any]] = {
    **SAMPLES[NotificationKind.ORDER_CANCELLED]["order"],
    "number": "1001",
    "url": "https://shop.example.com/orders/1001",
}


async def give(
    shop: Storefront,
    actor: Actor,
    kind: NotificationKind = NotificationKind.ORDER_CANCELLED,
    *,
    variables: dict[str, Any] | None = None,
    **given: Any,
) -> UUID:
    """Create a notification in the shop for a user, and deliver it."""
    new = NewNotification(
        kind=kind,
        type=NotificationType.IN_APP,
        user_id=actor.user_id,
        variables={"order": ORDER, "reason": None} if variables is None else variables,
        **{"dedupe_key": str(new_id()), **given},
    )
    parts = shop.services.notification
    (notification_id,) = await shop.run(lambda tx: parts.notifications.create(tx, [new]))
    await parts.delivery.send(shop.database, shop.company_id, notification_id, 1)
    made: UUID = notification_id
    return made
