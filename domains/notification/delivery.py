"""Delivery: one attempt to send a notification, and how it ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.fail_points import reach
from domains.kernel.transactions.retries import recorded
from domains.notification import data, sql
from domains.notification.attachments import Attachments
from domains.notification.channels import (
    Email,
    Gone,
    InAppMessage,
    Message,
    Outbound,
    Outcome,
    PushMessage,
    Rejected,
    Retry,
    Sent,
    TextMessage,
)
from domains.notification.checks import Checks, Variables
from domains.notification.digests.digests import Digests
from domains.notification.events import NotificationFailed, NotificationSent
from domains.notification.models import (
    Notification,
    NotificationKind,
    NotificationStatus,
    NotificationType,
    SuppressionReason,
)
from domains.notification.notifications import variables_of
from domains.notification.preferences.choices import Postpone, Refusal, Refuse
from domains.notification.preferences.recipients import Recipients
from domains.notification.push_devices.push_devices import forget
from domains.notification.renderer import Rendered, Renderer
from domains.notification.sql import End
from domains.notification.suppressions.reports import suppress
from domains.notification.suppressions.unsubscribe_links import UnsubscribeLinks, headers_of

ATTEMPTS: Final = 146  # about five days (RFC 5321 §4.5.4.1)
NOT_SENT: Final = "none"
"""The provider in the log of a notification that no provider was given."""
IN_APP: Final = "IN_APP"
NO_DEVICE: Final = "NO_DEVICE"
"""The reason of a push notification whose device was removed since it was created."""
NOTHING_WANTED: Final = "NOTHING_WANTED"
"""The reason of a digest whose items were all refused since it was made."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """An attempt failed, and another one is to follow: after the provider's wish, or else after growing pauses."""

    after: timedelta | None
    error: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """The recipient wants the notification later; it was not tried."""

    until: datetime


class Result(StrEnum):
    """How a notification ended: of those that were not sent, by whose decision."""

    SENT = "sent"
    REFUSED = "refused"  # by the provider
    EXPIRED = "expired"  # after the last attempt
    UNWANTED = "unwanted"  # by the recipient


Ended: TypeAlias = Deferred | Postponed | Result | None
"""How an attempt ended: None when the notification had ended before, whoever ended it."""


class Delivery:
    """Sends notifications one by one. A message that is sent again, because a process died, has the same id."""

    def __init__(
        self,
        outbound: Outbound,
        renderer: Renderer,
        recipients: Recipients,
        digests: Digests,
        attachments: Attachments,
        checks: Checks,
    ) -> None:
        self._outbound = outbound
        self._renderer = renderer
        self._recipients = recipients
        self._digests = digests
        self._attachments = attachments
        self._checks = checks
        self._links = UnsubscribeLinks(outbound.encryption, outbound.public_url)

    @property
    def key_ids(self) -> Sequence[str]:
        """The ids of the keys that decrypt what waits."""
        return self._outbound.encryption.key_ids

    async def send(
        self,
        db: Database,
        company_id: UUID,
        notification_id: UUID,
        attempt: int,
        tell: Callable[[NotificationType], None] | None = None,
    ) -> Ended:
        """Try to send a notification of the queue.

        `attempt` is the number of this attempt, and `tell` is told the type, also when an error follows. Raises
        Unreadable. Emits notification.sent or notification.failed, of a digest also for each item.
        """
        actor, reader = Actor.system(company_id), db.reader(company_id)
        loaded = next(iter(await sql.load(reader, [notification_id])), None)
        if loaded is None or loaded.notification.status is not NotificationStatus.PENDING:
            return None
        if tell is not None:
            tell(loaded.notification.type)
        notification = replace(loaded.notification, language=loaded.language)
        decision = await self._recipients.decide(reader, loaded, db.clock.now())

        async def refuse(reason: str) -> Ended:
            return await db.run(lambda tx: _fail(tx, notification, Result.UNWANTED, NOT_SENT, reason), actor)

        if isinstance(decision, Refuse):
            return await refuse(decision.reason)
        if isinstance(decision, Postpone):
            return Postponed(decision.until)
        current = (await self._checks.current(reader, [loaded])).get(notification_id)
        if current is None:
            return await refuse(Refusal.STALE)
        rendered = await self._rendered(db, reader, actor, notification, current)
        if rendered is None:
            return await refuse(NOTHING_WANTED)
        reach("notification.rendered")
        outcome = await self._hand_over(reader, notification, rendered.message, attempt)
        reach("notification.sent")
        return await recorded(lambda: db.run(lambda tx: _record(tx, notification, rendered, outcome, attempt), actor))

    async def _hand_over(
        self, reader: Reader, notification: Notification, message: Message | InAppMessage, attempt: int
    ) -> Outcome:
        """Give the message to its channel. One of the list in the shop is there as soon as its end is recorded."""
        if isinstance(message, InAppMessage):
            return Sent(IN_APP)
        if isinstance(message, PushMessage):
            device = await self._recipients.devices.address_of(reader, notification)
            if device is None:
                return Rejected(NOT_SENT, NO_DEVICE)
            message = replace(message, address=device.address, keys=device.keys)
        if isinstance(message, TextMessage):
            message = replace(message, is_repeated=attempt > 1 or notification.attempts > 0)
        return await self._outbound.channels[notification.type].send(message)

    async def _rendered(
        self, db: Database, reader: Reader, actor: Actor, notification: Notification, current: Variables
    ) -> Rendered | None:
        """The message, with the link that unsubscribes from its category; None for a digest without items."""
        variables: Variables = {**variables_of(self._outbound.encryption, notification), **current}
        categories = [notification.category]
        if notification.kind is NotificationKind.DIGEST:
            opened = await self._digests.open(reader, notification, db.clock.now())
            await db.run(lambda tx: self._digests.refuse(tx, opened.refused), actor)
            if not opened.items:
                return None
            variables = await self._digests.variables(reader, opened.items, notification.language)
            categories = sorted({each.category for each, _ in opened.items})
        link = self._links.link(notification, categories)
        rendered = await self._renderer.render(reader, notification, {**variables, "unsubscribe_url": link})
        message = rendered.message
        if isinstance(message, Email):
            attachments = await self._attachments.of(reader, notification.company_id, notification)
            headers = {**message.headers, **headers_of(link)}
            message = replace(message, headers=headers, attachments=attachments)
        return replace(rendered, message=message)

    async def give_up(self, db: Database, company_id: UUID, notification_id: UUID, reason: str) -> Ended:
        """End a notification that could not be sent at its last attempt. Emits notification.failed."""
        notification = await data.notification.find_first(db.reader(company_id), where={"id": notification_id})
        if notification is None:
            return None
        actor = Actor.system(company_id)
        return await db.run(lambda tx: _fail(tx, notification, Result.EXPIRED, NOT_SENT, reason), actor)


