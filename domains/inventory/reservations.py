"""Units set aside for orders: reserved, freed again or sold; each reserved unit has a reservation behind it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.inventory import data, ledger, sql
from domains.inventory.errors import NotReserved
from domains.inventory.ledger import Entry, Moved, Movement
from domains.inventory.models import MovementType, ReservationStatus
from domains.kernel.actor import Actor
from domains.kernel.database import Tx

# What ends a reservation: the ledger's word for it, and what becomes of a unit's place among the free ones.
ENDS: Final = {
    ReservationStatus.RELEASED: (MovementType.RELEASE, 1),
    ReservationStatus.CONFIRMED: (MovementType.SALE, 0),
}


async def reserve(
    tx: Tx, actor: Actor, wanted: Mapping[str, int], *, order_id: UUID, expires_at: datetime | None
) -> list[Moved]:
    """Set units of SKUs aside for an order, all or nothing, none of what is not tracked. One statement.

    Raises InsufficientStock, SkuNotFound.
    """
    entry = _entry(MovementType.RESERVATION, actor, order_id)
    lines = await sql.reserve(tx, wanted, entry, order_id=order_id, expires_at=expires_at)
    return ledger.require_reserved(lines, wanted)


def keep(tx: Tx, order_id: UUID) -> None:
    """Let what an order holds never run out, from the transaction's end."""
    where: data.ReservationWhere = {"order_id": order_id, "status": ReservationStatus.ACTIVE}
    tx.defer(data.reservation.alteration(tx, where=where, data={"expires_at": None}))


def hold_until(tx: Tx, order_id: UUID, until: datetime) -> None:
    """Let what an order holds run out at another time, from the transaction's end."""
    where: data.ReservationWhere = {"order_id": order_id, "status": ReservationStatus.ACTIVE}
    tx.defer(data.reservation.alteration(tx, where=where, data={"expires_at": until}))


async def end(
    tx: Tx, actor: Actor, order_id: UUID, status: ReservationStatus, *, reason: str | None = None
) -> list[Moved]:
    """Free or sell everything that an order holds; nothing when it holds nothing any more. Three statements."""
    items = await sql.hold_reserved(tx, order_id)
    if not items:
        return []
    units = await sql.end_reservations(tx, order_id, items, status)
    return await _move_out(tx, actor, order_id, status, units.items(), reason)


async def end_part(
    tx: Tx, actor: Actor, order_id: UUID, status: ReservationStatus, sku: str, quantity: int
) -> list[Moved]:
    """Free or sell some units of one SKU that an order holds. Raises NotReserved when it holds fewer."""
    items = await sql.hold_stocked(tx, [sku])
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
    return await _move_out(tx, actor, order_id, status, [(reservation.inventory_id, quantity)], None)


async def _move_out(
    tx: Tx,
    actor: Actor,
    order_id: UUID,
    status: ReservationStatus,
    units: Iterable[tuple[UUID, int]],
    reason: str | None,
) -> list[Moved]:
    kind, freed = ENDS[status]
    movements: Sequence[Movement] = [Movement(item_id, freed * quantity, -quantity) for item_id, quantity in units]
    if not movements:
        return []
    return await sql.move(tx, movements, _entry(kind, actor, order_id, reason))


def _entry(kind: MovementType, actor: Actor, order_id: UUID, reason: str | None = None) -> Entry:
    return Entry.of(kind, reason, str(order_id), actor)
