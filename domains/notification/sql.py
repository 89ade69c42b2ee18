"""SQL over notifications that the generated verbs do not express; the company is always its first parameter."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.notification import data
from domains.notification.data import (
    NotificationFrequency,
    NotificationProfileRow,
    NotificationRow,
    NotificationStatus,
    SuppressionReason,
)
from domains.notification.kinds import REQUIRED
from domains.notification.preferences.choices import Choices

# Of a push notification there is one for each device, with an id of its own that has the time of the given one.
_CREATE: Final = """
with given as (
    select *
    from unnest($2::uuid[], $3::uuid[], $4::notification_type[], $5::notification_kind[], $6::notification_category[],
                $7::notification_priority[], $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::text[],
                $13::timestamptz[], $14::timestamptz[])
         as given (id, user_id, type, kind, category, priority, recipient, language, content, metadata, dedupe_key,
                   scheduled_at, digest_at)
), addressed as (
    select given.*, device.id as device_id
    from given
    left join push_devices as device
      on device.company_id = $1 and device.user_id = given.user_id and given.type = 'PUSH'
    where case given.type
            when 'PUSH' then device.id is not null
            when 'SMS' then given.category = any($18::notification_category[]) or exists (
                select from notification_preferences as choice
                where choice.company_id = $1 and choice.user_id = given.user_id and choice.channel = 'SMS'
                  and choice.category = given.category and choice.enabled)
            else true
          end
), created as (
    insert into notifications (id, company_id, user_id, type, kind, category, priority, recipient, language, content,
                               metadata, dedupe_key, scheduled_at, digest_at, created_at, updated_at)
    select case when device_id is null then id else (left(id::text, 24) || right(gen_random_uuid()::text, 12))::uuid
           end,
           $1, user_id, type, kind, category, priority, recipient, language, content,
           case when device_id is null then metadata
                else metadata || jsonb_build_object('push_device_id', device_id) end,
           concat_ws(' ', dedupe_key, device_id), scheduled_at, digest_at, $15, $15
    from addressed order by id, device_id
    on conflict (company_id, dedupe_key) do nothing
    returning id, priority, scheduled_at, digest_at
), queued as (
    insert into queued_notifications (notification_id, company_id, priority, key_id, next_attempt_at, traceparent,
                                      due_at)
    select id, $1, priority, $16, scheduled_at, $17, scheduled_at from created where digest_at is null
)
select id from created
"""
_LOAD: Final = f"""
select {data.notification.columns("n")}, {data.notification_profile.columns("profile")},
       preference.enabled as is_chosen, preference.frequency as wanted_frequency,
       array(select suppression.reason from notification_suppressions as suppression
             where suppression.company_id = $1 and suppression.channel = n.type
               and suppression.address = case n.type when 'EMAIL' then mailbox_of(n.recipient) else n.recipient end
               and (suppression.category is null or suppression.category = n.category)) as suppressed
from notifications as n
left join notification_profiles as profile on profile.company_id = $1 and profile.user_id = n.user_id
left join notification_preferences as preference
  on preference.company_id = $1 and preference.user_id = n.user_id and preference.category = n.category
 and preference.channel = n.type
where n.company_id = $1 and n.id = any($2)
"""
# A digest ends with its items.
_FINISH: Final = """
with finished as (
    update notifications
    set status = $3, failure_reason = $6, attempts = attempts + 1, content = null, digest_at = null,
        template_id = case when id = $2 then $13::uuid else template_id end,
        subject = case when id = $2 then $4 end, body = case when id = $2 then $5 end,
        url = case when id = $2 then $14 end,
        language = case when id = $2 then $7 else language end,
        delivered_at = case when $3 = 'DELIVERED'::notification_status then $8::timestamptz end,
        sent_at = case when $3 <> 'FAILED'::notification_status then $8::timestamptz end, updated_at = $8
    where company_id = $1 and (id = $2 or digest_id = $2) and status = 'PENDING'
    returning id, user_id, type, kind
), logged as (
    insert into notification_logs (id, company_id, notification_id, status, provider, provider_message_id,
                                   provider_response, error, created_at)
    select case when id = $2 then $9::uuid else gen_random_uuid() end, $1, id, $3, $10, $11, $12, $6, $8 from finished
)
select id as notification_id, user_id, type, kind from finished
"""
_ATTEMPTED: Final = """
with attempted as (
    update notifications set attempts = attempts + 1, updated_at = $5
    where company_id = $1 and id = $2 and status = 'PENDING'
    returning id
)
insert into notification_logs (id, company_id, notification_id, status, provider, error, created_at)
select $6, $1, id, 'FAILED', $3, $4, $5 from attempted
"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A notification with the choices and the profile of its recipient."""

    notification: NotificationRow
    choices: Choices = field(default_factory=Choices)
    profile: NotificationProfileRow | None = None

    @property
    def language(self) -> str | None:
        """The language of the notification, or else of the recipient; None for the company's."""
        return self.notification.language or (self.profile.language if self.profile else None)


async def create(tx: Tx, rows: Sequence[Sequence[Any]], key_id: str, traceparent: str | None) -> list[UUID]:
    """Create notifications with their places in the queue, and return the ids of those that are new.

    Push notifications are for devices, and SMS for those who chose them. A row is in the order of the columns of
    `given`. One statement.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    found = await tx.fetch(_CREATE, tx.company_id, *columns, tx.clock.now(), key_id, traceparent, list(REQUIRED))
    return [row["id"] for row in found]


async def load(db: Reader, ids: Sequence[UUID]) -> list[Loaded]:
    """Notifications with the choices that concern them, in no order. One statement."""
    return [_loaded(row) for row in await db.fetch(_LOAD, db.company_id, ids)]


def _loaded(row: Any) -> Loaded:
    profile_at, frequency = len(fields(NotificationRow)), row["wanted_frequency"]
    choices = Choices(
        row["is_chosen"],
        None if frequency is None else NotificationFrequency(frequency),
        [SuppressionReason(each) for each in row["suppressed"]],
    )
    profile = None if row[profile_at] is None else data.notification_profile.from_record(row, profile_at)
    return Loaded(data.notification.from_record(row), choices, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a notification ended: what was sent, and what its provider answered."""

    status: NotificationStatus
    provider: str
    language: str | None
    subject: str | None = None
    body: str | None = None
    url: str | None = None
    error: str | None = None
    provider_message_id: str | None = None
    response: Any = None
    template_id: UUID | None = None


async def finish(tx: Tx, notification_id: UUID, end: End) -> list[dict[str, Any]]:
    """End and log a notification, and of a digest its items; what their events say, none when it was not pending.

    One statement.
    """
    rows = await tx.fetch(
        _FINISH,
        tx.company_id,
        notification_id,
        end.status,
        end.subject,
        end.body,
        end.error,
        end.language,
        tx.clock.now(),
        new_id(),
        end.provider,
        end.provider_message_id,
        end.response or {},
        end.template_id,
        end.url,
    )
    return [dict(row) for row in rows]


async def log_attempt(tx: Tx, notification_id: UUID, provider: str, error: str) -> None:
    """Count and log an attempt after which the notification waits for another one. One statement."""
    now = tx.clock.now()
    await tx.execute(_ATTEMPTED, tx.company_id, notification_id, provider, error, now, new_id())
