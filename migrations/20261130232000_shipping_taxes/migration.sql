-- Refunds of shipping have a line for each rate of tax. The rate of the shipping of an order is in its taxes, so the
-- column goes. Rewrites refund_lines.

alter table refund_lines
    add column tax_rate decimal(7, 6) not null default 0;
update refund_lines l set tax_rate = i.tax_rate
from order_items i where l.kind = 'ITEM' and i.company_id = l.company_id and i.id = l.order_item_id and i.tax_rate > 0;
update refund_lines l set tax_rate = o.shipping_tax_rate
from orders o where l.kind = 'SHIPPING' and o.company_id = l.company_id and o.id = l.order_id and o.shipping_tax_rate > 0;
alter table refund_lines
    add constraint refund_lines_tax_rate_not_negative check (tax_rate >= 0),
    add constraint refund_lines_adjustment_has_no_tax check (kind <> 'ADJUSTMENT' or (tax = 0 and tax_rate = 0));

alter table orders drop column shipping_tax_rate;
