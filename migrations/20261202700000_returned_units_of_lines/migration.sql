-- The returned units of each line of an order, so that the parcels that delivered them stay delivered.
alter table order_items
    add column returned_quantity integer not null default 0,
    add constraint order_items_returned_units_fit check (returned_quantity between 0 and quantity);

update order_items i set returned_quantity = r.received
from (
    select company_id, order_item_id, sum(received) as received from return_items group by company_id, order_item_id
) r
where r.company_id = i.company_id and r.order_item_id = i.id and r.received > 0;
