"""Labels that are stored as they are after a purchase, without one."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.ids import new_id

INSERT = """
insert into shipping_labels (id, company_id, order_id, carrier_id, service, status, tracking_number, cost, currency,
  weight, origin, destination_id, purchased_at, updated_at)
select $1, $2, $3, $4, 'STANDARD', 'PURCHASED', 'T' || upper(md5($1::uuid::text)), 5, 'EUR', $5,
  '{"country": "DE"}'::jsonb, shipping_address_id, now(), now() from orders where company_id = $2 and id = $3
"""


async def store_label(
    database: Database, company_id: UUID, carrier_id: UUID, order_id: UUID, weight: Any = Decimal(1)
) -> UUID:
    """A label that was bought for an order; its carrier does not know it."""
    label_id = new_id()
    values = (label_id, company_id, order_id, carrier_id, weight)
    await database.run(lambda tx: tx.execute(INSERT, *values), Actor.system(company_id))
    return label_id
