"""Stock transfers: units that are moved from one warehouse to another, received in parts, lost, or returned."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from domains.catalog.variants.skus import Skus
from domains.inventory import data
from domains.inventory.documents import postings
from domains.inventory.documents.lines import stock_of
from domains.inventory.documents.numbers import next_number
from domains.inventory.errors import InsufficientStock, Shortage
from domains.inventory.models import MovementType, StockDocument
from domains.inventory.movements import Entry
from domains.inventory.transfers import states, validation
from domains.inventory.transfers.errors import StockTransferNotFound
from domains.inventory.transfers.events import (
    ReceivedUnits,
    StockTransferCancelled,
    StockTransferCreated,
    StockTransferReceived,
    StockTransferShipped,
    StockTransferUpdated,
    TransferredUnits,
)
from domains.inventory.transfers.listing import TransferListing
from domains.inventory.transfers.models import (
    NewStockTransfer,
    ReceivedLine,
    StockTransfer,
    StockTransferChanges,
    StockTransferStatus,
)
from domains.inventory.transfers.states import TransferAction
from domains.inventory.warehouses.sql import require_active
from domains.kernel.database import Tx
from domains.kernel.validation import collect_errors

_SHIP_LINES: Final = "update stock_transfer_lines set shipped = quantity where company_id = $1 and transfer_id = $2"
_RETURN_LINES: Final = "update stock_transfer_lines set returned = shipped where company_id = $1 and transfer_id = $2"
_RECORD_RECEIPT: Final = """
update stock_transfer_lines l set received = l.received + r.received, lost = l.lost + r.lost,
  lost_reason = r.lost_reason
