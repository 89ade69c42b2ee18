"""Returns that are stored as they are in each state, without an order that is paid and delivered."""

from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id

REQUEST: Final = """
insert into return_requests (id, company_id, order_id, user_id, rma_number, status, return_reason, refund_method,
  currency, requested_at, approved_at, in_transit_at, updated_at)
select $1, $2, id, user_id, 'RMA-' || 9000 + (select count(*) from return_requests where company_id = $2),
  $4::text::return_status, 'CHANGED_MIND', 'ORIGINAL_PAYMENT', currency, now(),
  case when $4 <> 'PENDING' then now() end, case when $4 = 'IN_TRANSIT' then now() end, now()
from orders where company_id = $2 and id = $3
"""
ITEM: Final = """
insert into return_items (id, company_id, return_request_id, order_item_id, product_id, variant_id, product_name,
  product_sku, quantity, approved, unit_price, currency, return_reason, updated_at)
select $1, $2, $3, id, product_id, variant_id, product_name, sku, 3, case when $5 <> 'PENDING' then 3 else 0 end,
  unit_price, currency, 'CHANGED_MIND', now()
from order_items where company_id = $2 and order_id = $4 limit 1
"""
AUTHORIZATION: Final = """
insert into return_authorizations (id, company_id, return_request_id, rma_number, warehouse_id, return_address,
  expires_at, updated_at)
select $1, $2, id, rma_number, (select id from warehouses where company_id = $2 order by id limit 1),
  '{"name": "Main"}', now() + interval '9 days', now()
from return_requests where company_id = $2 and id = $3
"""


async def store_return(database: Database, company_id: UUID, order_id: UUID, status: str) -> tuple[str, str]:
    """A PENDING, APPROVED or IN_TRANSIT return of three units of a line; its id and that of its item."""
    request_id, item_id = new_id(), new_id()

    async def work(tx: Tx) -> None:
        await tx.execute(REQUEST, request_id, company_id, order_id, status)
        await tx.execute(ITEM, item_id, company_id, request_id, order_id, status)
        if status != "PENDING":
            await tx.execute(AUTHORIZATION, new_id(), company_id, request_id)

    await database.run(work, Actor.system(company_id))
    return str(request_id), str(item_id)
