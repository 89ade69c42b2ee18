"""Reports: what providers tell later of messages that they took, and what follows for the recipient's address."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.notification import data
from domains.notification.events import SuppressionCreated
from domains.notification.models import Notification, NotificationStatus, NotificationType, SuppressionReason

_FIND: Final = f"""
select {data.notification.columns("n")} from notifications as n
where n.company_id = $1 and n.type = $2 and n.id in (
    select notification_id from notification_logs
    where company_id = $1 and provider = $3 and provider_message_id = $4)
for update
"""  # noqa: S608 - columns of the table
_IS_KNOWN: Final = """
select exists (select from notification_logs
               where company_id = $1 and notification_id = $2 and provider_response->>'event' = $3)
"""
_CHANGE: Final = """
update notifications
set status = $3, failure_reason = $4, updated_at = $5,
    delivered_at = case when $3 = 'DELIVERED'::notification_status then $5::timestamptz else delivered_at end
where company_id = $1 and id = $2
"""
_SUPPRESS: Final = """
insert into notification_suppressions (id, company_id, channel, address, reason, created_at)
select $3, $1, type, mailbox_of(recipient), $4, $5 from notifications
where company_id = $1 and id = $2 and type = 'EMAIL' and recipient is not null
on conflict (company_id, channel, address, category, reason) do nothing
returning id
"""
EVENT_LENGTH: Final = 200
MESSAGE_LENGTH: Final = 500
_CODES: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")


class ReportKind(StrEnum):
    """What a provider reports."""

    DELIVERED = "DELIVERED"
    SOFT_BOUNCE = "SOFT_BOUNCE"
    HARD_BOUNCE = "HARD_BOUNCE"
    COMPLAINT = "COMPLAINT"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report about the message that a provider knows by `message_id`; a second one with the same event is ignored.

    `detail` is kept when it is a code, such as `550 5.1.1`, and not when it may have an address.
    """

    event: str
    type: NotificationType
    provider: str
    message_id: str
    kind: ReportKind
    detail: str | None = None


# The status after a report, by the statuses in which it still says something new.
CHANGES: Final = {
    ReportKind.DELIVERED: ({NotificationStatus.SENT}, NotificationStatus.DELIVERED),
    ReportKind.HARD_BOUNCE: ({NotificationStatus.SENT, NotificationStatus.DELIVERED}, NotificationStatus.BOUNCED),
    ReportKind.FAILED: ({NotificationStatus.SENT}, NotificationStatus.FAILED),
}
SUPPRESSIONS: Final = {
    ReportKind.HARD_BOUNCE: SuppressionReason.HARD_BOUNCE,
    ReportKind.COMPLAINT: SuppressionReason.COMPLAINT,
}


class Reports:
    """Records reports. The notification is locked, so that two of one event at once count once."""

    async def record(self, tx: Tx, report: Report) -> bool:
        """Record a report; False without a change for an unknown message and for an event that is known.

        A delivery, a hard bounce and a failure change the status; a hard bounce and a complaint suppress the address
        of an e-mail. At most five statements. Emits notification.suppression_created.
        """
        row = await tx.fetch_row(_FIND, tx.company_id, report.type, report.provider, report.message_id)
        if row is None:
            return False
        notification = data.notification.from_record(row)
        if await tx.fetch_value(_IS_KNOWN, tx.company_id, notification.id, report.event):
            return False
        detail = report.detail if report.detail and _CODES.fullmatch(report.detail) else None
        status = await _change(tx, notification, report.kind, detail)
        if reason := SUPPRESSIONS.get(report.kind):
            await suppress(tx, notification.id, reason)
        await data.notification_log.create(
            tx,
            data={
                "id": new_id(),
                "notification_id": notification.id,
                "status": status,
                "provider": report.provider,
                "provider_response": {"event": report.event, "report": report.kind.value},
                "error": None if report.kind is ReportKind.DELIVERED else detail or report.kind.value,
            },
        )
        return True


async def suppress(tx: Tx, notification_id: UUID, reason: SuppressionReason) -> None:
    """Send the address of an e-mail nothing more of what the reason forbids. One statement.

    Emits notification.suppression_created unless it was suppressed for this reason.
    """
    given = (notification_id, new_id(), reason, tx.clock.now())
    created = await tx.fetch_value(_SUPPRESS, tx.company_id, *given)
    if created is not None:
        event = SuppressionCreated(
            suppression_id=created,
            channel=NotificationType.EMAIL.value,
            category=None,
            suppression_reason=reason.value,
        )
        tx.emit(event)


async def _change(tx: Tx, notification: Notification, kind: ReportKind, detail: str | None) -> NotificationStatus:
    """The status after a report, which comes late and in any order."""
    before, after = CHANGES.get(kind, (frozenset(), notification.status))
    if notification.status not in before:
        return notification.status
    reason = None if after is NotificationStatus.DELIVERED else detail or kind.value
    await tx.execute(_CHANGE, tx.company_id, notification.id, after, reason, tx.clock.now())
    return after
