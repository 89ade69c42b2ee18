"""Digests: the e-mails of normal priority that are due for a recipient, sent as one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.monitoring import traces
from domains.notification import sql
from domains.notification.channels import Outbound
from domains.notification.checks import Checks, Variables
from domains.notification.digests import sql as digest_sql
from domains.notification.events import NotificationFailed
from domains.notification.models import NewNotification, Notification, NotificationKind
from domains.notification.notifications import Notifications, Unreadable, encrypted, variables_of
from domains.notification.preferences.choices import Postpone, Refusal, Refuse
from domains.notification.preferences.recipients import Recipients
from domains.notification.renderer import Renderer
from domains.notification.sql import Loaded

BATCH: Final = 500
MOST_ITEMS: Final = 100
UNREADABLE_PAUSE: Final = timedelta(hours=1)
Refused = Sequence[tuple[Notification, Refusal]]


@dataclass(slots=True)
class Batch:
    """What was decided for the e-mails of a batch; `groups` are those of one recipient that are sent now.

    `current` are the present variables of those that are not refused.
    """

    refused: list[tuple[Notification, Refusal]] = field(default_factory=list)
    postponed: list[tuple[UUID, datetime]] = field(default_factory=list)
    current: Mapping[UUID, Variables] = field(default_factory=dict)
    groups: dict[tuple[Any, ...], list[Notification]] = field(default_factory=lambda: defaultdict(list))

    @property
    def digests(self) -> list[tuple[str | None, Sequence[Notification]]]:
        """The language and the items of each digest: at most MOST_ITEMS of one recipient."""
        return [
            (key[-1], group[start : start + MOST_ITEMS])
            for key, group in self.groups.items()
            for start in range(0, len(group), MOST_ITEMS)
        ]


@dataclass(frozen=True, slots=True)
class Opened:
    """A digest that is about to be sent: its items with their present variables, and those not wanted any more.

    The items are in the order in which they were created.
    """

    items: Sequence[tuple[Notification, Variables]]
    refused: Refused


class Digests:
    """Makes digests of what is due. A digest is a notification of the queue, and its items have its `digest_id`."""

    def __init__(
        self,
        outbound: Outbound,
        notifications: Notifications,
        recipients: Recipients,
        renderer: Renderer,
        checks: Checks,
    ) -> None:
        self._outbound = outbound
        self._notifications = notifications
        self._recipients = recipients
        self._renderer = renderer
        self._checks = checks

    async def make(self, tx: Tx) -> int:
        """Decide on a batch of e-mails that are due; return their number.

        Those of one recipient become the items of a digest; one alone enters the queue itself. Nine statements at
        most for 500 e-mails, and those of their checks. Emits notification.failed for those that are not wanted.
        """
        due = await digest_sql.due(tx, BATCH)
        if not due:
            return 0
        batch = await self._decided(tx, await sql.load(tx, due), tx.clock.now())
        await self.refuse(tx, batch.refused)
        if batch.postponed:
            await digest_sql.postpone(tx, batch.postponed)
        await self._send(tx, batch.digests)
        return len(due)

    async def refuse(self, tx: Tx, refused: Refused) -> None:
        """End notifications that are not wanted. One statement. Emits notification.failed for each."""
        if refused:
            ended = await digest_sql.refuse(tx, [(notification.id, reason) for notification, reason in refused])
            for notification, reason in refused:
                if notification.id in ended:
                    tx.emit(NotificationFailed.of(notification, reason))

    async def open(self, db: Reader, digest: Notification, now: datetime) -> Opened:
        """A digest that is about to be sent. Two statements, and those of the checks of its items."""
        loaded = await sql.load(db, await digest_sql.items(db, digest.id))
        batch = await self._decided(db, loaded, now)
        left = sorted(
            (each.notification for each in loaded if each.notification.id in batch.current),
            key=lambda each: (each.created_at, each.id),
        )
        return Opened([(each, batch.current[each.id]) for each in left], batch.refused)

    async def variables(
        self, db: Reader, items: Sequence[tuple[Notification, Variables]], language: str | None
    ) -> Mapping[str, Any]:
        """The variables of a digest: title, text and address of each item. Raises Unreadable."""
        encryption = self._outbound.encryption
        opened = [(item.kind, {**variables_of(encryption, item), **current}) for item, current in items]
        return {"items": await self._renderer.summaries(db, opened, language)}

    async def _decided(self, db: Reader, loaded: Sequence[Loaded], now: datetime) -> Batch:
        batch = Batch()
        wanted: list[tuple[Loaded, datetime | None]] = []
        for each in sorted(loaded, key=lambda each: each.notification.id):
            match await self._recipients.decide(db, each, now):
                case Refuse(reason):
                    batch.refused.append((each.notification, reason))
                case Postpone(until):
                    wanted.append((each, until))
                case _:
                    wanted.append((each, None))
        batch.current = await self._checks.current(db, [each for each, _ in wanted])
        for each, later in wanted:
            await self._sort(db, batch, each, later, now)
        return batch

    async def _sort(self, db: Reader, batch: Batch, each: Loaded, until: datetime | None, now: datetime) -> None:
        notification = each.notification
        if notification.id not in batch.current:
            batch.refused.append((notification, Refusal.STALE))
        elif until is not None or not self._is_readable(notification):
            batch.postponed.append((notification.id, until or now + UNREADABLE_PAUSE))
        else:
            language = await self._recipients.language(db, each)
            batch.groups[notification.recipient, notification.user_id, language].append(notification)

    def _is_readable(self, notification: Notification) -> bool:
        try:
            variables_of(self._outbound.encryption, notification)
        except Unreadable:
            return False
        return True

    async def _send(self, tx: Tx, digests: Sequence[tuple[str | None, Sequence[Notification]]]) -> None:
        await self._release(tx, [group[0] for _, group in digests if len(group) == 1])
        several = [(language, group) for language, group in digests if len(group) > 1]
        new = [
            NewNotification(
                kind=NotificationKind.DIGEST,
                dedupe_key=f"digest {group[0].id}",
                recipient=group[0].recipient,
                user_id=group[0].user_id,
                language=language,
            )
            for language, group in several
        ]
        await self._notifications.create(tx, new)
        if several:
            keys = [(item.id, f"digest {group[0].id}") for _, group in several for item in group]
            await digest_sql.assign(tx, keys)

    async def _release(self, tx: Tx, alone: Sequence[Notification]) -> None:
        """Queue e-mails by themselves, encrypted anew: they may have waited under an older key than their place."""
        if not alone:
            return
        encryption = self._outbound.encryption
        contents = {each.id: encrypted(encryption, variables_of(encryption, each)) for each in alone}
        await digest_sql.release(tx, contents, encryption.key_ids[0], traces.traceparent())
        tx.on_commit(self._outbound.wake)
