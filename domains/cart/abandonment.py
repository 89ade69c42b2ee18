"""Abandonment: carts that known buyers filled and left."""

from datetime import timedelta
from typing import Final

from domains.cart import sql
from domains.cart.events import CartAbandoned
from domains.cart.models import CartSettings
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.settings import SettingsTable

BATCH_SIZE: Final = 1_000


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
        rows = await sql.check_abandonment(tx, idle_since, now, BATCH_SIZE)
        for row in rows:
            if row["units"]:
                tx.emit(
                    CartAbandoned(
                        cart_id=row["id"], user_id=row["user_id"], units=row["units"], changed_at=row["updated_at"]
                    )
                )
        return len(rows)
