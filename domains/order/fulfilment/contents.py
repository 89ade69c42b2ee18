"""What an order has packed, what is left of it to pack, and where the units are; read by one statement."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.inventory.allocation.held_units import held_units, held_units_of
from domains.kernel.database import Tx
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import Part
from domains.order import data
from domains.order.fulfilment.remaining_units import RemainingUnits, Units
from domains.order.models import Order, OrderItem
from domains.payment.fragments import ORDER_SUMS, REFUNDED_UNITS
from domains.shipping.shipments import parts
from domains.shipping.shipments.models import Shipment, ShipmentLine

ITEM_WIDTH: Final = len(data.OrderItemRow.__slots__)
ITEMS: Final = f"""
    packed_items as (
      select i.*, coalesce(r.units, 0) as refunded, coalesce(r.given_back, 0) as given_back,
        coalesce(s.captured - s.refunded - s.refunding - s.charged_back, 0) as refundable
      from order_items i
      left join ({REFUNDED_UNITS}) r
        on r.company_id = i.company_id and r.order_id = i.order_id and r.order_item_id = i.id
      left join ({ORDER_SUMS}) s on s.company_id = i.company_id and s.order_id = i.order_id
      where i.company_id = $1 and i.order_id = $2
    )
"""  # noqa: S608 - fragments of the payment domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents(RemainingUnits):
    """What is left of a locked order, with what was refunded of it.

    `given_back` are the units in refunds that succeeded. `refundable` is what is left to refund of the captured
    amount.
    """

    given_back: Units
    refundable: Decimal

    def refunded_rest(self) -> int:
        """The number of units that are left when all of them were refunded, and nothing is packed; otherwise 0."""
        rest = self.unpacked()
        if self.pending_shipments:
            return 0
        given_back = self.unshipped(self.given_back)
        is_refunded = all(units <= given_back[item_id] for item_id, units in rest.items())
        return sum(rest.values()) if is_refunded else 0

    def shipment(self, shipment_id: UUID) -> Shipment | None:
        """The shipment with this id; None for one of another order."""
        return next((each for each in self.shipments if each.id == shipment_id), None)

    def lines_of(self, shipment_id: UUID) -> list[ShipmentLine]:
        """The lines of a shipment, in the order of the order's lines."""
        places = {item.id: place for place, item in enumerate(self.items)}
        own = [line for line in self.lines if line.shipment_id == shipment_id]
        return sorted(own, key=lambda line: places[line.order_item_id])


async def read_contents(tx: Tx, order: Order, warehouse_id: UUID | None = None) -> Contents:
    """The contents of a locked order. One statement."""
    columns = f"{data.order_item.columns('packed_items')}, packed_items.refunded, "
    columns += "packed_items.given_back, packed_items.refundable"
    own = Part(ITEMS, (tx.company_id, order.id), "packed_items", columns, ITEM_WIDTH + 3)
    of_shipments, of_lines = parts.shipments(tx, order.id), parts.lines(tx, order.id)
    rows, shipments, lines, units, places = await fetch_parts(
        tx, [own, of_shipments, of_lines, *held_units(tx, order.id, warehouse_id)]
    )
    refunded, given_back = dict[UUID, int](), dict[UUID, int]()
    refundable, items = Decimal(0), list[OrderItem]()
    for row in rows.rows:
        item = data.order_item.from_record(row, rows.start)
        items.append(item)
        start = rows.start + ITEM_WIDTH
        refunded[item.id], given_back[item.id], refundable = row[start : start + 3]
    items.sort(key=lambda item: item.id)
    found = parts.shipments_of(shipments)
    own_lines, held = parts.lines_of(lines), held_units_of(units, places)
    return Contents(
        order=order,
        items=items,
        refunded=refunded,
        shipments=found,
        lines=own_lines,
        held=held,
        given_back=given_back,
        refundable=refundable,
    )
