"""Units set aside for orders: reserved, freed again or sold; each reserved unit has a reservation behind it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.inventory import data, movements, sql
from domains.inventory.errors import NotReserved
from domains.inventory.ledger import emit_changes
from domains.inventory.models import MovementType, ReservationStatus, StockLine
from domains.inventory.movements import AppliedMovement, Entry, Movement
from domains.kernel.actor import Actor
from domains.kernel.database import Tx

# What ends a reservation: the ledger's word for it, and what becomes of a unit's place among the free ones.
ENDS: Final = {
    ReservationStatus.RELEASED: (MovementType.RELEASE, 1),
    ReservationStatus.CONFIRMED: (MovementType.SALE, 0),
}


class Reservations:
    """Reserves units for orders, and releases or sells them."""

    async def reserve(
        self, tx: Tx, actor: Actor, lines: Sequence[StockLine], *, order_id: UUID, expires_at: datetime | None
    ) -> None:
        """Reserve units for an order, of every line or of none. One statement for any number of lines.

        SKUs are locked in their order; untracked ones are skipped. `expires_at` is when the order is to be ended and
        the units released; None is never. Raises InsufficientStock with every SKU that is short,
        SkuNotFound, InvalidInput. Emits StockChanged, StockRanLow.
        """
        wanted = movements.require_lines(lines)
        if not wanted:
            return
        entry = _entry(MovementType.RESERVATION, actor, order_id)
        lines_of_skus = await sql.reserve(tx, wanted, entry, order_id=order_id, expires_at=expires_at)
        emit_changes(tx, movements.require_reserved(lines_of_skus, wanted))

    async def keep(self, tx: Tx, order_id: UUID) -> None:
        """Remove the expiry of what an order has reserved, at the end of `tx`: it was paid."""
        where: data.ReservationWhere = {"order_id": order_id, "status": ReservationStatus.ACTIVE}
        tx.defer(data.reservation.alteration(tx, where=where, data={"expires_at": None}))

    async def expire_at(self, tx: Tx, order_id: UUID, until: datetime) -> None:
        """Change when the reservations of an order expire, at the end of `tx`."""
        where: data.ReservationWhere = {"order_id": order_id, "status": ReservationStatus.ACTIVE}
        tx.defer(data.reservation.alteration(tx, where=where, data={"expires_at": until}))

    async def release(self, tx: Tx, actor: Actor, order_id: UUID, *, reason: str | None = None) -> None:
        """Release everything that an order has reserved; the second call changes nothing. Emits StockChanged."""
        emit_changes(tx, await _end(tx, actor, order_id, ReservationStatus.RELEASED, reason=reason))

    async def confirm(self, tx: Tx, actor: Actor, order_id: UUID) -> None:
        """Take everything that an order has reserved out of stock, as sold; the second call changes nothing."""
        emit_changes(tx, await _end(tx, actor, order_id, ReservationStatus.CONFIRMED))

    async def end_part(self, tx: Tx, order_id: UUID, status: ReservationStatus, sku: str, quantity: int) -> None:
        """Free or sell some units of one SKU that an order holds. Raises NotReserved when it holds fewer."""
        ((sku, quantity),) = movements.require_lines([StockLine(sku, quantity)]).items()
        items = await sql.lock_stocked(tx, [sku])
        reservation = await data.reservation.find_first(
            tx,
            where={
                "order_id": order_id,
                "inventory_id": {"in": [item.id for item in items]},
                "status": ReservationStatus.ACTIVE,
            },
            lock=True,
        )
        held = reservation.quantity if reservation else 0
        if reservation is None or held < quantity:
            raise NotReserved(sku, quantity, held)
        if held == quantity:
            await data.reservation.update(tx, id=reservation.id, data={"status": status})
        else:
            await data.reservation.update(tx, id=reservation.id, data={"quantity": held - quantity})
            await data.reservation.create(
                tx,
                {
                    "inventory_id": reservation.inventory_id,
                    "order_id": order_id,
                    "quantity": quantity,
                    "status": status,
                },
            )
        applied = await _move_out(tx, tx.actor, order_id, status, [(reservation.inventory_id, quantity)], None)
        emit_changes(tx, applied)


async def _end(
    tx: Tx, actor: Actor, order_id: UUID, status: ReservationStatus, *, reason: str | None = None
) -> list[AppliedMovement]:
    """Free or sell everything that an order holds; nothing when it holds nothing any more. Three statements."""
    items = await sql.lock_reserved(tx, order_id)
    if not items:
        return []
    units = await sql.end_reservations(tx, order_id, items, status)
    return await _move_out(tx, actor, order_id, status, units.items(), reason)


async def _move_out(
    tx: Tx,
    actor: Actor,
    order_id: UUID,
    status: ReservationStatus,
    units: Iterable[tuple[UUID, int]],
    reason: str | None,
) -> list[AppliedMovement]:
    kind, freed = ENDS[status]
    moving: Sequence[Movement] = [Movement(item_id, freed * quantity, -quantity) for item_id, quantity in units]
    if not moving:
        return []
    return await sql.move(tx, moving, _entry(kind, actor, order_id, reason))


def _entry(kind: MovementType, actor: Actor, order_id: UUID, reason: str | None = None) -> Entry:
    return Entry.of(kind, reason, str(order_id), actor)