from unnest($2::uuid[], $3::int[], $4::int[], $5::text[]) as r (id, received, lost, lost_reason)
where l.company_id = $1 and l.id = r.id
"""
FIELDS: Final = ("reference", "note", "expected_on")


class StockTransfers:
    """Moves units between the warehouses of a company.

    Every change locks the transfer first, then its items in the order of SKUs, then their levels.
    """

    def __init__(self, skus: Skus) -> None:
        self._skus = skus
        self.listing = TransferListing()

    async def create(self, tx: Tx, new: NewStockTransfer) -> StockTransfer:
        """Draft a transfer; nothing moves yet.

        Raises, for all fields at once, LinesMissing, TooMany, DuplicateValue, OutOfRange, Required and TooLong for
        lines and texts, SkuNotFound, SameWarehouse, WarehouseNotFound, and WarehouseInactive. Emits
        StockTransferCreated.
        """
        with collect_errors() as each:
            with each:
                texts = validation.texts_of({"reference": new.reference, "note": new.note})
            with each:
                validation.require_two_warehouses(new)
            with each:
                await require_active(
                    tx,
                    {
                        new.from_warehouse_id: ("from_warehouse_id",),
                        new.to_warehouse_id: ("to_warehouse_id",),
                    },
                )
            with each:
                items = await self._items(tx, new.lines)
        row: Any = {
            "number": await next_number(tx, StockDocument.TRANSFER),
            "from_warehouse_id": new.from_warehouse_id,
            "to_warehouse_id": new.to_warehouse_id,
            "expected_on": new.expected_on,
            **texts,
        }
        transfer = await data.stock_transfer.create(tx, row)
        await data.stock_transfer_line.create_many(tx, validation.line_rows(transfer.id, items))
        tx.emit(
            StockTransferCreated(
                transfer_id=transfer.id,
                number=transfer.number,
                from_warehouse_id=transfer.from_warehouse_id,
                to_warehouse_id=transfer.to_warehouse_id,
            )
        )
        return transfer

    async def update(self, tx: Tx, transfer_id: UUID, changes: StockTransferChanges) -> StockTransfer:
        """Change a transfer; absent fields do not change, and `lines` replaces all lines.

        The lines of a draft can change; its texts and date until all units have arrived. Raises
        StockTransferNotFound, StockTransferNotEditable, and as `create`. Emits StockTransferUpdated when anything
        changes.
        """
        current = await self._lock(tx, transfer_id)
        if "lines" in changes or current.status not in states.OPEN:
            states.require_transition(current.number, current.status, TransferAction.EDIT)
        items: list[tuple[UUID, int]] | None = None
        with collect_errors() as each:
            with each:
                row: dict[str, Any] = validation.texts_of(changes)
            with each:
                if "lines" in changes:
                    items = await self._items(tx, changes["lines"])
        if "expected_on" in changes:
            row["expected_on"] = changes["expected_on"]
        changed: list[str] = [name for name in FIELDS if name in row and row[name] != getattr(current, name)]
        if items is not None and items != await self._stored(tx, transfer_id):
            await data.stock_transfer_line.delete_many(tx, where={"transfer_id": transfer_id})
            await data.stock_transfer_line.create_many(tx, validation.line_rows(transfer_id, items))
            changed.append("lines")
        if not changed:
            return current
        written: Any = {name: row[name] for name in FIELDS if name in row} | {"updated_at": tx.clock.now()}
        tx.emit(StockTransferUpdated(transfer_id=transfer_id, number=current.number, changed=sorted(changed)))
        return await data.stock_transfer.update(tx, id=transfer_id, data=written)

    async def ship(self, tx: Tx, transfer_id: UUID) -> StockTransfer:
        """Take the units of a draft out of the available stock of the source; they are under way.

        Raises StockTransferNotFound, StockTransferNotShippable, WarehouseInactive, and InsufficientStock with all
        SKUs of which the source has too few available units. Emits StockTransferShipped and as `record_movement`.
        """
        transfer = await self._lock(tx, transfer_id)
        states.require_transition(transfer.number, transfer.status, TransferAction.SHIP)
        await require_active(tx, dict.fromkeys((transfer.from_warehouse_id, transfer.to_warehouse_id), ("id",)))
        lines = await self.listing.lines(tx, transfer_id)
        stock = await postings.lock(tx, [line.inventory_id for line in lines], transfer.from_warehouse_id)
        shortages = [
            Shortage(stock.sku(line.inventory_id), line.quantity, stock.available(line.inventory_id))
            for line in lines
            if stock.available(line.inventory_id) < line.quantity
        ]
        if shortages:
            raise InsufficientStock(*sorted(shortages, key=lambda each: each.sku), field=("id",))
        units = {line.inventory_id: -line.quantity for line in lines}
        await postings.change(tx, stock, units, _entry(tx, MovementType.TRANSFER_OUT, transfer))
        await tx.execute(_SHIP_LINES, tx.company_id, transfer_id)
        tx.emit(
            StockTransferShipped(
                transfer_id=transfer_id,
                number=transfer.number,
                from_warehouse_id=transfer.from_warehouse_id,
                to_warehouse_id=transfer.to_warehouse_id,
                lines=[{"sku": stock.sku(line.inventory_id), "quantity": line.quantity} for line in lines],
            )
        )
        return await self._set(tx, transfer_id, states.IN_TRANSIT, shipped_at=tx.clock.now())

    async def receive(self, tx: Tx, transfer_id: UUID, lines: Sequence[ReceivedLine] | None = None) -> StockTransfer:
        """Add units that arrived to the available stock of the destination, and record lost ones with a reason.

        Without `lines` all units that are under way have arrived. Raises, for all lines at once,
        StockTransferNotFound, StockTransferNotReceivable, SkuNotInTransfer, MoreThanUnderWay, StockLimitExceeded, and
        as `validation.received_units`. Emits StockTransferReceived and as `record_movement`.
        """
        given = None if lines is None else validation.received_units(lines)
        transfer = await self._lock(tx, transfer_id)
        states.require_transition(transfer.number, transfer.status, TransferAction.RECEIVE)
        stored = await self.listing.lines(tx, transfer_id)
        to = transfer.to_warehouse_id
        stock = await postings.lock(tx, [line.inventory_id for line in stored], to)
        by_sku = {stock.sku(line.inventory_id): line for line in stored}
        receipts = validation.receipts_of(by_sku, given)
        entry = _entry(tx, MovementType.TRANSFER_IN, transfer)
        arrived = {receipt.line.inventory_id: receipt.received for receipt in receipts if receipt.received}
        await postings.change(tx, stock, arrived, entry)
        await self._record(tx, receipts)
        status = states.received_status(await self.listing.lines(tx, transfer_id))
        units: list[ReceivedUnits] = [
            {"sku": receipt.sku, "received": receipt.received, "lost": receipt.lost} for receipt in receipts
        ]
        is_complete = status is states.RECEIVED
        tx.emit(
            StockTransferReceived(
                transfer_id=transfer_id,
                number=transfer.number,
                to_warehouse_id=to,
                lines=units,
                is_complete=is_complete,
            )
        )
        return await self._set(tx, transfer_id, status, **({"received_at": tx.clock.now()} if is_complete else {}))

    async def cancel(self, tx: Tx, transfer_id: UUID) -> StockTransfer:
        """Cancel a transfer of which nothing was received; units under way return to the source as available.

        Raises StockTransferNotFound, StockTransferNotCancellable, StockLimitExceeded. Emits StockTransferCancelled
        and as `record_movement`.
        """
        transfer = await self._lock(tx, transfer_id)
        states.require_transition(transfer.number, transfer.status, TransferAction.CANCEL)
        returned: list[TransferredUnits] = []
        if transfer.status in states.UNDER_WAY:
            lines = await self.listing.lines(tx, transfer_id)
            stock = await postings.lock(tx, [line.inventory_id for line in lines], transfer.from_warehouse_id)
            units = {line.inventory_id: line.quantity for line in lines}
            await postings.change(tx, stock, units, _entry(tx, MovementType.TRANSFER_IN, transfer))
            await tx.execute(_RETURN_LINES, tx.company_id, transfer_id)
            returned = [{"sku": stock.sku(item_id), "quantity": quantity} for item_id, quantity in units.items()]
        tx.emit(StockTransferCancelled(transfer_id=transfer_id, number=transfer.number, returned=returned))
        return await self._set(tx, transfer_id, states.CANCELLED, cancelled_at=tx.clock.now())

    async def _items(self, tx: Tx, lines: Sequence[Any]) -> list[tuple[UUID, int]]:
        """The items and units of lines, in their order."""
        quantities = validation.quantities_of(lines)
        stock = await stock_of(self._skus, tx, quantities)
        return [(stock[sku].item.id, quantity) for sku, quantity in quantities.items()]

    async def _stored(self, tx: Tx, transfer_id: UUID) -> list[tuple[UUID, int]]:
        return [(line.inventory_id, line.quantity) for line in await self.listing.lines(tx, transfer_id)]

    async def _record(self, tx: Tx, receipts: Sequence[validation.Receipt]) -> None:
        """Add the receipts to their lines. One statement."""
        await tx.execute(
            _RECORD_RECEIPT,
            tx.company_id,
            [receipt.line.id for receipt in receipts],
            [receipt.received for receipt in receipts],
            [receipt.lost for receipt in receipts],
            [validation.joined_reasons(receipt.line.lost_reason, receipt.lost_reason) for receipt in receipts],
        )

    async def _lock(self, tx: Tx, transfer_id: UUID) -> StockTransfer:
        transfer = await data.stock_transfer.find_unique(tx, id=transfer_id, lock=True)
        if transfer is None:
            raise StockTransferNotFound
        return transfer

    async def _set(self, tx: Tx, transfer_id: UUID, status: StockTransferStatus, **times: Any) -> StockTransfer:
        changes: Any = {"status": status, **times}
        return await data.stock_transfer.update(tx, id=transfer_id, data=changes)


def _entry(tx: Tx, movement_type: MovementType, transfer: StockTransfer) -> Entry:
    return Entry.of(movement_type, None, transfer.number, tx.actor)
