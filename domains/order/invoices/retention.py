"""Erases buyers from invoices when the time is over for which the law demands to keep them."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.settings import SettingsTable
from domains.order import data
from domains.order.invoices.content import without_buyer
from domains.order.invoices.models import DocumentSettings

AT_ONCE: Final = 100
# The time begins at the end of the year in which the invoice was issued.
SCHEDULE: Final = """
update invoices
set erase_at = date_trunc('year', issued_at) + make_interval(years => 1 + $3::int)
where company_id = $1 and order_id = any($2) and erase_at is null
"""


class Retention:
    """Keeps invoices of buyers whose data were erased, and erases the buyers later."""

    def __init__(self, settings: SettingsTable[DocumentSettings], clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    async def schedule(self, tx: Tx, order_ids: Collection[UUID]) -> None:
        """Let the buyer be erased from the invoices of orders after the years in the settings. One statement.

        One more when the settings are not cached.
        """
        years = (await self._settings.current(tx)).retention_years
        await tx.execute(SCHEDULE, tx.company_id, list(order_ids), years)

    async def erase_due(self, tx: Tx) -> int:
        """Erase the buyers from at most 100 invoices whose time is over; returns their number."""
        due = await data.invoice.find_many(
            tx,
            where={"erase_at": {"lte": self._clock.now()}},
            order_by=[{"erase_at": "asc"}],
            take=AT_ONCE,
            lock=True,
        )
        for invoice in due:
            changes: data.InvoiceUpdate = {"document": without_buyer(invoice.document), "erase_at": None}
            await data.invoice.update(tx, id=invoice.id, data=changes)
        return len(due)
