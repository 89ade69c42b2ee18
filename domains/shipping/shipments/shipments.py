"""Shipments: the parcels of orders, each from one warehouse, and the units in them.

What changes them is the order domain, which has locked their order.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.prisma.statements import Sql, Statement
from domains.shipping import data
from domains.shipping.carriers.carriers import Carriers
from domains.shipping.carriers.errors import TrackingNumberTaken
from domains.shipping.parcel_events import TrackingSource, TrackingStatus
from domains.shipping.shipments import details
from domains.shipping.shipments.details import ParcelDetails, ParcelOwner
from domains.shipping.shipments.errors import LabelUsed, ShipmentNotFound
from domains.shipping.shipments.events import (
    ShipmentCancelled,
    ShipmentCreated,
    ShipmentDispatched,
    ShipmentDivided,
    ShipmentUpdated,
    ShippedUnits,
)
from domains.shipping.shipments.models import (
    NewShipment,
    PackedUnits,
    Shipment,
    ShipmentFacts,
    ShipmentFilter,
    ShipmentLine,
    ShipmentStatus,
    status_of,
)
from domains.shipping.tracking.events import ShipmentStatusChanged

LABELS: Final = "shipments_company_id_label_id_key"
NUMBERS: Final = "shipments_company_id_carrier_id_tracking_number_key"
# A cancelled shipment gives its label and its tracking number free for another one.
CANCEL: Final = f"""
update shipments set status = 'CANCELLED', cancelled_at = $3, label_id = null, tracking_number = null, updated_at = $3
where company_id = $1 and id = any($2) and status = 'PENDING' returning {data.shipment.columns()}
"""  # noqa: S608 - columns
DELIVER: Final = f"""
update shipments set status = 'DELIVERED', tracking_status = 'DELIVERED', tracked_at = $3, delivered_at = $3,
  updated_at = $3
