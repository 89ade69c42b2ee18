"""Abandonment: carts that known buyers filled and left."""

from datetime import datetime, timedelta
from typing import Any, Final

from domains.cart.events import CartAbandoned
from domains.cart.models import CartSettings
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.settings import SettingsTable

BATCH_SIZE: Final = 1_000
# Empty carts count as seen too, so that each is read once. `updated_at` stays. The condition is that of the index
# carts_abandonment.
_CHECK_ABANDONMENT: Final = """
with idle as (
  select id from carts
  where company_id = $1 and updated_at <= $2 and expires_at > $3
    and (user_id is not null or confirmed_email is not null)
    and (abandonment_checked_at is null or abandonment_checked_at <= updated_at)
  order by updated_at limit $4 for update skip locked
), checked as (
  update carts c set abandonment_checked_at = $3 from idle where c.company_id = $1 and c.id = idle.id
  returning c.id, c.user_id, c.updated_at
)
select id, user_id, updated_at,
  (select coalesce(sum(quantity), 0) from cart_items i where i.company_id = $1 and i.cart_id = checked.id) as units
from checked order by updated_at, id
"""


class Abandonment:
    """Finds abandoned carts."""

    def __init__(self, settings: SettingsTable[CartSettings], clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    async def report(self, tx: Tx) -> int:
        """Look at a batch of carts that were left unchanged; returns their number.

        Each is looked at once until it changes again. Emits CartAbandoned for those with items.
        """
        now, settings = self._clock.now(), await self._settings.current(tx)
        idle_since = now - timedelta(hours=settings.abandoned_after_hours)
        rows = await check_abandonment(tx, idle_since, now, BATCH_SIZE)
        for row in rows:
            if row["units"]:
                tx.emit(
                    CartAbandoned(
                        cart_id=row["id"], user_id=row["user_id"], units=row["units"], changed_at=row["updated_at"]
                    )
                )
        return len(rows)


async def check_abandonment(tx: Tx, idle_since: datetime, now: datetime, limit: int) -> list[Any]:
    """Mark carts of known buyers that have not changed since that time as seen, except locked ones; with their units.

    Each is returned once until it changes again. One statement.
    """
    return await tx.fetch(_CHECK_ABANDONMENT, tx.company_id, idle_since, now, limit)
