"""Webhooks of payment providers: verified, stored once per event, claimed, and ended with their result."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.fail_points import reach
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.payment import data
from domains.payment.accounts.accounts import PaymentAccounts
from domains.payment.audit.log import Subject, record
from domains.payment.data import PaymentWebhookWhere
from domains.payment.errors import WebhookMalformed, WebhookNotFound
from domains.payment.models import Payment, PaymentAuditEvent, PaymentWebhook, WebhookStatus
from domains.payment.providers.results import WebhookEvent
from domains.payment.webhooks import sql

BY_TIME: Final = Sort("created_at", datetime, "desc")
BY_OCCURRENCE: Final = Sort("occurred_at", datetime, "desc")
VERIFY_TIME: Final = timedelta(seconds=8)
"""PayPal's certificate may have to be fetched."""
MAX_LENGTH: Final = 255  # characters of an id or a type of the provider
MAX_IDS: Final = 20
# Longer than an attempt: three requests to the provider and two transactions.
CLAIMED_FOR: Final = timedelta(minutes=2)
PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300, 600, 900))
"""The pauses after attempts that failed, about half an hour together; after the last one the webhook is FAILED."""
UNKNOWN_FOR: Final = timedelta(minutes=5)
"""How long an event may be ahead of our knowledge of the ids that it names."""
RETENTION: Final = timedelta(days=90)
"""Longer than providers repeat an event: Stripe up to 30 days by hand, PayPal 3 days."""
DELETE_BATCH: Final = 5_000
MAX_ERROR: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFilter:
    """Conditions on webhooks, all of which must hold; None sets no condition."""

    ids: Sequence[UUID] | None = None
    provider: str | None = None
    event_type: str | None = None
    statuses: Sequence[WebhookStatus] | None = None
    payment_id: UUID | None = None


