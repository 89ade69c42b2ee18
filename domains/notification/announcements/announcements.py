"""Announcements: texts that staff send to all users who asked for promotions, recommendations or news."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput, TooMany
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import Required, require_text
from domains.kernel.validation import collect_errors
from domains.notification import data
from domains.notification.announcements.errors import AnnouncementEnded, AnnouncementNotFound
from domains.notification.announcements.models import (
    Announcement,
    AnnouncementFilter,
    AnnouncementStatus,
    AnnouncementText,
    NewAnnouncement,
    text_in,
)
from domains.notification.events import AnnouncementCancelled, AnnouncementCreated
from domains.notification.models import NotificationKind
from domains.notification.renderer import Texts
from domains.notification.settings import require_web_address
from domains.notification.templates.email_templates import EmailTemplates
from domains.notification.templates.library import language_of
from domains.order.invoices.languages import require_language
from domains.promotion.service import PromotionService

KINDS: Final = frozenset({NotificationKind.PROMOTION, NotificationKind.RECOMMENDATION, NotificationKind.NEWS})
MOST_TEXTS: Final = 10
MOST_WAITING: Final = 100
TITLE_LENGTH: Final = 200
TEXT_LENGTH: Final = 5_000
LATEST: Final = timedelta(days=366)
NEWEST_FIRST: Final = Sort("created_at", datetime, "desc")
WAITING: Final = (AnnouncementStatus.SCHEDULED, AnnouncementStatus.SENDING)
_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 23))"


class Announcements:
    """Creates, lists and cancels announcements; `Dispatch` sends them."""

    def __init__(self, promotion: PromotionService, templates: EmailTemplates) -> None:
        self._promotion = promotion
        self._templates = templates

    async def create(self, tx: Tx, new: NewAnnouncement) -> Announcement:
        """Create an announcement, which is sent at its time, or at once without one. Four statements at most.

        Raises, for all fields at once, InvalidInput, Required, TooLong, LanguageInvalid and SegmentNotFound; TooMany
        texts, and TooMany while 100 wait. Emits announcement.created.
        """
        now = tx.clock.now()
        with collect_errors() as each:
            with each:
                texts = checked(new)
            with each:
                await self._promotion.segments.require(tx, new.segment_id)
            with each:
                scheduled_at = _require_time(new.scheduled_at or now, now)
        await tx.execute(_LOCK, tx.company_id)
        where: Any = {"status": {"in": WAITING}}
        if await data.announcement.count(tx, where=where) >= MOST_WAITING:
            raise TooMany(f"At most {MOST_WAITING} announcements wait at once. Cancel one that is not needed.")
        row: Any = {
            "kind": new.kind,
            "texts": {text.language: {"title": text.title, "text": text.text} for text in texts},
            "language": texts[0].language,
            "url": new.url,
            "segment_id": new.segment_id,
            "scheduled_at": scheduled_at,
        }
        made = await data.announcement.create(tx, row)
        tx.emit(AnnouncementCreated(announcement_id=made.id, kind=made.kind.value, scheduled_at=made.scheduled_at))
        return made

    async def cancel(self, tx: Tx, announcement_id: UUID) -> Announcement:
        """Cancel an announcement: what was created of it and waits is not sent either. Two statements.

        Raises AnnouncementNotFound and AnnouncementEnded. Emits announcement.cancelled.
        """
        found = await data.announcement.find_unique(tx, id=announcement_id, lock=True)
        if found is None:
            raise AnnouncementNotFound(announcement_id)
        if found.status not in WAITING:
            raise AnnouncementEnded
        ended: Any = {"status": AnnouncementStatus.CANCELLED, "ended_at": tx.clock.now()}
        cancelled = await data.announcement.update(tx, id=announcement_id, data=ended)
        tx.emit(AnnouncementCancelled(announcement_id=announcement_id, kind=found.kind.value))
        return cancelled

    async def find(self, db: Reader, args: PageArgs, filters: AnnouncementFilter) -> Page[Announcement]:
        """A page of the announcements, newest first. One statement, and one more when they are counted."""
        where: Any = {name: value for name, value in asdict(filters).items() if value is not None}
        return await fetch_page(data.announcement, db, args, sort=NEWEST_FIRST, where=where)

    async def by_id(self, db: Reader, ids: Sequence[UUID]) -> list[Announcement]:
        """The announcements of these ids, in no order. One statement."""
        return await data.announcement.find_many(db, where={"id": {"in": list(ids)}})

    async def preview(self, db: Reader, new: NewAnnouncement, language: str | None) -> Texts:
        """The texts for a reader of a language, in the company's look. Raises as `create`; nothing is stored."""
        return await self._templates.preview(db, new.kind, *self.filled(new, language))

    @staticmethod
    def filled(new: NewAnnouncement, language: str | None) -> tuple[str, None, Mapping[str, Any]]:
        """The language of the template, no draft of it, and the variables for a reader. Raises as `create`."""
        texts = checked(new)
        by_language = {text.language: {"title": text.title, "text": text.text} for text in texts}
        text = text_in(by_language, texts[0].language, language)
        return language_of(text.language), None, variables_of(text, new.url)


def variables_of(text: AnnouncementText, url: str | None) -> dict[str, str | None]:
    """The variables of the templates of announcements."""
    return {"title": text.title, "text": text.text, "url": url}


def checked(new: NewAnnouncement) -> list[AnnouncementText]:
    """The texts in their normal form. Raises all that is wrong with an announcement apart from time and segment."""
    if len(new.texts) > MOST_TEXTS:
        raise TooMany(f"An announcement has at most {MOST_TEXTS} texts, one for a language.", field=("texts",))
    texts: list[AnnouncementText] = []
    with collect_errors() as each:
        with each:
            if new.kind not in KINDS:
                raise InvalidInput("An announcement is a PROMOTION, a RECOMMENDATION or NEWS.", field=("kind",))
        with each:
            if new.url is not None:
                require_web_address(new.url, "url")
        with each:
            if not new.texts:
                raise Required("Give a text in at least one language.", field=("texts",))
        used: set[str] = set()
        for index, text in enumerate(new.texts):
            with each:
                texts.append(_checked(text, ("texts", str(index)), used))
    return texts


def _checked(given: AnnouncementText, path: tuple[str, ...], used: set[str]) -> AnnouncementText:
    with collect_errors() as each:
        with each:
            language = require_language(given.language, field=(*path, "language"))
            if language in used:
                raise InvalidInput("There is another text in this language.", field=(*path, "language"))
            used.add(language)
        with each:
            title = require_text(given.title, field=(*path, "title"), max_length=TITLE_LENGTH)
        with each:
            text = require_text(given.text, field=(*path, "text"), max_length=TEXT_LENGTH)
    return AnnouncementText(language, title, text)


def _require_time(at: datetime, now: datetime) -> datetime:
    if at > now + LATEST:
        raise InvalidInput("Give a time within the next 366 days.", field=("scheduled_at",))
    return at
