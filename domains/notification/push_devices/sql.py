"""SQL over push devices that the generated verbs do not express; the company is always its first parameter."""

from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.notification import data
from domains.notification.push_devices.models import PushDevice

_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text || $2::uuid::text, 22))"
# A device of another user becomes a new one, so that nothing that waits for the other user reaches it.
_STORE: Final = f"""
with stored as (
    insert into push_devices as device (id, company_id, user_id, session_id, provider, digest, encrypted_address,
                                        name, user_agent, created_at, last_used_at)
    values ($3, $1, $2, $4, $5, $6, $7, $8, $9, $10, $10)
    on conflict (company_id, digest) do update
    set id = case when device.user_id = $2 then device.id else $3 end,
        created_at = case when device.user_id = $2 then device.created_at else $10 end,
        user_id = $2, session_id = $4, provider = $5, encrypted_address = $7, name = $8, user_agent = $9,
        last_used_at = greatest(device.last_used_at, $10)
    returning {data.push_device.columns("device")}
), gone as (
    delete from push_devices where company_id = $1 and id in (
        select id from push_devices where company_id = $1 and user_id = $2 and digest <> $6
        order by last_used_at desc, id desc offset $11)
)
select * from stored
"""


async def store(tx: Tx, user_id: UUID, values: tuple[Any, ...], *, most: int) -> PushDevice:
    """Register a device for a user, or renew it, and delete the longest unused ones above `most`. Two statements.

    `values` are in the order of the columns from the id on.
    """
    await tx.execute(_LOCK, tx.company_id, user_id)
    (row,) = await tx.fetch(_STORE, tx.company_id, user_id, *values, tx.clock.now(), most - 1)
    return data.push_device.from_record(row)
