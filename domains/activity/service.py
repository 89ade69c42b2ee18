"""ActivityService: the log of visitors' activities, which frontends report in batches."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domains.activity import data, reports, sql
from domains.activity.data import ActivityLogWhere
from domains.activity.errors import TooManyBatches
from domains.activity.events import ActivityRecorded
from domains.activity.models import ActivityFilter, ActivityLog, ReportedActivity
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.ports import Cache
from domains.kernel.prisma.filters import DatetimeFilter
from domains.kernel.prisma.statements import combined
from domains.kernel.quotas import CountedFor, Quota
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, optional_text
from domains.kernel.values.networks import network_digest

BY_TIME: Final = Sort("timestamp", datetime, "desc")
BY_RESOURCE: Final = Sort("resource", str)
BATCH_WINDOW: Final = timedelta(minutes=1)
MAX_BATCHES: Final = 120
VIEW_WINDOW: Final = timedelta(minutes=30)
MAX_VIEWS: Final = 1_000
DAY: Final = timedelta(days=1)
BYTES_PER_ADDRESS: Final = Quota("activities", 5_000_000, DAY)
BYTES_IN_TOTAL: Final = Quota("activities", 500_000_000, DAY, CountedFor.ALL)
RETENTION: Final = timedelta(days=90)
DELETE_BATCH: Final = 5_000


class ActivityService:
    """The activity log of a company's frontends."""

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock

    async def admit(self, company_id: UUID, address: str, reported: Sequence[ReportedActivity]) -> None:
        """Count a batch and its size against the limits of its IP address, outside of any transaction.

        Raises TooManyBatches above 120 batches a minute, and RateLimited above 5 MB a day from one address or 500 MB
        in all.
        """
        batches = await self._cache.increment(f"activity:{company_id}:{network_digest(address)}", BATCH_WINDOW)
        if batches > MAX_BATCHES:
            raise TooManyBatches(retry_after=int(BATCH_WINDOW.total_seconds()))
        size = reports.size_of(reported)
        await BYTES_PER_ADDRESS.consume(self._cache, company_id, address, by=size)
        await BYTES_IN_TOTAL.consume(self._cache, company_id, address, by=size)

    async def first_views(self, actor: Actor, address: str, viewed: Sequence[UUID]) -> list[UUID]:
        """The viewed products that the actor had not viewed in the last 30 minutes.

        A visitor is a user, or for guests a network: clients could invent any other identifier to raise a product's
        popularity. Above 1,000 views in 30 minutes none counts, which bounds the cache.
        """
        visitor = actor.user_id or network_digest(address)
        if not viewed or await self._viewed(actor, visitor, len(viewed)) > MAX_VIEWS:
            return []
        keys = [f"activity:view:{actor.company_id}:{visitor}:{product_id}" for product_id in viewed]
        return [
            product_id
            for product_id, key in zip(viewed, keys, strict=True)
            if await self._cache.increment(key, VIEW_WINDOW) == 1
        ]

    async def _viewed(self, actor: Actor, visitor: UUID | str, count: int) -> int:
        """How many products a visitor has viewed in the last 30 minutes, these included."""
        return await self._cache.increment(f"activity:views:{actor.company_id}:{visitor}", VIEW_WINDOW, by=count)

    async def track(
        self,
        tx: Tx,
        actor: Actor,
        reported: Sequence[ReportedActivity],
        *,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> list[UUID]:
        """Log a batch of at most 50 activities; returns the viewed products, each once. One statement.

        Anyone may report activities, so they are trusted for statistics only. Times are clamped to the last day.
        Raises BatchTooLarge, and for all activities at once MetadataTooLarge, Required, TooLong and InvalidInput.
        Emits ActivityRecorded unless the batch is empty.
        """
        rows = reports.check_reported(reported, self._clock.now())
        if not rows:
            return []
        agent = optional_text(user_agent[:LINE_LENGTH] if user_agent else None, field=("user_agent",))
        ids = [new_id() for _ in rows]
        for row, activity_id in zip(rows, ids, strict=True):
            row.update(
                {"id": activity_id, "user_id": actor.user_id, "ip_address": ip_address or None, "user_agent": agent}
            )
        tx.emit(ActivityRecorded(activity_ids=ids))
        args: list[Any] = []
        await tx.execute(combined([tx.insertion_of_events(), data.activity_log.insertion(tx, rows)], args), *args)
        return reports.viewed_in(rows)

    async def find_activities(
        self,
        db: Reader,
        page: PageArgs,
        *,
        filters: ActivityFilter | None = None,
        search: str | None = None,
        sort: Sort = BY_TIME,
    ) -> Page[ActivityLog]:
        """A page of the company's activities, newest first by default.

        `search` looks in resource, user agent and IP address.
        """
        where = _where(filters or ActivityFilter())
        if (match := containing(search)) is not None:
            where["OR"] = [{"resource": match}, {"user_agent": match}, {"ip_address": match}]
        return await fetch_page(data.activity_log, db, page, sort=sort, where=where)

    async def activities_by_id(self, db: Reader, ids: Sequence[UUID]) -> list[ActivityLog]:
        """The company's activities of these ids, in no order. One statement."""
        return await data.activity_log.find_many(db, where={"id": {"in": ids}})

    async def last_viewed(self, db: Reader, user_id: UUID, take: int) -> list[UUID]:
        """The ids of the products that a user viewed last, newest first, each once.

        Reads the user's last 2,000 activities. One statement.
        """
        return await sql.last_viewed(db, user_id, take)

    async def delete_old(self, tx: Tx) -> int:
        """Delete a batch of the company's activities that are older than 90 days; how many were deleted."""
        return await sql.delete_before(tx, self._clock.now() - RETENTION, DELETE_BATCH)


def _where(filters: ActivityFilter) -> ActivityLogWhere:
    where: ActivityLogWhere = {}
    if filters.ids is not None:
        where["id"] = {"in": filters.ids}
    if filters.user_id is not None:
        where["user_id"] = filters.user_id
    if filters.action is not None:
        where["action"] = filters.action
    resource = optional_text(filters.resource, field=("resource",), max_length=NAME_LENGTH)
    if resource is not None:
        where["resource"] = resource
    span: DatetimeFilter = {}
    if filters.start is not None:
        span["gte"] = filters.start
    if filters.end is not None:
        span["lt"] = filters.end
    if span:
        where["timestamp"] = span
    return where
