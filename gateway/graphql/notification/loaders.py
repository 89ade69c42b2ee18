"""Batch functions of notifications."""

from collections.abc import Sequence
from operator import attrgetter
from uuid import UUID

from domains.notification.models import Notification, NotificationLog
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_visible_notifications(context: Context, keys: Sequence[UUID]) -> Sequence[Notification | None]:
    """Notifications by id, as the actor may see them."""
    rows = await context.services.notification.listing.find_by_id(context.reader, context.actor, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_logs(context: Context, keys: Sequence[UUID]) -> Sequence[Sequence[NotificationLog]]:
    """The logs of notifications, newest first."""
    rows = await context.services.notification.listing.logs_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.notification_id)


async def load_order_notifications(context: Context, keys: Sequence[UUID]) -> Sequence[Sequence[Notification]]:
    """The notifications about orders, newest first."""
    rows = await context.services.notification.listing.of_orders(context.reader, keys)
    return many_per_key(keys, rows, attrgetter("order_id"))