where company_id = $1 and id = any($2) and shipped_at is not null returning {data.shipment.columns()}
"""  # noqa: S608 - columns
PENDING: Final = "select id from shipments where company_id = $1 and order_id = $2 and status = 'PENDING'"
REMOVE: Final = "delete from shipment_lines where company_id = {} and id = any({})"


class Shipments:
    """Reads and writes shipments."""

    def __init__(self, carriers: Carriers, clock: Clock) -> None:
        self._carriers = carriers
        self._clock = clock

    async def find(self, db: Reader, shipment_id: UUID) -> Shipment:
        """A shipment. Raises ShipmentNotFound. One statement."""
        shipment = await data.shipment.find_unique(db, id=shipment_id)
        if shipment is None:
            raise ShipmentNotFound
        return shipment

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[Shipment]:
        """The shipments with these ids, in no order; for those who may see their orders. One statement."""
        return await data.shipment.find_many(db, where={"id": {"in": list(ids)}})

    async def of_orders(self, db: Reader, order_ids: Collection[UUID]) -> list[Shipment]:
        """The shipments of orders, cancelled ones included, by their positions. One statement."""
        where: data.ShipmentWhere = {"order_id": {"in": list(order_ids)}}
        return await data.shipment.find_many(db, where=where, order_by=[{"position": "asc"}])

    async def lines_of_orders(self, db: Reader, order_ids: Collection[UUID]) -> list[ShipmentLine]:
        """The lines of all shipments of orders, cancelled ones included, oldest first. One statement."""
        where: data.ShipmentLineWhere = {"order_id": {"in": list(order_ids)}}
        return await data.shipment_line.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def lines_of(self, db: Reader, shipment_ids: Collection[UUID]) -> list[ShipmentLine]:
        """The lines of shipments, oldest first. One statement."""
        where: data.ShipmentLineWhere = {"shipment_id": {"in": list(shipment_ids)}}
        return await data.shipment_line.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def lines_of_items(self, db: Reader, item_ids: Collection[UUID]) -> list[ShipmentLine]:
        """The lines of shipments with units of these lines of orders, oldest first. One statement."""
        where: data.ShipmentLineWhere = {"order_item_id": {"in": list(item_ids)}}
        return await data.shipment_line.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def find_page(
        self, db: Reader, args: PageArgs, filters: ShipmentFilter, *, direction: Direction = "desc"
    ) -> Page[Shipment]:
        """One page of the shipments of the company, newest first by default. Raises as `fetch_page`."""
        where: dict[str, Any] = {
            name: value
            for name in ("warehouse_id", "carrier_id", "tracking_number")
            if (value := getattr(filters, name)) is not None
        }
        for name, values in (("status", filters.statuses), ("order_id", filters.order_ids)):
            if values is not None:
                where[name] = {"in": list(values)}
        for name in ("created", "shipped"):
            start, end = getattr(filters, f"{name}_from"), getattr(filters, f"{name}_before")
            if bounds := {key: time for key, time in (("gte", start), ("lt", end)) if time is not None}:
                where[f"{name}_at"] = bounds
        sort = Sort("created_at", datetime, direction)
        return await fetch_page(data.shipment, db, args, sort=sort, where=where)

    async def checked(self, tx: Tx, owner: ParcelOwner, entered: ParcelDetails) -> data.ShipmentUpdate:
        """The columns of what staff entered of a parcel; raises as `details.checked`."""
        return await details.checked(tx, self._carriers, owner, entered)

    async def create(self, tx: Tx, new: NewShipment) -> tuple[Shipment, list[ShipmentLine]]:
        """Create a shipment with its lines. One statement.

        Raises LabelUsed and TrackingNumberTaken when another one was first. Emits ShipmentCreated, and
        ShipmentDispatched for one that is dispatched at once.
        """
        now, shipment_id = self._clock.now(), new_id()
        row: Any = {
            "id": shipment_id,
            "order_id": new.order_id,
            "position": new.position,
            "warehouse_id": new.warehouse_id,
            "carrier_id": new.carrier_id,
            "carrier_name": new.carrier_name,
            "method_id": new.method_id,
            "method_name": new.method_name,
            "origin": new.origin,
            "destination_id": new.destination_id,
            "estimated_delivery_date": new.estimated_delivery_date,
            "created_by": tx.actor.user_id,
            **new.details,
            **(_dispatched(now) if new.is_dispatched else {}),
        }
        rows = _line_rows(shipment_id, new.order_id, new.lines)
        with _taken():
            shipment = await data.shipment.create(tx, row, alongside=[data.shipment_line.insertion(tx, rows)])
        lines = [_line(tx, each, now) for each in rows]
        tx.emit(
            ShipmentCreated(
                shipment_id=shipment.id,
                order_id=shipment.order_id,
                position=shipment.position,
                warehouse_id=shipment.warehouse_id,
                lines=_units(lines),
            )
        )
        if new.is_dispatched:
            _emit_dispatched(tx, shipment, lines)
        return shipment, lines

    async def dispatch(
        self, tx: Tx, shipment: Shipment, lines: Sequence[ShipmentLine], changes: data.ShipmentUpdate
    ) -> Shipment:
        """Record that a pending shipment left, with changes of its columns. One statement.

        Raises LabelUsed, TrackingNumberTaken. Emits ShipmentDispatched.
        """
        columns: Any = {**changes, **_dispatched(self._clock.now())}
        with _taken():
            shipment = await data.shipment.update(tx, id=shipment.id, data=columns)
        _emit_dispatched(tx, shipment, lines)
        return shipment

    async def change(self, tx: Tx, shipment: Shipment, changes: data.ShipmentUpdate) -> Shipment:
        """Change columns of a shipment. One statement, none when nothing changes.

        Raises LabelUsed, TrackingNumberTaken. Emits ShipmentUpdated.
        """
        names = sorted(name for name, value in changes.items() if getattr(shipment, name) != value)
        if not names:
            return shipment
        with _taken():
            changed = await data.shipment.update(tx, id=shipment.id, data=changes)
        tx.emit(
            ShipmentUpdated(
                shipment_id=shipment.id, order_id=shipment.order_id, position=shipment.position, changed=names
            )
        )
        return changed

    async def divide(
        self, tx: Tx, shipment: Shipment, lines: Sequence[ShipmentLine], units: Sequence[PackedUnits], position: int
    ) -> Shipment:
        """Take units out of a pending shipment into a new one, which has no label, number, weight or cost.

        One statement. Emits ShipmentDivided.
        """
        new: Any = {
            "id": new_id(),
            "order_id": shipment.order_id,
            "position": position,
            "created_by": tx.actor.user_id,
            **{name: getattr(shipment, name) for name in KEPT},
        }
        rows = _line_rows(new["id"], shipment.order_id, units)
        taken = {each.order_item_id: each.quantity for each in units}
        statements: list[Statement] = [data.shipment_line.insertion(tx, rows)]
        gone = [line.id for line in lines if taken.get(line.order_item_id) == line.quantity]
        if gone:
            statements.append(Sql(REMOVE, (tx.company_id, gone)))
        for line in lines:
            if 0 < taken.get(line.order_item_id, 0) < line.quantity:
                rest: data.ShipmentLineUpdate = {"quantity": line.quantity - taken[line.order_item_id]}
                statements.append(data.shipment_line.alteration(tx, where={"id": line.id}, data=rest))
        divided = await data.shipment.create(tx, new, alongside=statements)
        tx.emit(
            ShipmentDivided(
                shipment_id=shipment.id,
                order_id=shipment.order_id,
                position=shipment.position,
                new_shipment_id=divided.id,
                lines=[_unit(each) for each in units],
            )
        )
        return divided

    async def deliver(self, tx: Tx, shipments: Sequence[Shipment]) -> list[Shipment]:
        """Record by hand that shipments under way were delivered now; the changed shipments. One statement.

        Emits ShipmentStatusChanged.
        """
        now = self._clock.now()
        events: list[data.ShipmentTrackingCreate] = [
            {
                "shipment_id": each.id,
                "status": TrackingStatus.DELIVERED,
                "timestamp": now,
                "source": TrackingSource.MANUAL,
                "created_by": tx.actor.user_id,
            }
            for each in shipments
        ]
        args: list[Any] = [tx.company_id, [each.id for each in shipments], now]
        added = data.shipment_tracking.insertion(tx, events).sql(args)
        rows = await tx.fetch(f"with added as ({added}) {DELIVER}", *args)
        for each in shipments:
            tx.emit(
                ShipmentStatusChanged(
                    shipment_id=each.id,
                    order_id=each.order_id,
                    position=each.position,
                    from_status=each.status.value,
                    to_status=ShipmentStatus.DELIVERED.value,
                )
            )
        return sorted((data.shipment.from_record(row) for row in rows), key=lambda each: each.position)

    async def cancel(self, tx: Tx, shipment_ids: Collection[UUID]) -> list[Shipment]:
        """Cancel shipments that are pending; those that were cancelled. One statement. Emits ShipmentCancelled."""
        rows = await tx.fetch(CANCEL, tx.company_id, list(shipment_ids), self._clock.now())
        cancelled = sorted((data.shipment.from_record(row) for row in rows), key=lambda each: each.position)
        for each in cancelled:
            tx.emit(ShipmentCancelled(shipment_id=each.id, order_id=each.order_id, position=each.position))
        return cancelled

    async def cancel_pending(self, tx: Tx, order_id: UUID) -> list[Shipment]:
        """Cancel all pending shipments of a locked order. One statement, two when there are some.

        Emits ShipmentCancelled.
        """
        rows = await tx.fetch(PENDING, tx.company_id, order_id)
        return await self.cancel(tx, [row["id"] for row in rows]) if rows else []


# What a part of a divided shipment has in common with it.
KEPT: Final = (
    *("warehouse_id", "carrier_id", "carrier_name", "method_id", "method_name", "origin", "destination_id"),
    "estimated_delivery_date",
)


def _dispatched(now: datetime) -> data.ShipmentUpdate:
    return {"shipped_at": now, "status": status_of(ShipmentFacts(shipped_at=now))}


def _line_rows(shipment_id: UUID, order_id: UUID, units: Iterable[PackedUnits]) -> list[data.ShipmentLineCreate]:
    return [
        {
            "id": new_id(),
            "shipment_id": shipment_id,
            "order_id": order_id,
            "order_item_id": each.order_item_id,
            "sku": each.sku,
            "quantity": each.quantity,
        }
        for each in units
    ]


def _line(tx: Tx, row: Any, now: datetime) -> ShipmentLine:
    if tx.company_id is None:
        raise ShipmentNotFound
    return ShipmentLine(**row, company_id=tx.company_id, restocked=0, created_at=now)


def _units(lines: Iterable[ShipmentLine]) -> list[ShippedUnits]:
    return [_unit(line) for line in lines]


def _unit(line: ShipmentLine | PackedUnits) -> ShippedUnits:
    return {"order_item_id": line.order_item_id, "sku": line.sku, "quantity": line.quantity}


def _emit_dispatched(tx: Tx, shipment: Shipment, lines: Sequence[ShipmentLine]) -> None:
    tx.emit(
        ShipmentDispatched(
            shipment_id=shipment.id,
            order_id=shipment.order_id,
            position=shipment.position,
            warehouse_id=shipment.warehouse_id,
            carrier_id=shipment.carrier_id,
            tracking_number=shipment.tracking_number,
            lines=_units(lines),
        )
    )


@contextmanager
def _taken() -> Any:
    """Raise LabelUsed or TrackingNumberTaken for a row that breaks a key which another transaction has taken."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == LABELS:
            raise LabelUsed from error
        if error.constraint_name == NUMBERS:
            raise TrackingNumberTaken from error
        raise
