"""Stock alerts: which SKUs are low, out of stock, overstocked or stale, since when and until when."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domains.inventory import data
from domains.inventory.alerts.events import StockStale
from domains.inventory.alerts.models import StockAlert, StockAlertFilter
from domains.inventory.models import InventorySettings
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.settings import SettingsTable
from domains.kernel.text.validation import normalize_key

ALL_ALERTS: Final = StockAlertFilter()
BATCH_SIZE: Final = 500
# Items with units on hand that were not restocked, ordered or sold since $2.
_IS_STALE: Final = """i.total_stock > 0 and coalesce(i.last_restocked, i.created_at) < $2 and not exists (
    select from stock_movements m where m.company_id = $1 and m.inventory_id = i.id
      and m.type in ('SALE', 'RESERVATION') and m.created_at >= $2)"""
_STALE: Final = f"""
select i.id, i.sku from inventory_items i
where i.company_id = $1 and i.sku collate "C" > $3 and {_IS_STALE} and not exists (
    select from stock_alerts a where a.company_id = $1 and a.inventory_id = i.id and a.kind = 'STALE'
      and a.resolved_at is null)
order by i.sku collate "C" limit $4
"""  # noqa: S608 - text of the code
_RAISE: Final = """
insert into stock_alerts (id, company_id, inventory_id, kind, raised_at)
select c.id, $1, c.inventory_id, 'STALE', $2 from unnest($3::uuid[], $4::uuid[]) as c (id, inventory_id)
on conflict do nothing returning inventory_id
"""
_RESOLVE: Final = f"""
update stock_alerts a set resolved_at = $3 from inventory_items i
where a.company_id = $1 and a.kind = 'STALE' and a.resolved_at is null and i.company_id = $1 and i.id = a.inventory_id
  and not ({_IS_STALE})
"""  # noqa: S608 - text of the code
_RESOLVE_ALL: Final = """
update stock_alerts set resolved_at = $2 where company_id = $1 and kind = 'STALE' and resolved_at is null
"""


class StockAlerts:
    """Reads alerts, and finds stale stock. The other alerts are raised by the movements themselves."""

    def __init__(self, settings: SettingsTable[InventorySettings]) -> None:
        self._settings = settings

    async def find(
        self, db: Reader, args: PageArgs, filters: StockAlertFilter = ALL_ALERTS, *, direction: Direction = "desc"
    ) -> Page[StockAlert]:
        """One page of the alerts, the last raised first. One statement more with a SKU. Raises as `fetch_page`."""
        where: dict[str, Any] = {}
        if filters.kind is not None:
            where["kind"] = filters.kind
        if filters.is_open is not None:
            where["resolved_at"] = None if filters.is_open else {"not": None}
        if filters.inventory_id is not None:
            where["inventory_id"] = filters.inventory_id
        if filters.sku is not None:
            item = await data.inventory_item.find_unique(db, sku=normalize_key(filters.sku))
            where["AND"] = [{"inventory_id": {"in": [item.id] if item else []}}]
        return await fetch_page(data.stock_alert, db, args, sort=Sort("raised_at", datetime, direction), where=where)

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[StockAlert]:
        """The alerts of these ids, in no order. One statement."""
        return await data.stock_alert.find_many(db, where={"id": {"in": list(ids)}})

    async def find_stale(self, tx: Tx) -> int:
        """Raise an alert for each SKU that became stale, and resolve those of SKUs that are not any more.

        A SKU is stale when it has units on hand and was not restocked, ordered or sold for `stale_after_days` of the
        company; without that setting none is. Running it twice or twice at once raises nothing twice. Returns the
        number of raised alerts. Two statements for each 500 SKUs, and one more. Emits StockStale for each 500 SKUs.
        """
        now, days = tx.clock.now(), (await self._settings.current(tx)).stale_after_days
        if days is None:
            await tx.execute(_RESOLVE_ALL, tx.company_id, now)
            return 0
        cutoff = now - timedelta(days=days)
        await tx.execute(_RESOLVE, tx.company_id, cutoff, now)
        after, raised = "", 0
        while rows := await tx.fetch(_STALE, tx.company_id, cutoff, after, BATCH_SIZE):
            ids = [row["id"] for row in rows]
            written = await tx.fetch(_RAISE, tx.company_id, now, [new_id() for _ in ids], ids)
            new = {row["inventory_id"] for row in written}
            if stale := [row for row in rows if row["id"] in new]:
                skus = [row["sku"] for row in stale]
                tx.emit(StockStale(first_item_id=stale[0]["id"], skus=skus, days=days))
            raised += len(new)
            after = rows[-1]["sku"]
        return raised
