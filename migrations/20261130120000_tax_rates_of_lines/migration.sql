-- The rate of the tax of each line and of shipping. Rewrites order_items, and orders whose shipping was taxed.

alter table order_items
    add column tax_rate decimal(7, 6) not null default 0,
    add column is_gift_card boolean not null default false,
    add constraint order_items_tax_rate_is_share check (tax_rate >= 0 and tax_rate < 1);
alter table orders
    add column shipping_tax_rate decimal(7, 6) not null default 0,
    add constraint orders_shipping_tax_rate_is_share check (shipping_tax_rate >= 0 and shipping_tax_rate < 1);

-- The rate of the order where it has this tax, up to the rounding; otherwise the one that the amounts imply.
create function pg_temp.implied_rate(total decimal, tax decimal, rate decimal, currency text) returns decimal
    language sql immutable as
$$
    select case
        when abs((total - tax) * rate - tax) <= unit then rate
        when total > tax then least(round(tax / (total - tax), 6), 0.999999)
        else rate
    end
    from (values (case
        when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND',
            'VUV', 'XAF', 'XOF', 'XPF') then 1
        when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 0.001
        when currency in ('CLF', 'UYW') then 0.0001
        else 0.01
    end)) as minor (unit)
$$;
update order_items i set tax_rate = pg_temp.implied_rate(i.total_price, i.tax_amount, o.tax_rate, i.currency)
from orders o where o.company_id = i.company_id and o.id = i.order_id and (o.tax_rate > 0 or i.tax_amount > 0);
update orders o set shipping_tax_rate =
    pg_temp.implied_rate(o.shipping_cost, o.tax_amount - i.tax, o.tax_rate, o.currency)
from (select company_id, order_id, sum(tax_amount) as tax from order_items group by 1, 2) i
where i.company_id = o.company_id and i.order_id = o.id and o.tax_amount > i.tax;
drop function pg_temp.implied_rate;
