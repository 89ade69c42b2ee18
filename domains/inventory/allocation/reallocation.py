"""Moving the reserved units of an order from one warehouse to another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from domains.inventory import data, sql
from domains.inventory.allocation import reallocation_sql
from domains.inventory.backorders.arrivals import settle
from domains.inventory.errors import InsufficientStock, NotReserved, Shortage, UnitsAlreadyThere
from domains.inventory.level_sql import lock_stock
from domains.inventory.models import MovementType, Reservation, ReservationStatus
from domains.inventory.movements import Entry, LockedItem, Movement
from domains.inventory.warehouses.sql import require_active
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.errors import OutOfRange, TooMany
from domains.kernel.text.validation import normalize_key, require_text
from domains.kernel.validation import collect_errors

MAX_LINES: Final = 250
LINES: Final = "lines"
Units: TypeAlias = Mapping[tuple[str, UUID], int]
"""A number of units by SKU and warehouse."""
NO_UNITS: Final[Units] = {}


@dataclass(frozen=True, slots=True)
class ReallocatedLine:
    """Reserved units of a SKU that another warehouse is to send."""

    sku: str
    quantity: int
    from_warehouse_id: UUID
    to_warehouse_id: UUID


class Reallocation:
    """Moves reserved units of an order between warehouses."""

    async def move(
        self, tx: Tx, actor: Actor, order_id: UUID, lines: Sequence[ReallocatedLine], packed: Units = NO_UNITS
    ) -> list[ReallocatedLine]:
        """Release reserved units of an order in warehouses, and reserve as many in others; returns the lines.

        The order is locked; `packed` are units that stay where they are. Seven statements; two more when other orders
        wait for the released units. Raises, for all lines at once, Required, TooMany, OutOfRange and
        UnitsAlreadyThere; then WarehouseNotFound and WarehouseInactive; then NotReserved and InsufficientStock.
        Nothing is moved then. Emits what `settle` does.
        """
        lines = _checked(lines)
        to: dict[UUID, Sequence[str]] = {}
        for index, line in enumerate(lines):
            to.setdefault(line.to_warehouse_id, (LINES, str(index), "to_warehouse_id"))
        await require_active(tx, to)
        stock = await lock_stock(tx, {line.sku for line in lines})
        items = {locked.item.sku: locked for locked in stock.items}
        reservations = await _reservations(tx, order_id, items)
        movable = {key: row.quantity - packed.get(key, 0) for key, row in reservations.items()}
        taken, given = Counter[tuple[str, UUID]](), Counter[tuple[str, UUID]]()
        for line in lines:
            taken[line.sku, line.from_warehouse_id] += line.quantity
            given[line.sku, line.to_warehouse_id] += line.quantity
        _require_units(lines, items, movable, taken, given)
        released = await sql.move(tx, _movements(items, taken, 1), _entry(MovementType.RELEASE, actor, order_id))
        reserved = await sql.move(tx, _movements(items, given, -1), _entry(MovementType.RESERVATION, actor, order_id))
        expires_at = next((row.expires_at for row in reservations.values()), None)
        await reallocation_sql.take(tx, [(reservations[key].id, units) for key, units in taken.items()])
        added = [(items[sku].item.id, place, units) for (sku, place), units in given.items()]
        await reallocation_sql.give(tx, order_id, added, expires_at)
        await settle(tx, [*released, *reserved])
        return lines


def _checked(lines: Sequence[ReallocatedLine]) -> list[ReallocatedLine]:
    """The lines with their SKUs in normal form."""
    checked = []
    with collect_errors() as each:
        with each:
            if not 1 <= len(lines) <= MAX_LINES:
                raise TooMany(f"Give 1 to {MAX_LINES} lines.", field=(LINES,))
        for index, line in enumerate(lines[:MAX_LINES]):
            field = (LINES, str(index))
            with each:
                if line.quantity < 1:
                    raise OutOfRange("A quantity is at least 1.", field=(*field, "quantity"))
            with each:
                if line.from_warehouse_id == line.to_warehouse_id:
                    raise UnitsAlreadyThere(field=(*field, "to_warehouse_id"))
            with each:
                sku = require_text(normalize_key(line.sku), field=(*field, "sku"))
                checked.append(ReallocatedLine(sku, line.quantity, line.from_warehouse_id, line.to_warehouse_id))
    return checked


async def _reservations(
    tx: Tx, order_id: UUID, items: Mapping[str, LockedItem]
) -> dict[tuple[str, UUID], Reservation]:
    """What is reserved for the order, by SKU and warehouse."""
    skus = {locked.item.id: sku for sku, locked in items.items()}
    where: data.ReservationWhere = {
        "order_id": order_id,
        "inventory_id": {"in": list(skus)},
        "status": ReservationStatus.ACTIVE,
    }
    rows = await data.reservation.find_many(tx, where=where, order_by=[{"id": "asc"}], lock=True)
    return {(skus[row.inventory_id], row.warehouse_id): row for row in rows}


def _require_units(
    lines: Sequence[ReallocatedLine],
    items: Mapping[str, LockedItem],
    movable: Units,
    taken: Units,
    given: Units,
) -> None:
    """Raise NotReserved and InsufficientStock, for all lines at once."""
    with collect_errors() as each:
        for index, line in enumerate(lines):
            field = (LINES, str(index), "quantity")
            key = (line.sku, line.from_warehouse_id)
            with each:
                reserved = max(movable.get(key, 0), 0)
                if reserved < taken[key]:
                    raise NotReserved(line.sku, taken[key], reserved, field=field)
            with each:
                wanted = given[line.sku, line.to_warehouse_id]
                available = items[line.sku].available_at(line.to_warehouse_id) if line.sku in items else 0
                if available < wanted:
                    raise InsufficientStock(Shortage(line.sku, wanted, available), field=field)


def _movements(items: Mapping[str, LockedItem], units: Units, direction: int) -> list[Movement]:
    """Movements between reserved and available units; 1 makes them available."""
    return [
        Movement(items[sku].item.id, place, direction * number, -direction * number)
        for (sku, place), number in sorted(units.items())
    ]


def _entry(movement_type: MovementType, actor: Actor, order_id: UUID) -> Entry:
    return Entry.of(movement_type, "Another warehouse sends it", str(order_id), actor)
