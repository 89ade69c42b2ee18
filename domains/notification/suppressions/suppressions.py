"""Suppressions: addresses that get no notifications, listed and kept by staff, and unsubscribing by a link."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.auth.emails.mailboxes import mailbox_of
from domains.auth.service import AuthService
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import NotApplicable
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import optional_text, require_text
from domains.notification import data
from domains.notification.events import SuppressionCreated, SuppressionLifted
from domains.notification.kinds import REQUIRED
from domains.notification.models import (
    NotificationCategory,
    NotificationSuppression,
    NotificationType,
    PreferenceSource,
    SuppressionReason,
)
from domains.notification.preferences.preferences import ChannelChoice, choose
from domains.notification.product_alerts.sql import end_waiting
from domains.notification.suppressions.addresses import address_of, searched_address
from domains.notification.suppressions.errors import SuppressionByRecipient, SuppressionNotFound
from domains.notification.suppressions.unsubscribe_links import Unsubscription

NOTE_LENGTH: Final = 500
# Nothing is changed of one that is there, but it is returned.
_ADD: Final = f"""
insert into notification_suppressions as old (id, company_id, channel, address, category, reason, created_at)
values ($2, $1, $3, $4, $5, $6, $7)
on conflict (company_id, channel, address, category, reason) do update set reason = old.reason
returning {data.notification_suppression.columns("old")}
"""  # noqa: S608 - columns of the table


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionFilter:
    """Conditions on suppressions, all of which must hold; None sets no condition. `address` is as it is entered."""

    channel: NotificationType | None = None
    address: str | None = None
    category: NotificationCategory | None = None
    reason: SuppressionReason | None = None


class Suppressions:
    """The addresses of a company that get no notifications, of one category or at all."""

    def __init__(self, auth: AuthService) -> None:
        self._auth = auth

    async def find(
        self, db: Reader, page: PageArgs, filters: SuppressionFilter, direction: Direction = "desc"
    ) -> Page[NotificationSuppression]:
        """A page of them, newest first by default. One statement, and one more when they are counted.

        Raises InvalidInput for an address that is none.
        """
        where: dict[str, Any] = {name: value for name, value in asdict(filters).items() if value is not None}
        if filters.address is not None:
            where["address"] = searched_address(filters.address)
        order = Sort("created_at", datetime, direction)
        return await fetch_page(data.notification_suppression, db, page, sort=order, where=where)

    async def find_by_id(self, db: Reader, ids: Collection[UUID]) -> list[NotificationSuppression]:
        """Those of these ids, in no order. One statement."""
        return await data.notification_suppression.find_many(db, where={"id": {"in": list(ids)}})

    async def add(
        self, tx: Tx, channel: NotificationType, address: str, category: NotificationCategory | None
    ) -> NotificationSuppression:
        """Send an address no messages of a category, or with None of any that can be refused. One statement.

        One that staff suppressed already stays as it is. Raises InvalidInput, and NotApplicable for a category that
        cannot be refused and a channel without addresses. Emits notification.suppression_created for a new one.
        """
        mailbox = address_of(channel, address)
        if category in REQUIRED:
            raise NotApplicable(f"{category} cannot be refused.", field=("category",))
        return await _add(tx, channel, mailbox, category, SuppressionReason.MANUAL)

    async def remove(self, tx: Tx, suppression_id: UUID, *, note: str | None = None) -> NotificationSuppression:
        """Lift a suppression: unless another one holds, messages are sent to the address again. Two statements.

        `note` says why a bounce or a complaint does not count any more. Raises SuppressionNotFound,
        SuppressionByRecipient for an unsubscription, Required without a note, and TooLong. Emits
        notification.suppression_lifted.
        """
        row = await data.notification_suppression.find_first(tx, where={"id": suppression_id}, lock=True)
        if row is None:
            raise SuppressionNotFound
        if row.reason is SuppressionReason.UNSUBSCRIBED:
            raise SuppressionByRecipient
        if row.reason is SuppressionReason.MANUAL:
            given = optional_text(note, field=("note",), max_length=NOTE_LENGTH)
        else:
            given = require_text(note or "", field=("note",), max_length=NOTE_LENGTH)
        await data.notification_suppression.delete_many(tx, where={"id": suppression_id})
        tx.emit(SuppressionLifted(**_payload(row), note=given or ""))
        return row

    async def unsubscribe(self, tx: Tx, of: Unsubscription) -> None:
        """Send no e-mails of some categories to an address, nor to the user who has it; with ALERTS, end the alerts.

        Two statements, one for each category, and one for the alerts. Again, it changes nothing. Emits
        notification.suppression_created for each new one, and notification.preferences_updated when it changes the
        choices of a user.
        """
        mailbox = mailbox_of(of.address)
        for category in of.categories:
            await _add(tx, NotificationType.EMAIL, mailbox, category, SuppressionReason.UNSUBSCRIBED)
        found = await self._auth.users.find(tx, [of.user_id] if of.user_id else [])
        users = [user.id for user in found if mailbox_of(user.email) == mailbox]
        for user_id in users:
            refused = [
                ChannelChoice(category=each, channel=NotificationType.EMAIL, enabled=False) for each in of.categories
            ]
            await choose(tx, user_id, refused, PreferenceSource.UNSUBSCRIBE_LINK)
        if NotificationCategory.ALERTS in of.categories:
            await end_waiting(tx, mailbox, users)

    async def resubscribe(self, tx: Tx, email: str, category: NotificationCategory) -> None:
        """Take back that the owner of a mailbox unsubscribed from a category, who asks for it now. One statement."""
        where: Any = {
            "channel": "EMAIL",
            "address": mailbox_of(email),
            "category": category,
            "reason": "UNSUBSCRIBED",
        }
        await data.notification_suppression.delete_many(tx, where=where)

    async def resubscribe_user(self, tx: Tx, user_id: UUID, category: NotificationCategory) -> None:
        """The same of a user, whose choice by the link of an e-mail is taken back too; one in the account stays.

        Three statements, and one for a choice. Emits notification.preferences_updated when there was one.
        """
        for user in await self._auth.users.find(tx, [user_id]):
            await self.resubscribe(tx, user.email, category)
        where: Any = {"user_id": user_id, "category": category, "channel": "EMAIL", "enabled": False}
        by_link = await data.notification_preference.find_first(tx, where=where | {"source": "UNSUBSCRIBE_LINK"})
        if by_link is not None:
            wanted = ChannelChoice(
                category=category, channel=NotificationType.EMAIL, enabled=True, frequency=by_link.frequency
            )
            await choose(tx, user_id, [wanted], PreferenceSource.ACCOUNT)


async def _add(
    tx: Tx,
    channel: NotificationType,
    address: str,
    category: NotificationCategory | None,
    reason: SuppressionReason,
) -> NotificationSuppression:
    created = new_id()
    (row,) = await tx.fetch(_ADD, tx.company_id, created, channel, address, category, reason, tx.clock.now())
    suppression = data.notification_suppression.from_record(row)
    if suppression.id == created:
        tx.emit(SuppressionCreated(**_payload(suppression)))
    return suppression


def _payload(suppression: NotificationSuppression) -> Mapping[str, Any]:
    """The fields of its events, without the address."""
    return {
        "suppression_id": suppression.id,
        "channel": suppression.channel.value,
        "category": suppression.category.value if suppression.category else None,
        "suppression_reason": suppression.reason.value,
    }
