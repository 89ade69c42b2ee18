"""The SQL of stock alerts: raised and resolved with the last statement of the transaction that moves the stock.

Both compare the items as they are at the end of the transaction, while they are locked: an item that crosses a limit
and returns within a transaction has no alert, and of transactions that cross it at once each sees the one before.
"""

from collections.abc import Sequence
from typing import Final

from domains.inventory.alerts.crossings import Crossing
from domains.inventory.alerts.models import StockAlertKind
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import Sql

HOLDS: Final = """case {kind}
  when 'LOW' then i.available_stock <= i.reorder_point
  when 'OUT' then i.available_stock <= 0
  when 'OVERSTOCK' then i.total_stock > i.max_stock_threshold
end"""
_RAISE: Final = f"""
insert into stock_alerts (id, company_id, inventory_id, kind, raised_at)
select c.id, i.company_id, i.id, c.kind, {{4}}
from unnest({{1}}::uuid[], {{2}}::uuid[], {{3}}::stock_alert_kind[]) as c (id, inventory_id, kind)
join inventory_items i on i.company_id = {{0}} and i.id = c.inventory_id
where {HOLDS.replace("{kind}", "c.kind")} on conflict do nothing
"""
_RESOLVE: Final = f"""
update stock_alerts a set resolved_at = {{2}} from inventory_items i
where a.company_id = {{0}} and a.inventory_id = any({{1}}::uuid[]) and a.resolved_at is null
  and a.kind in ('LOW', 'OUT', 'OVERSTOCK') and i.company_id = {{0}} and i.id = a.inventory_id
  and ({HOLDS.replace("{kind}", "a.kind")}) is not true
"""


def record(tx: Tx, crossings: Sequence[Crossing]) -> None:
    """Raise and resolve the alerts of crossed limits, with the last statement of the transaction."""
    now = tx.clock.now()
    raised: list[tuple[Crossing, StockAlertKind]] = [(each, kind) for each in crossings for kind in each.begun]
    if raised:
        ids, items = [new_id() for _ in raised], [each.item_id for each, _ in raised]
        tx.defer(Sql(_RAISE, (tx.company_id, ids, items, [kind for _, kind in raised], now)))
    if ended := [each.item_id for each in crossings if each.ended]:
        tx.defer(Sql(_RESOLVE, (tx.company_id, ended, now)))