class PaymentWebhooks:
    """The events of providers. A body is verified and forgotten: an event only names the payment that changed."""

    def __init__(self, accounts: PaymentAccounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock

    async def receive(
        self, db: Database, actor: Actor, provider: str, body: bytes, headers: Mapping[str, str]
    ) -> UUID | None:
        """Verify a webhook and store its event; the id of one that is to be processed, None for a known event.

        An event about nothing that we keep is stored as IGNORED. Nothing is stored of a webhook that is not verified.
        Raises ProviderNotConfigured, WebhookSignatureInvalid, WebhookMalformed, and OSError when the signature cannot
        be verified now. One statement, and one for an account that is not cached.
        """
        opened = await self._accounts.opened(db.reader(actor.company_id), provider)
        async with asyncio.timeout(VERIFY_TIME.total_seconds()):
            event = await opened.parse_webhook(body, headers)
        row = self._row(provider, event)
        stored = await db.run_statement(lambda tx: sql.insert(tx, [row]), actor)
        reach("payment.webhook_received")
        return stored[0] if stored and row["status"] is WebhookStatus.PENDING else None

    async def store_listed(self, db: Database, actor: Actor, provider: str, events: Sequence[WebhookEvent]) -> int:
        """Store the events of a provider's list that name a payment of the company; how many were not known.

        Two statements.
        """
        named = [(event.reference, event.provider_ids) for event in events]
        found = await sql.payments_named(db.reader(actor.company_id), provider, named)
        rows = [self._row(provider, event) for position, event in enumerate(events) if position in found]
        return len(await db.run_statement(lambda tx: sql.insert(tx, rows), actor)) if rows else 0

    async def payment_of(self, db: Reader, webhook: PaymentWebhook) -> Payment | None:
        """The payment that a webhook names, by our id or else by the provider's. At most two statements."""
        named = await sql.payments_named(db, webhook.provider, [(webhook.reference, webhook.provider_ids)])
        return await data.payment.find_unique(db, id=named[0]) if named else None

    async def claim(self, db: Database, actor: Actor, webhook_id: UUID | None = None) -> PaymentWebhook | None:
        """Claim a due webhook, this one if it is given; None when there is none, or another worker has it.

        A worker that dies keeps its claim for two minutes. One statement.
        """
        now = self._clock.now()
        return await db.run_statement(lambda tx: sql.claim(tx, now, now + CLAIMED_FOR, webhook_id), actor)

    async def replay(self, tx: Tx, webhook_id: UUID) -> PaymentWebhook:
        """Claim a webhook of any status, to process it anew. Raises WebhookNotFound. Logged for the audit."""
        webhook = await sql.reclaim(tx, webhook_id, self._clock.now() + CLAIMED_FOR)
        if webhook is None:
            raise WebhookNotFound
        details = webhook.provider_event_id
        subject = Subject(provider=webhook.provider, payment_id=webhook.payment_id, details=details)
        record(tx, PaymentAuditEvent.WEBHOOK_REPLAYED, subject)
        return webhook

    async def processed(
        self, db: Database, actor: Actor, webhook: PaymentWebhook, payment_id: UUID
    ) -> PaymentWebhook:
        """End a claimed webhook whose payment has been looked up and recorded. One statement."""
        return await self._end(db, actor, webhook, WebhookStatus.PROCESSED, payment_id=payment_id)

    async def unknown(self, db: Database, actor: Actor, webhook: PaymentWebhook) -> PaymentWebhook:
        """End a claimed webhook that names no payment: tried again for five minutes, then IGNORED. One statement."""
        if webhook.created_at + UNKNOWN_FOR > self._clock.now():
            return await self.postpone(db, actor, webhook, "No payment here has the ids of this event.")
        return await self._end(db, actor, webhook, WebhookStatus.IGNORED)

    async def postpone(
        self, db: Database, actor: Actor, webhook: PaymentWebhook, error: str, payment_id: UUID | None = None
    ) -> PaymentWebhook:
        """Try a claimed webhook again after a pause; it is FAILED after the last one. One statement."""
        if webhook.attempts > len(PAUSES):
            return await self._end(db, actor, webhook, WebhookStatus.FAILED, error, payment_id)
        due = self._clock.now() + PAUSES[max(0, webhook.attempts - 1)]
        return await self._end(db, actor, webhook, WebhookStatus.PENDING, error, payment_id, due)

    @staticmethod
    def is_exhausted(webhook: PaymentWebhook) -> bool:
        """Whether a claimed webhook has had all its attempts: its workers died before they could end it."""
        return webhook.attempts > len(PAUSES) + 1

    async def find_webhooks(
        self, db: Reader, page: PageArgs, *, filters: WebhookFilter | None = None, sort: Sort = BY_TIME
    ) -> Page[PaymentWebhook]:
        """A page of the company's webhooks, newest first by default."""
        where = _where(filters or WebhookFilter())
        return await fetch_page(data.payment_webhook, db, page, sort=sort, where=where)

    async def webhooks_by_id(self, db: Reader, ids: Collection[UUID]) -> list[PaymentWebhook]:
        """The webhooks with these ids, in no order. One statement."""
        return await data.payment_webhook.find_many(db, where={"id": {"in": list(ids)}})

    async def delete_old(self, tx: Tx) -> int:
        """Delete a batch of the company's webhooks that are older than 90 days and not PENDING; how many."""
        return await sql.delete_before(tx, self._clock.now() - RETENTION, DELETE_BATCH)

    async def _end(
        self,
        db: Database,
        actor: Actor,
        webhook: PaymentWebhook,
        status: WebhookStatus,
        error: str | None = None,
        payment_id: UUID | None = None,
        due: datetime | None = None,
    ) -> PaymentWebhook:
        text = error and error[:MAX_ERROR]
        ended = None if status is WebhookStatus.PENDING else self._clock.now()
        values = (webhook.id, status, payment_id, text, due, ended)
        return await db.run_statement(lambda tx: sql.end(tx, *values), actor) or webhook

    def _row(self, provider: str, event: WebhookEvent) -> data.PaymentWebhookCreate:
        """The row of an event. Raises WebhookMalformed for an id or a type that no provider has."""
        if not all(0 < len(text) <= MAX_LENGTH and _is_plain(text) for text in (event.id, event.type)):
            raise WebhookMalformed("The id or the type of the event is empty, too long, or not in ASCII.")
        now = self._clock.now()
        ids = [each for each in event.provider_ids if len(each) <= MAX_LENGTH and _is_plain(each)][:MAX_IDS]
        is_known = bool(ids) or event.reference is not None
        return {
            "id": new_id(),
            "provider": provider,
            "event_type": event.type,
            "provider_event_id": event.id,
            "provider_ids": ids,
            "reference": event.reference,
            "status": WebhookStatus.PENDING if is_known else WebhookStatus.IGNORED,
            "next_attempt_at": now,
            "occurred_at": event.occurred_at,
            "processed_at": None if is_known else now,
            "created_at": now,
        }


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _where(filters: WebhookFilter) -> PaymentWebhookWhere:
    where: PaymentWebhookWhere = {}
    if filters.ids is not None:
        where["id"] = {"in": list(filters.ids)}
    if filters.provider is not None:
        where["provider"] = filters.provider
    if filters.event_type is not None:
        where["event_type"] = filters.event_type
    if filters.statuses is not None:
        where["status"] = {"in": list(filters.statuses)}
    if filters.payment_id is not None:
        where["payment_id"] = filters.payment_id
    return where
