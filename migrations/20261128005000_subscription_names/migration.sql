-- The inbox records events by the name of a subscription. Earlier versions used the handler's module and function.
update inbox_entries as entry set handler = renamed.name
from (values
    ('domains.auth.handlers.Notices.send', 'auth.notices'),
    ('domains.inventory.handlers.StockProjection.show_stock', 'inventory.stock-projection'),
    ('domains.order.handlers.Purchases.record', 'order.purchases')
) as renamed (was, name)
where entry.handler = renamed.was;
