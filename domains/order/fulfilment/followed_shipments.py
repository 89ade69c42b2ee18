"""Followed shipments: orders follow the events of their shipments, from carriers and from staff."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import structlog

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.errors import DomainError
from domains.kernel.events import Envelope
from domains.kernel.fail_points import reach
from domains.order import data, transitions
from domains.order.events import OrderHoldReleased
from domains.order.fulfilment.parcels import Parcels
from domains.order.fulfilment.progress import Progress
from domains.order.models import Order
from domains.shipping.service import ShippingService
from domains.shipping.shipments.errors import ShipmentNotFound
from domains.shipping.shipments.events import ShipmentDispatched
from domains.shipping.shipments.models import Shipment, ShipmentLine, ShipmentStatus
from domains.shipping.tracking.events import ShipmentTracked
from domains.shipping.tracking.models import NewTrackingEvent, TrackingStatus

log = structlog.get_logger("domains.order")
NOT_LEFT: Final = (None, TrackingStatus.PRE_TRANSIT)


class ShipmentFollowing:
    """Moves shipments to where their events say they are, and the facts of their orders with them.

    It reads all events and all shipments of an order under its lock, so events may arrive late, twice and in any
    order.
    """

    topics = (ShipmentTracked.topic, ShipmentDispatched.topic, OrderHoldReleased.topic)

    def __init__(self, shipping: ShippingService, parcels: Parcels, progress: Progress) -> None:
        self._shipping = shipping
        self._parcels = parcels
        self._progress = progress

    async def add(self, tx: Tx, actor: Actor, shipment_id: UUID, new: NewTrackingEvent) -> Shipment:
        """Enter an event of a shipment by hand, for staff with ORDERS:UPDATE; the shipment as it is then.

        Raises ShipmentNotFound, and as `TrackingRecords.add`. Ten statements at most with the events. Emits
        ShipmentTracked, ShipmentStatusChanged, OrderStatusChanged, OrderCompleted.
        """
        found = await self._shipping.shipments.find(tx, shipment_id)
        order = await transitions.lock(tx, actor, found.order_id, None)
        shipments = await self._shipping.shipments.of_orders(tx, [order.id])
        await self._shipping.tracking_records.add(tx, _the(shipments, shipment_id), new)
        return _the(await self._move(tx, actor, order, shipments), shipment_id)

    async def follow(self, tx: Tx, envelope: Envelope) -> None:
        """Let the order of an event follow all its shipments. Idempotent.

        A pending shipment that its carrier has is dispatched if the order may be shipped: staff have forgotten it.
        Otherwise it stays pending until staff dispatch it, or the hold of the order is released. Six statements at
        most without that. Emits ShipmentStatusChanged, OrderStatusChanged, OrderCompleted, ShipmentDispatched,
        StockSold.
        """
        order = await transitions.lock_known(tx, UUID(envelope.payload["order_id"]))
        shipments = await self._shipping.shipments.of_orders(tx, [order.id])
        moved = await self._move(tx, tx.actor, order, shipments)
        reach("shipment.followed")
        for shipment in moved:
            if _has_left(shipment) and await self._dispatch(tx, shipment):
                await tx.flush()
                order = await transitions.lock_known(tx, order.id)
                shipments = await self._shipping.shipments.of_orders(tx, [order.id])
                await self._move(tx, tx.actor, order, shipments)

    async def _move(self, tx: Tx, actor: Actor, order: Order, shipments: Sequence[Shipment]) -> list[Shipment]:
        """Move shipments to where they are, and the facts of their order with them; the shipments as they are then.

        A delivered shipment stays so when its carrier says something else later, but units of it were returned.
        """
        if not shipments:
            return []
        lines = await self._shipping.shipments.lines_of_orders(tx, [order.id])
        delivered = DeliveredUnits(shipments, lines, await self._returned(tx, order))
        moved = await self._shipping.tracking_records.apply(tx, shipments, stays=delivered.stay)
        await self._progress.record(tx, actor, order, moved, lines)
        return moved

    async def _returned(self, tx: Tx, order: Order) -> dict[UUID, int]:
        """The returned units of each line; no statement for an order without any."""
        if not order.units_returned:
            return {}
        where: data.OrderItemWhere = {"order_id": order.id, "returned_quantity": {"gt": 0}}
        return {item.id: item.returned_quantity for item in await data.order_item.find_many(tx, where=where)}

    async def _dispatch(self, tx: Tx, shipment: Shipment) -> bool:
        """Whether a shipment that left could be dispatched."""
        try:
            async with tx.savepoint():
                await self._parcels.dispatch(tx, tx.actor, shipment.id)
        except DomainError as error:
            log.warning("a parcel left that may not", shipment=str(shipment.id), reason=error.code)
            return False
        return True


class DeliveredUnits:
    """The delivered units of the lines of an order, of which those that were returned must stay delivered."""

    def __init__(
        self, shipments: Sequence[Shipment], lines: Sequence[ShipmentLine], returned: Mapping[UUID, int]
    ) -> None:
        self._units: dict[UUID, Counter[UUID]] = {shipment.id: Counter() for shipment in shipments}
        for line in lines:
            self._units[line.shipment_id][line.order_item_id] += line.quantity
        self._left = Counter[UUID]()
        for shipment in shipments:
            if shipment.status is ShipmentStatus.DELIVERED:
                self._left += self._units[shipment.id]
        self._returned = Counter(returned)

    def stay(self, shipment: Shipment, status: ShipmentStatus) -> bool:
        """Whether a shipment stays delivered, because otherwise more units were returned than delivered."""
        if shipment.status is not ShipmentStatus.DELIVERED or status is ShipmentStatus.DELIVERED:
            return False
        left = self._left - self._units[shipment.id]
        if not self._returned <= left:
            return True
        self._left = left
        return False


def _the(shipments: Sequence[Shipment], shipment_id: UUID) -> Shipment:
    for shipment in shipments:
        if shipment.id == shipment_id:
            return shipment
    raise ShipmentNotFound


def _has_left(shipment: Shipment) -> bool:
    """Whether the carrier has a shipment that staff have not dispatched."""
    return shipment.status is ShipmentStatus.PENDING and shipment.tracking_status not in NOT_LEFT
