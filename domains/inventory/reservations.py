"""Reservations of stock for orders: created, released or confirmed as sold. Each reserved unit belongs to one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.inventory import data, movements, sql
from domains.inventory.allocation import held_units, reserve_sql
from domains.inventory.allocation.policy import AllocationRequest, allocate
from domains.inventory.allocation.reserve_sql import NewBackorders
from domains.inventory.allocation.stock import lock_sources
from domains.inventory.backorders import sql as backorder_sql
from domains.inventory.backorders.arrivals import settle
from domains.inventory.errors import AllocationOutdated, NotReserved, OrderAwaitsStock
from domains.inventory.events import (
    BackorderCancelled,
    BackorderCreated,
    BackorderedUnits,
    ReservationEvent,
    SkuUnits,
    StockReleased,
    StockReserved,
    StockSold,
)
from domains.inventory.level_sql import lock_stock
from domains.inventory.models import (
    AllocatedLine,
    AllocationStrategy,
    InventoryItem,
    MovementType,
    Reservation,
    ReservationStatus,
    StockLine,
)
from domains.inventory.movements import (
    AppliedMovement,
    Entry,
    ItemChange,
    LevelKey,
    Movement,
    ReservedLine,
    changes_of,
    combined,
)
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import Part, PartRows

RELEASED: Final = ReservationStatus.RELEASED
CONFIRMED: Final = ReservationStatus.CONFIRMED
# For each status that ends a reservation: the type of the movement, and the units that become available per unit.
MOVEMENTS_BY_STATUS: Final = {
    RELEASED: (MovementType.RELEASE, 1),
    CONFIRMED: (MovementType.SALE, 0),
}


class Reservations:
    """Reserves units for orders, and releases or sells them."""

    async def reserve(
        self, tx: Tx, actor: Actor, lines: Sequence[StockLine], *, order_id: UUID, expires_at: datetime | None
    ) -> None:
        """Reserve units for an order, of every line or of none. One statement for any number of lines.

        A line without a warehouse is taken from the default one; when that has too few units, from all by three more
        statements. SKUs are locked in their order; untracked ones are skipped. `expires_at` is when the order expires
        and its units are released; None is never. Raises InsufficientStock with every SKU that is short, SkuNotFound,
        OutOfRange below one unit. Emits StockReserved, StockChanged, StockRanLow, StockRanOut.
        """
        reserving = self.reserving(tx, actor, lines, order_id=order_id, expires_at=expires_at)
        if reserving is not None:
            (rows,) = await fetch_parts(tx, [reserving.part])
            try:
                await reserving.finish(tx, rows)
            except AllocationOutdated:
                await self.reserve_anywhere(tx, reserving)

    async def reserve_anywhere(self, tx: Tx, outdated: "Reserving") -> None:
        """Reserve units that an outdated allocation did not find, in any active warehouses. Two statements.

        Raises and emits as `reserve`.
        """
        quantities: dict[str, int] = {}
        for (sku, _), quantity in outdated.quantities.items():
            quantities[sku] = quantities.get(sku, 0) + quantity
        stock = replace(await lock_sources(tx, quantities), backorder_room={})
        request = AllocationRequest(quantities, strategy=AllocationStrategy.PRIORITY)
        lines = allocate(request, stock).lines
        order_id, until = outdated.order_id, outdated.expires_at
        reserving = self.reserving(tx, outdated.actor, lines, order_id=order_id, expires_at=until)
        if reserving is not None:
            (rows,) = await fetch_parts(tx, [reserving.part])
            await reserving.finish(tx, rows)

    def reserving(
        self,
        tx: Tx,
        actor: Actor,
        lines: Sequence[StockLine | AllocatedLine],
        *,
        order_id: UUID,
        expires_at: datetime | None,
        backorders: NewBackorders | None = None,
    ) -> "Reserving | None":
        """The reservation of units in warehouses as a part of another domain's statement; None for no line.

        The order waits for the units of `backorders`. Raises OutOfRange.
        """
        quantities = movements.require_lines(lines)
        if not quantities and not backorders:
            return None
        entry = _entry(MovementType.RESERVATION, actor, order_id)
        part = reserve_sql.reserving(
            tx, quantities, entry, order_id=order_id, expires_at=expires_at, backorders=backorders
        )
        return Reserving(part, actor, order_id, expires_at, quantities, backorders)

    async def remove_expiry(self, tx: Tx, order_id: UUID) -> None:
        """Remove the expiry of the reservations of an order that was paid. Runs at the end of the transaction."""
        backorder_sql.set_expiry(tx, order_id, None)

    async def set_expiry(self, tx: Tx, order_id: UUID, expires_at: datetime) -> None:
        """Set when the reservations of an order expire. Runs at the end of the transaction."""
        backorder_sql.set_expiry(tx, order_id, expires_at)

    async def release(self, tx: Tx, actor: Actor, order_id: UUID, *, reason: str | None = None) -> None:
        """Release all reservations of an order, and cancel what it waits for. Idempotent.

        Orders that wait for the released units get them. Emits BackorderCancelled, StockReleased, StockChanged,
        BackInStock.
        """
        items = await sql.lock_reserved(tx, order_id)
        changes = list[ItemChange]()
        if ids := [item.id for item in items if item.backordered_units]:  # so that it gets none of its own units
            cancelled = await backorder_sql.cancel(tx, order_id, ids)
            changes = [ItemChange(item, backordered=-units) for item, units in cancelled]
            _emit_cancelled(tx, order_id, changes)
        applied = await _end_all(tx, actor, order_id, RELEASED, items, reason=reason)
        await _finish(tx, StockReleased, order_id, applied, changes)

    async def confirm(self, tx: Tx, actor: Actor, order_id: UUID) -> None:
        """Take all reserved units of an order out of stock, as sold. Idempotent. Emits StockSold.

        Raises OrderAwaitsStock for an order that waits for units.
        """
        items = await sql.lock_reserved(tx, order_id)
        is_awaited = any(item.backordered_units for item in items)
        if is_awaited and (awaited := await backorder_sql.awaited_units(tx, order_id)):
            raise OrderAwaitsStock(awaited)
        await _finish(tx, StockSold, order_id, await _end_all(tx, actor, order_id, CONFIRMED, items))

    async def drop(
        self, tx: Tx, actor: Actor, order_id: UUID, units: Mapping[str, int], kept: Mapping[LevelKey, int]
    ) -> None:
        """Release units of an order that it wants no more: first those that it waits for, then reserved ones.

        `units` are by SKU; the reserved units in `kept`, by SKU and warehouse, are packed and stay. A SKU of which
        the order has fewer is released as far as it has them: it was not tracked then. Two statements, one more for
        what it waits for, and up to three for each warehouse. Emits as `release`.
        """
        items = {item.id: item for item in (await lock_stock(tx, units)).rows}
        left = {item.id: units[item.sku] for item in items.values()}
        changes = list[ItemChange]()
        if waiting := {item.id: left[item.id] for item in items.values() if item.backordered_units}:
            for item, fewer in await backorder_sql.reduce(tx, order_id, waiting):
                left[item.id] -= fewer
                changes.append(ItemChange(item, backordered=-fewer))
        _emit_cancelled(tx, order_id, changes)
        where: data.ReservationWhere = {
            "order_id": order_id,
            "inventory_id": {"in": list(items)},
            "status": ReservationStatus.ACTIVE,
        }
        latest: list[data.ReservationOrder] = [{"created_at": "desc"}, {"id": "desc"}]
        ended = []
        for reservation in await data.reservation.find_many(tx, where=where, order_by=latest, lock=True):
            item_id, place = reservation.inventory_id, reservation.warehouse_id
            free = reservation.quantity - kept.get((items[item_id].sku, place), 0)
            if (number := min(left[item_id], free)) > 0:
                await _end_units(tx, reservation, number, RELEASED)
                ended.append((item_id, place, number))
                left[item_id] -= number
        applied = await _record_movements(tx, actor, order_id, RELEASED, ended, "Order edited")
        await _finish(tx, StockReleased, order_id, applied, changes)

    async def ship(self, tx: Tx, actor: Actor, order_id: UUID, units: Mapping[tuple[str, UUID], int]) -> None:
        """Take reserved units of an order, by SKU and warehouse, out of the stock, as sold.

        Three statements for any number of SKUs, none without. Raises NotReserved when fewer are reserved in a
        warehouse. Emits StockSold.
        """
        if not units:
            return
        items = await held_units.lock_items(tx, {sku for sku, _ in units})
        await held_units.sell(tx, order_id, units, items)
        sold = [(items[sku].id, place, number) for (sku, place), number in sorted(units.items())]
        applied = await _record_movements(tx, actor, order_id, CONFIRMED, sold, None)
        await _finish(tx, StockSold, order_id, applied)

    async def end_partially(self, tx: Tx, order_id: UUID, status: ReservationStatus, sku: str, quantity: int) -> None:
        """Release or sell reserved units of one SKU of an order, in one warehouse after the other.

        Emits as `release` and `confirm`. Raises NotReserved when fewer are reserved.
        """
        (((sku, _), quantity),) = movements.require_lines([StockLine(sku, quantity)]).items()
        items = (await lock_stock(tx, [sku])).rows
        where: data.ReservationWhere = {
            "order_id": order_id,
            "inventory_id": {"in": [item.id for item in items]},
            "status": ReservationStatus.ACTIVE,
        }
        order: list[data.ReservationOrder] = [{"created_at": "asc"}, {"id": "asc"}]
        reservations = await data.reservation.find_many(tx, where=where, order_by=order, lock=True)
        reserved = sum(reservation.quantity for reservation in reservations)
        if reserved < quantity:
            raise NotReserved(sku, quantity, reserved)
        ended, left = [], quantity
        for reservation in reservations:
            if units := min(reservation.quantity, left):
                await _end_units(tx, reservation, units, status)
                ended.append((reservation.inventory_id, reservation.warehouse_id, units))
                left -= units
        applied = await _record_movements(tx, tx.actor, order_id, status, ended, None)
        await _finish(tx, StockReleased if status is RELEASED else StockSold, order_id, applied)


@dataclass(frozen=True, slots=True)
class Reserving:
    """A reservation as a part of a statement."""

    part: Part
    actor: Actor
    order_id: UUID
    expires_at: datetime | None
    quantities: Mapping[LevelKey, int]
    backorders: NewBackorders | None = None

    async def finish(self, tx: Tx, rows: PartRows) -> None:
        """Check what the part returned, and emit.

        Raises SkuNotFound, InsufficientStock: then all is rolled back. Raises AllocationOutdated when the SKUs have
        enough units, but not in these warehouses or not for backorders: nothing is reserved, and the caller allocates
        again from `lock_sources`, or calls `reserve_anywhere`.
        """
        lines = reserve_sql.reserved_lines(rows)
        applied = movements.require_reservable(lines)
        await _finish(tx, StockReserved, self.order_id, applied, self._backordered(tx, lines))

    def _backordered(self, tx: Tx, lines: Iterable[ReservedLine]) -> list[ItemChange]:
        """The changes of items by the backorders. Emits BackorderCreated."""
        if not self.backorders:
            return []
        items = {line.sku: line.item for line in lines if line.item}
        changes = [ItemChange(items[sku], backordered=units) for sku, units in self.backorders.units.items()]
        units: list[BackorderedUnits] = [
            {
                "sku": change.item.sku,
                "product_id": change.item.product_id,
                "quantity": change.backordered,
                "kind": change.item.backorder_kind.value,
                "promised_at": change.item.promised_at,
            }
            for change in combined(changes)
        ]
        tx.emit(BackorderCreated(order_id=self.order_id, lines=units))
        return changes


async def _end_units(tx: Tx, reservation: Reservation, units: int, status: ReservationStatus) -> None:
    """End a reservation, or a part of it, which becomes a reservation of its own."""
    if units == reservation.quantity:
        await data.reservation.update(tx, id=reservation.id, data={"status": status})
        return
    await data.reservation.update(tx, id=reservation.id, data={"quantity": reservation.quantity - units})
    await data.reservation.create(
        tx,
        {
            "inventory_id": reservation.inventory_id,
            "warehouse_id": reservation.warehouse_id,
            "order_id": reservation.order_id,
            "quantity": units,
            "status": status,
        },
    )


async def _end_all(
    tx: Tx,
    actor: Actor,
    order_id: UUID,
    status: ReservationStatus,
    items: Sequence[InventoryItem],
    *,
    reason: str | None = None,
) -> list[AppliedMovement]:
    """Release or sell all reserved units of an order, whose items are locked. Two statements, none without items."""
    if not items:
        return []
    units = await sql.end_reservations(tx, order_id, items, status)
    return await _record_movements(tx, actor, order_id, status, units, reason)


async def _record_movements(
    tx: Tx,
    actor: Actor,
    order_id: UUID,
    status: ReservationStatus,
    units: Iterable[tuple[UUID, UUID, int]],
    reason: str | None,
) -> list[AppliedMovement]:
    movement_type, available_per_unit = MOVEMENTS_BY_STATUS[status]
    applicable: Sequence[Movement] = [
        Movement(item_id, warehouse_id, available_per_unit * quantity, -quantity)
        for item_id, warehouse_id, quantity in units
    ]
    if not applicable:
        return []
    return await sql.move(tx, applicable, _entry(movement_type, actor, order_id, reason))


async def _finish(
    tx: Tx,
    event: type[ReservationEvent],
    order_id: UUID,
    applied: Sequence[AppliedMovement],
    changes: Sequence[ItemChange] = (),
) -> None:
    if applied:
        lines: list[SkuUnits] = [
            {"sku": change.item.sku, "product_id": change.item.product_id, "quantity": change.quantity}
            for change in changes_of(applied)
        ]
        tx.emit(event(order_id=order_id, lines=lines))
    if applied or changes:
        await settle(tx, applied, changes)


def _emit_cancelled(tx: Tx, order_id: UUID, changes: Sequence[ItemChange]) -> None:
    lines: list[SkuUnits] = [
        {"sku": change.item.sku, "product_id": change.item.product_id, "quantity": -change.backordered}
        for change in combined(changes)
    ]
    if lines:
        tx.emit(BackorderCancelled(order_id=order_id, lines=lines))


def _entry(movement_type: MovementType, actor: Actor, order_id: UUID, reason: str | None = None) -> Entry:
    return Entry.of(movement_type, reason, str(order_id), actor)
