"""Parcels: the shipments of orders. Each has units of one warehouse, which leave the stock when it is dispatched."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.inventory.errors import WarehouseNotFound
from domains.inventory.models import Warehouse
from domains.inventory.service import InventoryService
from domains.inventory.warehouses.places import place_of
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.fail_points import reach
from domains.kernel.validation import collect_errors, rename_fields
from domains.order import lifecycle, transitions
from domains.order.data import OrderUpdate
from domains.order.fulfilment import packed_units, remaining_units
from domains.order.fulfilment.contents import Contents, read_contents
from domains.order.fulfilment.errors import ShipmentNotPending
from domains.order.fulfilment.order_stock import REFUNDED_BEFORE_SHIPPING
from domains.order.fulfilment.packed_units import ParcelUnits
from domains.order.fulfilment.progress import NOTHING_ELSE, Progress
from domains.order.models import Order
from domains.order.payments.captures import Captures
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.shipping.carriers.errors import OriginUnknown
from domains.shipping.service import ShippingService
from domains.shipping.shipments.details import ParcelDetails, ParcelOwner
from domains.shipping.shipments.errors import ShipmentNotChangeable, ShipmentNotFound
from domains.shipping.shipments.models import (
    ENDED,
    NewShipment,
    PackedUnits,
    Shipment,
    ShipmentLine,
    ShipmentStatus,
    ShipmentUpdate,
    number_of,
)
from domains.shipping.shipments.parts import POSITIONS

NO_DETAILS: Final = ParcelDetails()
NUMBERS: Final = f"""
select s.id, o.order_number, s.position from {POSITIONS} s
join orders o on o.company_id = s.company_id and o.id = s.order_id
where s.company_id = $1 and s.id = any($2)
"""  # noqa: S608 - a fragment of the shipping domain


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParcel:
    """A shipment to make of an order: of these lines, or of all that is left; dispatched at once, or packed only.

    Without a warehouse it is the only one that has the units.
    """

    order_id: UUID
    lines: Sequence[ParcelUnits] | None = None
    warehouse_id: UUID | None = None
    details: ParcelDetails = field(default_factory=ParcelDetails)
    is_dispatched: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftUnits:
    """What to ship of what is left of an order: all, or what a warehouse has; dispatched at once, or packed only."""

    warehouse_id: UUID | None = None
    is_dispatched: bool = True
    comment: str | None = None


class Parcels:
    """Makes shipments of orders, dispatches, divides and cancels them. For staff with ORDERS:UPDATE."""

    def __init__(
        self,
        shipping: ShippingService,
        inventory: InventoryService,
        captures: Captures,
        progress: Progress,
        clock: Clock,
    ) -> None:
        self._shipping = shipping
        self._inventory = inventory
        self._captures = captures
        self.progress = progress
        self._clock = clock

    async def create(self, tx: Tx, actor: Actor, new: NewParcel) -> Shipment:
        """Pack units of an order into a shipment of one warehouse, and dispatch it unless it is to be packed only.

        Dispatched units leave the stock; others stay reserved. Six statements at most, three more for a label. Raises
        OrderNotFound, and as `packed_units.require_fulfillable`; for all fields at once as `packed_units.chosen` and
        `details.checked`; then as `packed_units.place`, TooManyShipments, LabelUsed, TrackingNumberTaken,
        NotReserved. Emits ShipmentCreated, ShipmentDispatched, StockSold, OrderStatusChanged, OrderCompleted.
        """
        order = await transitions.lock(tx, actor, new.order_id, None)
        contents = await read_contents(tx, order, new.warehouse_id or order.pickup_warehouse_id)
        packed_units.require_fulfillable(contents)
        columns, units = ShipmentUpdate(), dict[UUID, int]()
        with collect_errors() as each:
            with each:
                units = packed_units.chosen(contents, new.lines)
            with each:
                owner = ParcelOwner(order.id, order.currency)
                columns = await self._shipping.shipments.checked(tx, owner, new.details)
        warehouse_id = packed_units.place(contents, units, new.warehouse_id, new.lines)
        if new.is_dispatched:
            await self._take(tx, actor, contents, [(warehouse_id, units)])
        made = await self._create(tx, contents, {warehouse_id: units}, columns, is_dispatched=new.is_dispatched)
        await self._record(tx, actor, contents, made, is_dispatched=new.is_dispatched)
        return made[0][0]

    async def dispatch(
        self, tx: Tx, actor: Actor, shipment_id: UUID, entered: ParcelDetails = NO_DETAILS
    ) -> Shipment:
        """Send a pending shipment off, with what is known of its parcel now: its units leave the stock.

        Eight statements at most, three more for a label. Raises ShipmentNotFound, ShipmentNotPending, as
        `packed_units.require_fulfillable` and `details.checked`, and NotReserved. Emits ShipmentDispatched,
        StockSold, OrderStatusChanged, OrderCompleted.
        """
        order = await self._lock(tx, actor, shipment_id)
        contents = await read_contents(tx, order)
        shipment = _pending(contents, shipment_id)
        with rename_fields(_of_shipment):
            packed_units.require_fulfillable(contents)
        owner = ParcelOwner(order.id, order.currency, shipment)
        columns = await self._shipping.shipments.checked(tx, owner, entered)
        lines = contents.lines_of(shipment_id)
        units = {line.order_item_id: line.quantity for line in lines}
        with rename_fields(_of_shipment):
            await self._take(tx, actor, contents, [(shipment.warehouse_id, units)])
        dispatched = await self._shipping.shipments.dispatch(tx, shipment, lines, columns)
        await self._record(tx, actor, contents, [(dispatched, [])], is_dispatched=True)
        return dispatched

    async def update(self, tx: Tx, actor: Actor, shipment_id: UUID, entered: ParcelDetails) -> Shipment:
        """Change what is known of a parcel that is not delivered. Raises ShipmentNotFound, ShipmentNotChangeable.

        And as `details.checked`. Emits ShipmentUpdated, and OrderStatusChanged when the number of the order changes.
        """
        order = await self._lock(tx, actor, shipment_id)
        shipment = await self._shipping.shipments.find(tx, shipment_id)
        if shipment.status in ENDED:
            raise ShipmentNotChangeable(shipment.status)
        owner = ParcelOwner(order.id, order.currency, shipment)
        columns = await self._shipping.shipments.checked(tx, owner, entered)
        changed = await self._shipping.shipments.change(tx, shipment, columns)
        if changed.shipped_at is not None and changed.tracking_number != shipment.tracking_number:
            await self.progress.follow(tx, actor, order)
        return changed

    async def cancel(self, tx: Tx, actor: Actor, shipment_id: UUID) -> Shipment:
        """Unpack a pending shipment: its units stay reserved for the order. Four statements.

        Its label and tracking number can be used again. One more for an order that was shipped in part: what is left
        of it becomes available when all of that was refunded. Raises ShipmentNotFound, ShipmentNotPending. Emits
        ShipmentCancelled; StockReleased, StockChanged, OrderStatusChanged, OrderCompleted.
        """
        order = await self._lock(tx, actor, shipment_id)
        for cancelled in await self._shipping.shipments.cancel(tx, [shipment_id]):
            if lifecycle.is_shipped_in_part(OrderFacts.of(order)):
                contents = await read_contents(tx, order)
                if rest := await self._end_refunded_rest(tx, actor, contents):
                    await self.progress.follow(tx, actor, order, Step(rest))
            return cancelled
        raise ShipmentNotPending((await self._shipping.shipments.find(tx, shipment_id)).status)

    async def split(
        self, tx: Tx, actor: Actor, shipment_id: UUID, lines: Sequence[ParcelUnits]
    ) -> tuple[Shipment, Shipment]:
        """Take units out of a pending shipment into a new pending one of the same warehouse; both. Four statements.

        Raises ShipmentNotFound, ShipmentNotPending, as `packed_units.divided`, and TooManyShipments. Emits
        ShipmentDivided.
        """
        order = await self._lock(tx, actor, shipment_id)
        contents = await read_contents(tx, order)
        shipment = _pending(contents, shipment_id)
        own = contents.lines_of(shipment_id)
        units = packed_units.divided(own, lines)
        with rename_fields(_of_shipment):
            position = packed_units.next_position(contents)
        new = await self._shipping.shipments.divide(tx, shipment, own, units, position)
        return shipment, new

    async def ship_rest(self, tx: Tx, actor: Actor, order: Order, step: Step = NOTHING_ELSE) -> Order:
        """Dispatch all pending shipments of a locked order, and one for each warehouse with the rest of its units.

        Units that were refunded are shipped as well: staff say so. Raises OrderOnHold, OrderBeingRefunded,
        OrderAwaitsStock, NotReserved, TooManyShipments. Emits as `create`.
        """
        contents = await read_contents(tx, order, order.pickup_warehouse_id)
        packed_units.require_fulfillable(contents)
        unpacked = contents.unpacked()
        groups = remaining_units.by_warehouse(contents, unpacked)
        packed_units.require_all(contents, unpacked, groups)
        number: Any = step.facts.get("tracking_number")
        columns = ShipmentUpdate(tracking_number=number) if number else ShipmentUpdate()
        if not contents.goods:
            step = _digital_step(order, step, self._clock.now())
        return await self._dispatch_all(tx, actor, contents, groups, contents.pending_shipments, step, columns)

    async def ship_left(self, tx: Tx, actor: Actor, order: Order, wanted: LeftUnits) -> Order:
        """Ship what is left of a locked order, one shipment for each warehouse; what is packed is dispatched too.

        Nothing happens when nothing is left there. Raises as `packed_units.require_fulfillable`, WarehouseNotFound,
        OrderAwaitsStock, NotReserved, TooManyShipments. Emits as `create`.
        """
        contents = await read_contents(tx, order, wanted.warehouse_id or order.pickup_warehouse_id)
        packed_units.require_fulfillable(contents)
        if wanted.warehouse_id is not None and wanted.warehouse_id not in contents.held.warehouses:
            raise WarehouseNotFound
        left = {item_id: number for item_id, number in contents.left().items() if number}
        groups = remaining_units.by_warehouse(contents, left)
        pending = contents.pending_shipments if wanted.is_dispatched else []
        if wanted.warehouse_id is None:
            packed_units.require_all(contents, left, groups)
        else:
            groups = {place: units for place, units in groups.items() if place == wanted.warehouse_id}
            pending = [each for each in pending if each.warehouse_id == wanted.warehouse_id]
        if not groups and not pending:
            return order
        step = Step({}, wanted.comment)
        if wanted.is_dispatched:
            return await self._dispatch_all(tx, actor, contents, groups, pending, step)
        made = await self._create(tx, contents, groups, ShipmentUpdate(), is_dispatched=False)
        return await self._record(tx, actor, contents, made, is_dispatched=False, step=step)

    async def _dispatch_all(
        self,
        tx: Tx,
        actor: Actor,
        contents: Contents,
        groups: dict[UUID | None, dict[UUID, int]],
        pending: Sequence[Shipment],
        step: Step,
        columns: ShipmentUpdate | None = None,
    ) -> Order:
        """Dispatch pending shipments, and a new one for each warehouse; the columns are those of the first."""
        taken = [*groups.items()]
        for each in pending:
            lines = contents.lines_of(each.id)
            taken.append((each.warehouse_id, {line.order_item_id: line.quantity for line in lines}))
        await self._take(tx, actor, contents, taken)
        made: list[tuple[Shipment, list[ShipmentLine]]] = []
        for each in pending:
            lines = contents.lines_of(each.id)
            made.append((await self._shipping.shipments.dispatch(tx, each, lines, {}), []))
        made += await self._create(tx, contents, groups, columns or ShipmentUpdate(), is_dispatched=True)
        return await self._record(tx, actor, contents, made, is_dispatched=True, step=step)

    async def deliver_rest(self, tx: Tx, actor: Actor, order: Order, step: Step = NOTHING_ELSE) -> Order:
        """Record that all shipments of a locked order that are under way were delivered. Four statements.

        Emits ShipmentStatusChanged, OrderStatusChanged, OrderCompleted.
        """
        shipments = await self._shipping.shipments.of_orders(tx, [order.id])
        lines = await self._shipping.shipments.lines_of_orders(tx, [order.id])
        open_ones = [each for each in shipments if each.shipped_at is not None and each.status not in ENDED]
        delivered = await self._shipping.shipments.deliver(tx, open_ones) if open_ones else []
        if not delivered:
            now = self._clock.now()
            left = order.units_shipped - order.units_sent_back
            step = Step({**step.facts, "units_delivered": left, "delivered_at": now}, step.comment)
        return await self.progress.record(tx, actor, order, _with(shipments, delivered), lines, step)

    async def numbers(self, db: Reader, shipment_ids: Collection[UUID]) -> dict[UUID, str]:
        """The numbers of shipments, by their ids; for those who may see their orders. One statement."""
        rows = await db.fetch(NUMBERS, db.company_id, list(shipment_ids))
        return {row["id"]: number_of(row["order_number"], row["position"]) for row in rows}

    async def _lock(self, tx: Tx, actor: Actor, shipment_id: UUID) -> Order:
        """The locked order of a shipment. Raises ShipmentNotFound. Two statements."""
        shipment = await self._shipping.shipments.find(tx, shipment_id)
        return await transitions.lock(tx, actor, shipment.order_id, None)

    async def _take(
        self, tx: Tx, actor: Actor, contents: Contents, groups: Sequence[tuple[UUID | None, remaining_units.Units]]
    ) -> None:
        """Take the counted units of groups out of their warehouses."""
        taken: dict[tuple[str, UUID], int] = {}
        for warehouse_id, units in groups:
            for sku, number in contents.counted(units).items():
                if warehouse_id is not None:
                    taken[sku, warehouse_id] = taken.get((sku, warehouse_id), 0) + number
        await self._inventory.reservations.ship(tx, actor, contents.order.id, taken)
        reach("shipment.units_sold")

    async def _create(
        self,
        tx: Tx,
        contents: Contents,
        groups: dict[UUID | None, dict[UUID, int]],
        columns: ShipmentUpdate,
        *,
        is_dispatched: bool,
    ) -> list[tuple[Shipment, list[ShipmentLine]]]:
        """Create a shipment for each warehouse; the columns are those of the first."""
        order, made = contents.order, list[tuple[Shipment, list[ShipmentLine]]]()
        defaults, first = await self._defaults(tx, order), packed_units.next_position(contents, len(groups))
        for number, (warehouse_id, units) in enumerate(groups.items()):
            warehouse = contents.held.warehouses.get(warehouse_id) if warehouse_id else None
            new = NewShipment(
                order_id=order.id,
                position=first + number,
                lines=[PackedUnits(item.id, item.sku, units[item.id]) for item in contents.items if item.id in units],
                warehouse_id=warehouse_id,
                origin=await self._origin(tx, warehouse),
                details=columns if number == 0 else ShipmentUpdate(),
                is_dispatched=is_dispatched,
                **defaults,
            )
            made.append(await self._shipping.shipments.create(tx, new))
        return made

    async def _defaults(self, tx: Tx, order: Order) -> dict[str, Any]:
        """The carrier, the method and the destination of an order, for its shipments."""
        carrier = None
        if order.shipping_carrier is not None:
            carrier = await self._shipping.carriers.opened_by_code(tx, order.shipping_carrier)
        is_collected = order.pickup_warehouse_id is not None
        return {
            "carrier_id": carrier and carrier.row.id,
            "carrier_name": carrier.row.name if carrier else order.shipping_carrier,
            "method_id": order.shipping_method_id,
            "method_name": order.shipping_method,
            "destination_id": None if is_collected else order.shipping_address_id,
            "estimated_delivery_date": order.estimated_delivery_date,
        }

    async def _origin(self, tx: Tx, warehouse: Warehouse | None) -> dict[str, str] | None:
        """The place of a warehouse, or that of the company; None when neither is known."""
        try:
            origin = await self._shipping.origins.at(tx, place_of(warehouse) if warehouse else None)
        except OriginUnknown:
            return None
        return {name: text for name, text in asdict(origin).items() if text is not None}

    async def _record(
        self,
        tx: Tx,
        actor: Actor,
        contents: Contents,
        made: Sequence[tuple[Shipment, list[ShipmentLine]]],
        *,
        is_dispatched: bool,
        step: Step = NOTHING_ELSE,
    ) -> Order:
        """Record the progress of the order after shipments were made or dispatched, and request its captures."""
        order = contents.order
        facts: OrderUpdate = {"processing_at": order.processing_at or self._clock.now(), **step.facts}
        shipments = _with(contents.shipments, [shipment for shipment, _ in made])
        lines = [*contents.lines, *(line for _, added in made for line in added)]
        if is_dispatched:
            packed = replace(contents, shipments=shipments, lines=lines)
            facts |= await self._end_refunded_rest(tx, actor, packed)
        order = await self.progress.record(tx, actor, order, shipments, lines, Step(facts, step.comment), at_end=True)
        if is_dispatched:
            await self._captures.request_on_shipment(tx, order)
        return order

    async def _end_refunded_rest(self, tx: Tx, actor: Actor, contents: Contents) -> OrderUpdate:
        """Release what is left of an order when all of it was refunded; the facts to record."""
        order, rest = contents.order, contents.refunded_rest()
        if not rest:
            return {}
        await self._inventory.reservations.release(tx, actor, order.id, reason=REFUNDED_BEFORE_SHIPPING)
        return {"units_dropped": order.units_dropped + rest}


def _pending(contents: Contents, shipment_id: UUID) -> Shipment:
    shipment = contents.shipment(shipment_id)
    if shipment is None:
        raise ShipmentNotFound
    if shipment.status is not ShipmentStatus.PENDING:
        raise ShipmentNotPending(shipment.status)
    return shipment


def _of_shipment(field: Sequence[str]) -> Sequence[str]:
    """The path in an input that names a shipment for one in an input that names its order."""
    return ("shipment_id",) if field == ("order_id",) else field


def _with(shipments: Sequence[Shipment], changed: Sequence[Shipment]) -> list[Shipment]:
    by_id = {each.id: each for each in [*shipments, *changed]}
    return list(by_id.values())


def _digital_step(order: Order, step: Step, now: datetime) -> Step:
    """The step that ships the units of a free order without goods."""
    facts: OrderUpdate = {"units_shipped": order.units_ordered - order.units_dropped, "shipped_at": now}
    return Step({**step.facts, **facts}, step.comment)
