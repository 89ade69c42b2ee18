"""What follows movements of stock: waiting orders get the units that came in, and events tell of the changes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from domains.inventory.alerts import emission
from domains.inventory.allocation.stock import sources_part, stock_of
from domains.inventory.backorders import sql
from domains.inventory.backorders.fills import Filling, fillings
from domains.inventory.events import (
    BackInStock,
    BackorderAllocated,
    SkuUnits,
    StockChanged,
    StockedSku,
    StockReserved,
)
from domains.inventory.models import InventoryItem
from domains.inventory.movements import AppliedMovement, ItemChange, combined
from domains.kernel.database import Tx
from domains.kernel.prisma.runtime import fetch_parts


async def settle(
    tx: Tx, applied: Sequence[AppliedMovement], changed: Iterable[ItemChange] = ()
) -> list[AppliedMovement]:
    """Reserve units that came in for the orders that wait for them, and emit; the movements with the items after.

    Called after each movement of locked items, and with other changes of them that came before it. The oldest order
    is filled first. No statement unless units of a backordered SKU came in, then two. Emits StockReserved and
    BackorderAllocated for each filled order, StockChanged, BackInStock, and as `emit_changes`.
    """
    moves = [move.change for move in applied]
    waited_for = [move.item for move in moves if move.available > 0 and move.item.backordered_units]
    filled = await fill(tx, waited_for) if waited_for else []
    emit_changes(tx, combined([*changed, *moves, *filled]))
    latest = {change.item.id: change.item for change in filled}
    return [replace(move, item=latest.get(move.item.id, move.item)) for move in applied]


async def fill(tx: Tx, items: Iterable[InventoryItem]) -> list[ItemChange]:
    """Reserve free units of locked items for the orders that wait for them; the changes of the items.

    Two statements, one if there are none that the orders can get. Emits StockReserved and BackorderAllocated.
    """
    by_sku, changes = {item.sku: item for item in items}, list[ItemChange]()
    while True:
        waiting, free = await fetch_parts(
            tx, [sql.waiting_part(tx, [item.id for item in by_sku.values()]), sources_part(tx, by_sku)]
        )
        stock, orders = stock_of(free), sql.waiting_of(waiting)
        free_by_item = {by_sku[sku].id: levels for sku, levels in stock.free.items()}
        filled = fillings(orders, stock.sources, free_by_item)
        if not filled:
            return changes
        moves = await sql.fill(tx, filled)
        changes += [replace(move.change, backordered=-move.entry.reserved_delta) for move in moves]
        _emit_filled(tx, filled, {item.id: item for item in by_sku.values()})
        if len(orders) < sql.MAX_FILLED:
            return changes


def _emit_filled(tx: Tx, filled: Iterable[Filling], items: dict[UUID, InventoryItem]) -> None:
    for order_id, of_order in groupby(sorted(filled, key=_by_order), key=lambda each: each.waiting.order_id):
        lines: dict[UUID, SkuUnits] = {}
        last = set[UUID]()
        for each in of_order:
            item = items[each.waiting.inventory_id]
            line = lines.setdefault(item.id, {"sku": item.sku, "product_id": item.product_id, "quantity": 0})
            line["quantity"] += each.units
            if each.is_last:
                last.add(item.id)
        units = sorted(lines.values(), key=lambda line: line["sku"])
        tx.emit(StockReserved(order_id=order_id, lines=units))
        complete = sorted(items[item_id].sku for item_id in last)
        tx.emit(BackorderAllocated(order_id=order_id, lines=units, complete_skus=complete))


def _by_order(filling: Filling) -> UUID:
    return filling.waiting.order_id


def emit_changes(tx: Tx, changes: Sequence[ItemChange]) -> None:
    """Emit StockChanged for items that can be bought now and could not before, or no longer, or came into stock.

    And BackInStock for those that came into stock, and the events of `alerts.emission` for limits that were crossed,
    with their alerts. All events of a batch name its first item by SKU, so that they are delivered in this order.
    """
    if not changes:
        return
    first_item_id = changes[0].item.id
    crossed = [change.item for change in changes if change.crossed_zero]
    if crossed:
        products = sorted({item.product_id for item in crossed})
        tx.emit(StockChanged(first_item_id=first_item_id, product_ids=products, skus=[item.sku for item in crossed]))
    back = [change.item for change in changes if change.is_back]
    if back:
        items: list[StockedSku] = [
            {"sku": item.sku, "product_id": item.product_id, "variant_id": item.variant_id} for item in back
        ]
        tx.emit(BackInStock(first_item_id=first_item_id, items=items))
    emission.emit(tx, first_item_id, [change.crossing for change in changes])