async def _record(tx: Tx, notification: Notification, rendered: Rendered, outcome: Outcome, attempt: int) -> Ended:
    match outcome:
        case Sent():
            is_there = notification.type is NotificationType.IN_APP
            end = End(
                status=NotificationStatus.DELIVERED if is_there else NotificationStatus.SENT,
                provider=outcome.provider,
                language=rendered.language,
                subject=rendered.subject,
                body=rendered.body,
                url=rendered.url,
                template_id=rendered.template_id,
                provider_message_id=outcome.message_id,
                response=outcome.response,
            )
            ended = await sql.finish(tx, notification.id, end)
            for each in ended:
                tx.emit(NotificationSent(**each))
            return Result.SENT if ended else None
        case Retry() if attempt < ATTEMPTS:
            await sql.log_attempt(tx, notification.id, outcome.provider, outcome.error)
            return Deferred(outcome.after, outcome.error)
        case Retry():
            return await _fail(tx, notification, Result.EXPIRED, outcome.provider, outcome.error)
        case Gone() if notification.type is NotificationType.EMAIL:
            return await _bounce(tx, notification, outcome)
        case Gone() if notification.type is NotificationType.PUSH:
            await forget(tx, notification)
            return await _fail(tx, notification, Result.REFUSED, outcome.provider, outcome.error)
        case Rejected() | Gone():
            return await _fail(tx, notification, Result.REFUSED, outcome.provider, outcome.error)


async def _bounce(tx: Tx, notification: Notification, outcome: Gone) -> Result | None:
    """End an e-mail whose mailbox does not exist, and send nothing more there."""
    end = End(
        status=NotificationStatus.BOUNCED,
        provider=outcome.provider,
        language=notification.language,
        error=outcome.error,
    )
    ended = await sql.finish(tx, notification.id, end)
    if not ended:
        return None
    await suppress(tx, notification.id, SuppressionReason.HARD_BOUNCE)
    for each in ended:
        tx.emit(NotificationFailed(**each, failure_reason=outcome.error))
    return Result.REFUSED


async def _fail(tx: Tx, notification: Notification, result: Result, provider: str, reason: str) -> Result | None:
    end = End(status=NotificationStatus.FAILED, provider=provider, language=notification.language, error=reason)
    ended = await sql.finish(tx, notification.id, end)
    for each in ended:
        tx.emit(NotificationFailed(**each, failure_reason=reason))
    return result if ended else None
