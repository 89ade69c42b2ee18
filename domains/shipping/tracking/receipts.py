"""Receipts: the goods of shipments that were returned to their sender come in again."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.shipping import data
from domains.shipping.shipments.models import Shipment, ShipmentLine, ShipmentStatus
from domains.shipping.tracking.errors import ShipmentNotReturned, ShipmentReceivedAlready
from domains.shipping.tracking.events import ShipmentReceivedBack

RESTOCK: Final = """
update shipment_lines l set restocked = r.restocked
from unnest($2::uuid[], $3::int[]) as r (id, restocked)
where l.company_id = $1 and l.id = r.id
"""


class Receipts:
    """Records what came back, under the lock of the order. The stock is the order domain's to change."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @staticmethod
    def require_returned(shipment: Shipment) -> None:
        """Raise ShipmentNotReturned or ShipmentReceivedAlready unless its goods can be received now."""
        if shipment.received_back_at is not None:
            raise ShipmentReceivedAlready
        if shipment.status is not ShipmentStatus.RETURNED_TO_SENDER:
            raise ShipmentNotReturned(shipment.status)

    async def record(
        self,
        tx: Tx,
        shipment: Shipment,
        lines: Sequence[ShipmentLine],
        restocked: Mapping[UUID, int],
        warehouse_id: UUID,
    ) -> Shipment:
        """Record that all goods of a shipment were received, and how many units of each line went into stock.

        Once only; two statements. Raises as `require_returned`. Emits ShipmentReceivedBack.
        """
        self.require_returned(shipment)
        if any(restocked.values()):
            await tx.execute(RESTOCK, tx.company_id, list(restocked), list(restocked.values()))
        received: data.ShipmentUpdate = {"received_back_at": self._clock.now()}
        changed = await data.shipment.update(tx, id=shipment.id, data=received)
        total, into_stock = sum(line.quantity for line in lines), sum(restocked.values())
        tx.emit(
            ShipmentReceivedBack(
                shipment_id=shipment.id,
                order_id=shipment.order_id,
                position=shipment.position,
                warehouse_id=warehouse_id,
                restocked=into_stock,
                written_off=total - into_stock,
            )
        )
        return changed
