"""Personal data of the notification domain: what was sent to a person, and the person's choices."""

from collections.abc import Mapping
from typing import Any, Final

from domains.auth.emails.mailboxes import mailbox_of
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import id_of
from domains.kernel.personal_data import Erasure, Person, erase_events, exported
from domains.notification import data
from domains.notification.account_notices import REQUESTS
from domains.notification.product_alerts.personal_data import erase_alerts, export_alerts, merge_alerts
from domains.notification.push_devices.personal_data import erase_devices, export_devices, move_devices
from domains.notification.service import NotificationService

_NOTIFICATIONS: Final = """
select id, type, kind, category, priority, status, recipient, language, subject, body, url, metadata, scheduled_at,
       sent_at, delivered_at, read_at, created_at
from notifications where company_id = $1 and (user_id = $2 or recipient = any($3)) order by id
"""
_TEMPLATES: Final = """
select id, kind, language, version, created_at from email_templates
where company_id = $1 and created_by_id = any($2) order by id
"""
_ERASE_AUTHOR: Final = (
    "update email_templates set created_by_id = null where company_id = $1 and created_by_id = any($2)"
)
_MOVE_TEMPLATES: Final = "update email_templates set created_by_id = $3 where company_id = $1 and created_by_id = $2"
# What waits is not sent any more.
_ERASE: Final = """
update notifications
set recipient = null, subject = null, body = null, url = null, content = null, metadata = '{}',
    status = case status when 'PENDING' then 'FAILED'::notification_status else status end,
    failure_reason = case status when 'PENDING' then 'ERASED' else failure_reason end,
    digest_at = null, user_id = case when user_id is not null then $4::uuid end,
    dedupe_key = case when recipient is null then dedupe_key else 'erased ' || id end
where company_id = $1 and (user_id = $2 or recipient = any($3))
  and (recipient is not null or user_id is distinct from $4 or subject is not null)
"""
_MOVE: Final = "update notifications set user_id = $3 where company_id = $1 and user_id = $2"
_MOVE_PROFILE: Final = """
update notification_profiles set user_id = $3 where company_id = $1 and user_id = $2
  and not exists (select from notification_profiles where company_id = $1 and user_id = $3)
"""
_DELETE_PROFILE: Final = "delete from notification_profiles where company_id = $1 and user_id = $2"
_MOVE_CHOICES: Final = """
with gone as (
    delete from notification_preferences where company_id = $1 and user_id = $2
    returning id, category, channel, enabled, frequency, source, chosen_at, created_at, updated_at
)
insert into notification_preferences (id, company_id, user_id, category, channel, enabled, frequency, source,
                                      chosen_at, created_at, updated_at)
select id, $1, $3, category, channel, enabled, frequency, source, chosen_at, created_at, updated_at from gone
on conflict (company_id, user_id, category, channel) do nothing
"""


async def export_person(_notification: NotificationService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The notifications of a person with their texts, but secrets, and the person's choices."""
    own: Any = {"user_id": {"in": person.user_ids}}
    preferences = await data.notification_preference.find_many(db, where=own, order_by=[{"id": "asc"}])
    profiles = await data.notification_profile.find_many(db, where=own, order_by=[{"id": "asc"}])
    suppressed: Any = {"address": {"in": _mailboxes(person)}}
    suppressions = await data.notification_suppression.find_many(db, where=suppressed, order_by=[{"id": "asc"}])
    return {
        "email_templates": exported(await db.fetch(_TEMPLATES, db.company_id, person.user_ids)),
        "notifications": exported(await db.fetch(_NOTIFICATIONS, db.company_id, *person.keys)),
        "notification_preferences": exported(preferences),
        "notification_profiles": exported(profiles),
        "notification_suppressions": exported(suppressions),
        **await export_alerts(db, person),
        **await export_devices(db, person),
    }


async def erase_person(_notification: NotificationService, tx: Tx, erasure: Erasure) -> int:
    """Erase addresses and texts of notifications and their requests, end those that wait, and delete the choices."""
    person = erasure.person
    await erase_events(tx, REQUESTS, [id_of(each) for each in person.emails], erasure.email)
    own: Any = {"user_id": {"in": person.user_ids}}
    erased = await tx.execute(_ERASE, tx.company_id, *person.keys, erasure.erased_id)
    erased += await tx.execute(_ERASE_AUTHOR, tx.company_id, person.user_ids)
    erased += await data.notification_preference.delete_many(tx, where=own)
    erased += await data.notification_profile.delete_many(tx, where=own)
    erased += await erase_alerts(tx, erasure)
    erased += await erase_devices(tx, person)
    suppressed: Any = {"address": {"in": _mailboxes(person)}}
    return erased + await data.notification_suppression.delete_many(tx, where=suppressed)


async def merge_person(_notification: NotificationService, tx: Tx, person: Person, user_id: Any) -> int:
    """Move the notifications, and the choices and the profile that the other user has not made."""
    moved = await merge_alerts(tx, person, user_id)
    for source in person.user_ids:
        moved += await move_devices(tx, source, user_id)
        moved += await tx.execute(_MOVE, tx.company_id, source, user_id)
        moved += await tx.execute(_MOVE_TEMPLATES, tx.company_id, source, user_id)
        moved += await tx.execute(_MOVE_CHOICES, tx.company_id, source, user_id)
        moved += await tx.execute(_MOVE_PROFILE, tx.company_id, source, user_id)
        await tx.execute(_DELETE_PROFILE, tx.company_id, source)
    return moved


def _mailboxes(person: Person) -> list[str]:
    return [mailbox_of(each) for each in person.emails]
