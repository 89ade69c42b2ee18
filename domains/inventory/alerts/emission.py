"""The events of crossed limits, and their alerts."""

from collections.abc import Sequence
from uuid import UUID

from domains.inventory.alerts import sql
from domains.inventory.alerts.crossings import LOW, OUT, OVERSTOCK, Crossing, begun
from domains.inventory.alerts.events import StockOverstocked, StockRanOut
from domains.inventory.events import StockRanLow
from domains.kernel.database import Tx


def emit(tx: Tx, first_item_id: UUID, crossings: Sequence[Crossing]) -> None:
    """Emit StockRanLow, StockRanOut and StockOverstocked for limits that locked items crossed, once per crossing.

    The alerts are raised and resolved with the last statement of the transaction. `first_item_id` is the first item
    of the batch by SKU.
    """
    if low := begun(crossings, LOW):
        tx.emit(StockRanLow(first_item_id=first_item_id, skus=low))
    if out := begun(crossings, OUT):
        tx.emit(StockRanOut(first_item_id=first_item_id, skus=out))
    if over := begun(crossings, OVERSTOCK):
        tx.emit(StockOverstocked(first_item_id=first_item_id, skus=over))
    sql.record(tx, crossings)
