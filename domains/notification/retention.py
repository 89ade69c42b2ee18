"""Retention: notifications that have ended are deleted after a time, with their logs."""

from datetime import timedelta
from typing import Final

from domains.kernel.database import Tx
from domains.kernel.settings import SettingsTable
from domains.notification.models import NotificationSettings

BATCH: Final = 1_000
# The items of a digest are older than the digest; those that are not deleted yet keep it.
_DELETE: Final = """
with old as (
    select id from notifications as old
    where company_id = $1 and created_at < $2 and status <> 'PENDING'
      and not exists (select from notifications as item
                      where item.company_id = $1 and item.digest_id = old.id and item.created_at >= $2)
    order by created_at limit $3 for update skip locked
), unlogged as (
    delete from notification_logs where company_id = $1 and notification_id in (select id from old)
)
select id from old
"""
_DELETE_ROWS: Final = "delete from notifications where company_id = $1 and id = any($2)"


class Retention:
    """Deletes what is older than the company keeps it."""

    def __init__(self, settings: SettingsTable[NotificationSettings]) -> None:
        self._settings = settings

    async def delete_old(self, tx: Tx) -> int:
        """Delete a batch of the company's oldest notifications that have ended; how many. Three statements."""
        kept = (await self._settings.current(tx)).retention_days
        before = tx.clock.now() - timedelta(days=kept)
        old = [row["id"] for row in await tx.fetch(_DELETE, tx.company_id, before, BATCH)]
        return await tx.execute(_DELETE_ROWS, tx.company_id, old) if old else 0
