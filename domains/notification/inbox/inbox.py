"""The inbox: the notifications that a user has in the shop, listed, counted and read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.auth.policy import require_user_id
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.notification import data
from domains.notification.inbox import sql
from domains.notification.inbox.errors import NotificationNotFound
from domains.notification.models import (
    Notification,
    NotificationCategory,
    NotificationKind,
    NotificationStatus,
    NotificationType,
)

MOST_READ: Final = 1_000
"""The notifications that one command reads at most."""
NEWEST_FIRST: Final = Sort("sent_at", datetime, "desc")


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter:
    """Conditions on notifications in the shop, all of which must hold; None sets no condition."""

    is_unread: bool | None = None
    kinds: Collection[NotificationKind] | None = None
    categories: Collection[NotificationCategory] | None = None


class Inbox:
    """Lists the notifications that the actor has in the shop, and marks them as read. No one else's are found."""

    async def find(
        self, db: Reader, actor: Actor, args: PageArgs, filters: InboxFilter | None = None
    ) -> Page[Notification]:
        """A page of the actor's notifications, the latest first. One statement, and one more when they are counted.

        Raises Unauthenticated and what `fetch_page` raises.
        """
        chosen = filters or InboxFilter()
        where = _own(actor)
        if chosen.is_unread is not None:
            where["read_at"] = None if chosen.is_unread else {"not": None}
        if chosen.kinds is not None:
            where["kind"] = {"in": list(chosen.kinds)}
        if chosen.categories is not None:
            where["category"] = {"in": list(chosen.categories)}
        return await fetch_page(data.notification, db, args, sort=NEWEST_FIRST, where=where)

    async def get(self, db: Reader, actor: Actor, notification_id: UUID) -> Notification:
        """A notification that the actor has. One statement. Raises NotificationNotFound and Unauthenticated."""
        found = await data.notification.find_first(db, where=_own(actor) | {"id": notification_id})
        if found is None:
            raise NotificationNotFound(notification_id)
        return found

    async def unread_count(self, db: Reader, actor: Actor) -> int:
        """How many notifications the actor has not read. One statement. Raises Unauthenticated."""
        count: int = await db.fetch_value(sql.UNREAD, db.company_id, require_user_id(actor))
        return count

    async def mark_read(self, tx: Tx, actor: Actor, notification_id: UUID) -> Notification:
        """Mark a notification as read, and return it; one that is read keeps its time.

        One statement, two of one that is read. Raises NotificationNotFound and Unauthenticated.
        """
        user_id, now = require_user_id(actor), tx.clock.now()
        row = await tx.fetch_row(sql.READ, tx.company_id, user_id, now, notification_id)
        return await self.get(tx, actor, notification_id) if row is None else data.notification.from_record(row)

    async def mark_all_read(self, tx: Tx, actor: Actor, until: datetime | None = None) -> int:
        """Mark what the actor got until a time, or has now, as read; how many were not. At most MOST_READ.

        One statement. Raises Unauthenticated.
        """
        user_id, now = require_user_id(actor), tx.clock.now()
        return await tx.execute(sql.READ_ALL, tx.company_id, user_id, now, now if until is None else until, MOST_READ)


def _own(actor: Actor) -> Any:
    return {
        "user_id": require_user_id(actor),
        "type": NotificationType.IN_APP,
        "status": NotificationStatus.DELIVERED,
    }
