-- The inbox knows handlers by the names of their subscriptions, which stay when a module is renamed. An event that was
-- taken in under the old name, and is delivered again, must not be taken in twice.
insert into "inbox_entries" ("event_id", "handler", "processed_at")
select i."event_id", n."subscription", i."processed_at"
from "inbox_entries" i
join (values ('%.Notices.send', 'auth.notices'),
             ('%.StockProjection.show_stock', 'inventory.stock-projection'),
             ('%.Purchases.record', 'order.purchases')) as n ("handler", "subscription") on i."handler" like n."handler"
on conflict do nothing;
delete from "inbox_entries"
where "handler" like '%.Notices.send' or "handler" like '%.StockProjection.show_stock'
   or "handler" like '%.Purchases.record';
