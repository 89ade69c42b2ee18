"""Dispatch: the notifications of announcements, in batches, each with its position in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.notification import data
from domains.notification.announcements import sql
from domains.notification.announcements.announcements import variables_of
from domains.notification.announcements.models import Announcement, AnnouncementStatus, text_in
from domains.notification.announcements.sql import Recipient
from domains.notification.checks import Variables
from domains.notification.events import AnnouncementSent
from domains.notification.kinds import KINDS
from domains.notification.marketing.audience import Audience
from domains.notification.models import NewNotification
from domains.notification.notifications import Notifications
from domains.notification.sql import Loaded
from domains.promotion.service import PromotionService

BATCH: Final = 500
ANNOUNCEMENT_ID: Final = "announcement_id"


class Dispatch:
    """Sends announcements that are due, and checks when a notification is sent that its announcement still is."""

    def __init__(self, audience: Audience, promotion: PromotionService, notifications: Notifications) -> None:
        self._audience = audience
        self._promotion = promotion
        self._notifications = notifications

    async def send(self, tx: Tx) -> int:
        """Create the notifications for the next users who asked for the category, 500 at most; how many were tried.

        A user has one of each announcement. Ten statements at most; 0 when nothing is due, or another process
        sends it. Emits announcement.sent after the last of them.
        """
        announcement = await sql.due(tx)
        if announcement is None:
            return 0
        category, recipients = KINDS[announcement.kind].category, announcement.recipients
        if recipients is None:
            recipients = await sql.count(tx, category)
        batch = await sql.after(tx, category, announcement.last_choice_id, BATCH)
        created = await self._create(tx, announcement, batch) if batch else []
        is_last = len(batch) < BATCH
        changes: Any = {
            "status": AnnouncementStatus.SENT if is_last else AnnouncementStatus.SENDING,
            "recipients": recipients,
            "checked": announcement.checked + len(batch),
            "created": announcement.created + len(created),
            "last_choice_id": batch[-1].choice_id if batch else announcement.last_choice_id,
            "ended_at": tx.clock.now() if is_last else None,
        }
        after = await data.announcement.update(tx, id=announcement.id, data=changes)
        if is_last:
            tx.emit(AnnouncementSent(announcement_id=after.id, kind=after.kind.value, created=after.created))
        return max(len(batch), 1)

    async def _create(self, tx: Tx, announcement: Announcement, batch: Sequence[Recipient]) -> list[UUID]:
        addresses = await self._audience.addresses(tx, [each.user_id for each in batch])
        if announcement.segment_id is not None:
            members = await self._promotion.customers_in_segment(tx, announcement.segment_id, list(addresses))
            addresses = {user_id: address for user_id, address in addresses.items() if user_id in members}
        default = (await self._audience.settings.current(tx)).default_language
        new = [
            _notification(announcement, each, addresses[each.user_id], default)
            for each in batch
            if each.user_id in addresses
        ]
        return await self._notifications.create(tx, new)

    async def current(self, db: Reader, waiting: Sequence[Loaded]) -> Mapping[UUID, Variables]:
        """Those whose announcement was not cancelled and whose user still has the address. Two statements."""
        ids = {
            each.notification.id: UUID(each.notification.metadata[ANNOUNCEMENT_ID])
            for each in waiting
            if ANNOUNCEMENT_ID in each.notification.metadata
        }
        found: dict[UUID, Variables] = {
            each.notification.id: {} for each in waiting if each.notification.id not in ids
        }
        if not ids:
            return found
        where: Any = {"id": {"in": list(set(ids.values()))}, "status": AnnouncementStatus.CANCELLED}
        cancelled = {each.id for each in await data.announcement.find_many(db, where=where)}
        about = [each for each in waiting if ids.get(each.notification.id) is not None]
        valid = await self._audience.with_their_address(db, about)
        return found | {each.notification.id: {} for each in valid if ids[each.notification.id] not in cancelled}


def _notification(announcement: Announcement, to: Recipient, address: str, default: str) -> NewNotification:
    text = text_in(announcement.texts, announcement.language, to.language or default)
    return NewNotification(
        kind=announcement.kind,
        dedupe_key=f"announcement {announcement.id} {to.user_id}",
        recipient=address,
        user_id=to.user_id,
        language=text.language,
        variables=variables_of(text, announcement.url),
        metadata={ANNOUNCEMENT_ID: str(announcement.id)},
    )
