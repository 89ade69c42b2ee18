"""Receipts and inspections: the goods of returns come, and are sold again or written off."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

from domains.inventory.models import MovementType, StockLine
from domains.inventory.movements import LevelKey
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.prisma.statements import Statement
from domains.kernel.validation import collect_errors, rename_fields
from domains.order.fulfilment.contents import read_contents
from domains.order.returned_units.returned_units import record_returned
from domains.returns import changes, data, statuses
from domains.returns.errors import MoreThanApproved, MoreThanReceived
from domains.returns.events import ReturnedUnits, ReturnInspected, ReturnReceived
from domains.returns.models import InspectedUnits, ReceivedUnits, ReturnItem, ReturnRequest, ReturnStatus
from domains.returns.processing import locked_returns
from domains.returns.processing.locked_returns import LockedReturn, at_line
from domains.returns.refunds.progress import RefundProgress

# Goods of a PROCESSED return come late when they were refunded before.
RECEIVABLE = statuses.UNDER_WAY | {ReturnStatus.RECEIVED, ReturnStatus.PROCESSED}
INSPECTABLE = RECEIVABLE | {ReturnStatus.CLOSED}
NO_FIELDS: Any = {}
# What changes of stock name, and what the lines of an inspection call it.
NAMES: Final = {"sku": "return_item_id", "quantity": "restocked"}
InspectedLine: TypeAlias = tuple[int, InspectedUnits, ReturnItem]
"""A line with its position, and its item."""


class Receipts:
    """Records the goods of returns that came. Money is refunded apart from them."""

    def __init__(self, inventory: InventoryService, progress: RefundProgress, clock: Clock) -> None:
        self._inventory = inventory
        self._progress = progress
        self._clock = clock

    async def receive(
        self, tx: Tx, actor: Actor, request_id: UUID, lines: Sequence[ReceivedUnits], *, is_complete: bool = False
    ) -> ReturnRequest:
        """Record units that came, which the order counts as returned; `is_complete` when no more will come.

        The request is RECEIVED when all approved units have come or no more will; before that it is IN_TRANSIT.
        Raises ReturnRequestNotFound, ReturnNotAllowed, and of all lines at once Required, DuplicateValue,
        ReturnItemNotFound, OutOfRange, MoreThanApproved; then UnitsNotDelivered. Nine statements, six more when
        units were refunded before: then nothing may be left to refund. Emits ReturnReceived and OrderStatusChanged.
        """
        locked = await locked_returns.lock(tx, actor, request_id)
        locked.require(RECEIVABLE, "Only approved goods can be received.")
        came = _received(lines, locked.items)
        now, request = self._clock.now(), locked.request
        received = {item.id: item.received + came.get(item.id, 0) for item in locked.items}
        is_complete = is_complete or all(received[item.id] >= item.approved for item in locked.items)
        facts: data.ReturnRequestUpdate = {"in_transit_at": request.in_transit_at or now}
        if is_complete:
            facts["received_at"] = request.received_at or now
        alongside: list[Statement] = [
            data.return_item.alteration(tx, where={"id": item_id}, data={"received": received[item_id]})
            for item_id in came
        ]
        changed = await changes.record(tx, actor, request, facts, alongside=alongside)
        units = {item.order_item_id: came[item.id] for item in locked.items if item.id in came}
        await record_returned(tx, actor, locked.order, units)
        if any(item.refunded for item in locked.items):
            changed, _ = await self._progress.follow(tx, actor, request.id)
        tx.emit(
            ReturnReceived(
                return_request_id=request.id,
                rma_number=request.rma_number,
                order_id=request.order_id,
                lines=_units(locked.items, came),
                is_complete=is_complete,
            )
        )
        return changed

    async def inspect(self, tx: Tx, actor: Actor, request_id: UUID, lines: Sequence[InspectedUnits]) -> ReturnRequest:
        """Record what became of received units: restocked ones enter the stock of a warehouse, others are damaged.

        Damaged units are written off without a movement: they left the stock when they were sold. Units enter the
        stock of their product's present SKU; those whose stock is not counted enter none. Raises
        ReturnRequestNotFound, ReturnNotAllowed, of all lines at once Required, DuplicateValue, ReturnItemNotFound,
        OutOfRange and MoreThanReceived; then as `Ledger.change`, with the paths of the lines. Twelve statements at
        most. Emits ReturnInspected, and as `record_movement`.
        """
        locked = await locked_returns.lock(tx, actor, request_id)
        locked.require(INSPECTABLE, "Receive its goods first.")
        inspected = _inspected(lines, locked.items)
        request = locked.request
        alongside: list[Statement] = [_alteration(tx, line, item) for _, line, item in inspected]
        changed = await changes.record(tx, actor, request, NO_FIELDS, alongside=alongside)
        restocked = {item.id: line.restocked for _, line, item in inspected if line.restocked}
        if restocked:
            await self._restock(tx, locked, inspected)
        tx.emit(
            ReturnInspected(
                return_request_id=request.id,
                rma_number=request.rma_number,
                order_id=request.order_id,
                restocked=_units(locked.items, restocked),
                damaged=_units(locked.items, {item.id: line.damaged for _, line, item in inspected if line.damaged}),
            )
        )
        return changed

    async def _restock(self, tx: Tx, locked: LockedReturn, inspected: Sequence[InspectedLine]) -> None:
        """Put restocked units into stock; the path of an error is that of the first line with its SKU there."""
        request, default = locked.request, await self._place(tx, locked.request.id)
        contents = await read_contents(tx, locked.order)
        units, positions = Counter[LevelKey](), dict[LevelKey, int]()
        for position, line, item in inspected:
            for sku, number in contents.counted({item.order_item_id: line.restocked}).items():
                level = (sku, line.warehouse_id or default)
                units[level] += number
                if number:
                    positions.setdefault(level, position)
        stock = [StockLine(sku, number, place) for (sku, place), number in units.items() if number]
        if not stock:
            return
        with rename_fields(_path_in(list(positions.values()))):
            await self._inventory.ledger.change(
                tx, stock, movement_type=MovementType.RETURN, reference=request.rma_number
            )

    async def _place(self, tx: Tx, request_id: UUID) -> UUID | None:
        """The warehouse of the authorization."""
        authorization = await data.return_authorization.find_unique(tx, return_request_id=request_id)
        return None if authorization is None else authorization.warehouse_id


def _received(lines: Sequence[ReceivedUnits], items: Sequence[ReturnItem]) -> dict[UUID, int]:
    """The units of each item that came now. Raises, of all lines at once, as `receive`."""
    came: dict[UUID, int] = {}
    with collect_errors() as each:
        for position, line, item in locked_returns.by_item(lines, items):
            with each, at_line(position):
                if line.received < 1:
                    raise OutOfRange("The number of units must be at least 1.", field=("received",))
                if line.received > item.approved - item.received:
                    raise MoreThanApproved(line.received, item.approved - item.received)
                came[item.id] = line.received
    return came


def _inspected(lines: Sequence[InspectedUnits], items: Sequence[ReturnItem]) -> list[InspectedLine]:
    """The lines with their positions and items. Raises, of all lines at once, as `inspect`."""
    found: list[InspectedLine] = []
    with collect_errors() as each:
        for position, line, item in locked_returns.by_item(lines, items):
            with each, at_line(position):
                units = line.restocked + line.damaged
                if line.restocked < 0 or line.damaged < 0 or not units:
                    raise OutOfRange("Enter at least one unit, and no negative number.", field=("restocked",))
                left = item.received - item.restocked - item.damaged
                if units > left:
                    raise MoreThanReceived(units, left)
                found.append((position, line, item))
    return found


def _path_in(positions: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    """Turns the paths of changes of stock, which are of lines at these positions, into paths of the lines."""

    def path(field: Sequence[str]) -> Sequence[str]:
        _, index, name = field
        return ("lines", str(positions[int(index)]), NAMES.get(name, name))

    return path


def _alteration(tx: Tx, line: InspectedUnits, item: ReturnItem) -> Statement:
    changed: data.ReturnItemUpdate = {
        "restocked": item.restocked + line.restocked,
        "damaged": item.damaged + line.damaged,
        "condition": line.condition or item.condition,
    }
    return data.return_item.alteration(tx, where={"id": item.id}, data=changed)


def _units(items: Sequence[ReturnItem], units: dict[UUID, int]) -> list[ReturnedUnits]:
    return [{"sku": item.product_sku, "quantity": units[item.id]} for item in items if item.id in units]
