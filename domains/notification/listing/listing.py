"""Lists of notifications for staff: all of the company, those of orders, and their logs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domains.auth.emails.addresses import normalize_email
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.ranges import require_range
from domains.notification import data
from domains.notification.listing import sql
from domains.notification.models import (
    Notification,
    NotificationCategory,
    NotificationKind,
    NotificationLog,
    NotificationStatus,
    NotificationType,
)

MOST: Final = 100
"""The notifications of an order, and the entries in the log of a notification, that are shown at most."""


class NotificationSort(StrEnum):
    """The column that a list of notifications is sorted by."""

    CREATED_AT = "created_at"
    SCHEDULED_AT = "scheduled_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFilter:
    """Conditions on notifications, all of which must hold; None sets no condition.

    `recipient` is a whole address or number. They were created at `start` or later, and before `end`.
    """

    status: Collection[NotificationStatus] | None = None
    type: Collection[NotificationType] | None = None
    kind: Collection[NotificationKind] | None = None
    category: Collection[NotificationCategory] | None = None
    recipient: str | None = None
    user_id: UUID | None = None
    order_id: UUID | None = None
    start: datetime | None = None
    end: datetime | None = None


class NotificationListing:
    """Lists notifications. The texts of kinds with a secret are not stored, so that no list shows them."""

    async def find(
        self,
        db: Reader,
        args: PageArgs,
        filters: NotificationFilter,
        sort: NotificationSort = NotificationSort.CREATED_AT,
        direction: Direction = "desc",
    ) -> Page[Notification]:
        """A page of notifications. One statement, and one more when they are counted.

        Raises RangeInverted, InvalidInput for a recipient that is no address, and what `fetch_page` raises.
        """
        order = Sort(sort.value, datetime, direction)
        return await fetch_page(data.notification, db, args, sort=order, where=_conditions(filters))

    async def find_by_id(self, db: Reader, actor: Actor, ids: Collection[UUID]) -> list[Notification]:
        """The notifications of these ids that the actor may see, in no order. One statement.

        Users see those that they have in the shop, and staff with USERS:READ all.
        """
        where: Any = {"id": {"in": list(ids)}}
        if not actor.can(PermissionResource.USERS, PermissionAction.READ):
            own = {"user_id": actor.user_id, "type": NotificationType.IN_APP, "status": NotificationStatus.DELIVERED}
            where |= own
        return [] if actor.user_id is None else await data.notification.find_many(db, where=where)

    async def of_orders(self, db: Reader, order_ids: Sequence[UUID]) -> list[Notification]:
        """The latest notifications about orders, newest first, at most 100 of each. One statement."""
        rows = await db.fetch(sql.OF_ORDERS, db.company_id, order_ids, MOST)
        return [data.notification.from_record(row) for row in rows]

    async def logs_of(self, db: Reader, ids: Sequence[UUID]) -> list[NotificationLog]:
        """The latest attempts and reports of notifications, newest first, at most 100 of each. One statement."""
        rows = await db.fetch(sql.LOGS, db.company_id, ids, MOST)
        return [data.notification_log.from_record(row) for row in rows]


def _conditions(filters: NotificationFilter) -> dict[str, Any]:
    require_range(filters.start, filters.end, field=("end",))
    where: dict[str, Any] = {}
    for name in ("status", "type", "kind", "category"):
        chosen = getattr(filters, name)
        if chosen is not None:
            where[name] = {"in": list(chosen)}
    for name in ("user_id", "order_id"):
        if getattr(filters, name) is not None:
            where[name] = getattr(filters, name)
    if filters.recipient is not None:
        where["recipient"] = _address(filters.recipient)
    created = {"gte": filters.start, "lt": filters.end}
    if any(created.values()):
        where["created_at"] = {name: value for name, value in created.items() if value is not None}
    return where


def _address(recipient: str) -> str:
    """An e-mail address as it is stored, or a telephone number as it is."""
    return normalize_email(recipient, field=("recipient",)) if "@" in recipient else recipient.strip()[:100]
