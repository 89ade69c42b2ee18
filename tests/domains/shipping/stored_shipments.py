"""Shipments that are stored as they are when they are packed, without an order that is paid."""

from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.ids import new_id

SHIPMENT = """
insert into shipments (id, company_id, order_id, position, updated_at)
select $1, $2, id, 1, now() from orders where company_id = $2 and id = $3
"""
LINE = """
insert into shipment_lines (id, company_id, shipment_id, order_id, order_item_id, sku, quantity)
select $1, $2, $3, order_id, id, sku, 1 from order_items where company_id = $2 and order_id = $4 limit 1
returning order_item_id
"""


async def store_shipment(database: Database, company_id: UUID, order_id: UUID) -> dict[str, str]:
    """A packed shipment with one unit of a line of an order; both ids."""
    shipment_id, system = new_id(), Actor.system(company_id)
    await database.run(lambda tx: tx.execute(SHIPMENT, shipment_id, company_id, order_id), system)
    item_id = await database.run(lambda tx: tx.fetch_value(LINE, new_id(), company_id, shipment_id, order_id), system)
    return {"shipment": str(shipment_id), "orderItem": str(item_id)}
