"""The shipments of an order as parts of another domain's statement."""

from operator import attrgetter
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader
from domains.kernel.prisma.statements import Part, PartRows
from domains.shipping import data
from domains.shipping.shipments.models import Shipment, ShipmentLine

SHIPMENTS: Final = "order_shipments as (select * from shipments where company_id = $1 and order_id = $2)"
POSITIONS: Final = "(select company_id, id, order_id, position from shipments)"
"""The shipments of orders with their positions."""
LINES: Final = "order_shipment_lines as (select * from shipment_lines where company_id = $1 and order_id = $2)"


def shipments(db: Reader, order_id: UUID) -> Part:
    """The shipments of an order, cancelled ones included."""
    columns = data.shipment.columns("order_shipments")
    width = len(data.ShipmentRow.__slots__)
    return Part(SHIPMENTS, (db.company_id, order_id), "order_shipments", columns, width)


def shipments_of(rows: PartRows) -> list[Shipment]:
    """The shipments of `shipments`, by their positions."""
    return sorted((data.shipment.from_record(row, rows.start) for row in rows.rows), key=attrgetter("position"))


def lines(db: Reader, order_id: UUID) -> Part:
    """The lines of all shipments of an order."""
    columns = data.shipment_line.columns("order_shipment_lines")
    width = len(data.ShipmentLineRow.__slots__)
    return Part(LINES, (db.company_id, order_id), "order_shipment_lines", columns, width)


def lines_of(rows: PartRows) -> list[ShipmentLine]:
    """The lines of `lines`, oldest first."""
    return sorted((data.shipment_line.from_record(row, rows.start) for row in rows.rows), key=attrgetter("id"))
