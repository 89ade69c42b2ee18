"""The deliveries of a company: found, replayed, and deleted when they are old."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.webhook import data, sql
from domains.webhook.client import WebhookTransport
from domains.webhook.endpoints import TRYING, Endpoints
from domains.webhook.errors import WebhookDeliveryNotFound, WebhookDeliveryPending, WebhookEndpointInactive
from domains.webhook.models import DeliveryFilter, WebhookAttempt, WebhookDelivery, WebhookDeliveryStatus

RETENTION: Final = timedelta(days=30)
DELETE_BATCH: Final = 1_000
MOST_REPLAYED: Final = 1_000
BY_TIME: Final = Sort("created_at", datetime, "desc")
BY_TOPIC: Final = Sort("topic", str)
BY_ATTEMPTS: Final = Sort("attempts", int)


class Deliveries:
    """The deliveries of events to endpoints, which are kept for 30 days."""

    def __init__(self, endpoints: Endpoints, transport: WebhookTransport) -> None:
        self._endpoints = endpoints
        self._transport = transport

    async def find_page(
        self, db: Reader, args: PageArgs, *, filters: DeliveryFilter, sort: Sort = BY_TIME
    ) -> Page[WebhookDelivery]:
        """A page of the deliveries, the newest first by default. Raises as `fetch_page`."""
        return await fetch_page(data.webhook_delivery, db, args, sort=sort, where=_where(filters))

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[WebhookDelivery]:
        """The deliveries of these ids, in no order. One statement."""
        return await data.webhook_delivery.find_many(db, where={"id": {"in": list(ids)}})

    async def attempts_of(self, db: Reader, delivery_ids: Sequence[UUID]) -> list[WebhookAttempt]:
        """The attempts of deliveries that are kept, ten of each at most, the newest first. One statement."""
        return await sql.attempts_of(db, delivery_ids)

    async def replay(self, tx: Tx, delivery_id: UUID) -> WebhookDelivery:
        """Send a delivery again that has succeeded or failed, as the same message, for three days at most.

        Raises WebhookDeliveryNotFound, WebhookDeliveryPending, WebhookEndpointInactive. Three statements.
        """
        delivery = await data.webhook_delivery.find_unique(tx, id=delivery_id, lock=True)
        if delivery is None:
            raise WebhookDeliveryNotFound
        if delivery.status is WebhookDeliveryStatus.PENDING:
            raise WebhookDeliveryPending
        await self._require_active(tx, delivery.endpoint_id, field="id")
        now = tx.clock.now()
        row: Any = {"status": WebhookDeliveryStatus.PENDING, "attempts": 0, "ended_at": None}
        row |= {"next_attempt_at": now, "expires_at": now + TRYING}
        replayed = await data.webhook_delivery.update(tx, id=delivery_id, data=row)
        tx.on_commit(self._transport.wake)
        return replayed

    async def replay_failed(self, tx: Tx, endpoint_id: UUID, since: datetime) -> int:
        """Send the failed deliveries of an endpoint again that were created since a time, the 1,000 oldest at once.

        Returns how many. Raises WebhookEndpointNotFound, WebhookEndpointInactive. Two statements.
        """
        await self._require_active(tx, endpoint_id, field="endpoint_id")
        expires_at = tx.clock.now() + TRYING
        count = await sql.replay_failed(tx, endpoint_id, since, expires_at, MOST_REPLAYED)
        tx.on_commit(self._transport.wake)
        return count

    async def delete_old(self, tx: Tx) -> int:
        """Delete a batch of the company's deliveries that ended and are older than 30 days; how many."""
        return await sql.delete_before(tx, tx.clock.now() - RETENTION, DELETE_BATCH)

    async def _require_active(self, tx: Tx, endpoint_id: UUID, *, field: str) -> None:
        found = await self._endpoints.find(tx, endpoint_id)
        if not found.is_active:
            raise WebhookEndpointInactive(field=(field,))


def _where(filters: DeliveryFilter) -> dict[str, Any]:
    where: dict[str, Any] = {}
    for name in ("endpoint_id", "event_id", "topic"):
        if (value := getattr(filters, name)) is not None:
            where[name] = value
    if filters.status is not None:
        where["status"] = {"in": list(filters.status)}
    span = {name: value for name, value in (("gte", filters.start), ("lt", filters.end)) if value is not None}
    if span:
        where["created_at"] = span
    return where
