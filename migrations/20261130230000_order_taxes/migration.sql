-- The taxes of each line of an order and of its shipping. Earlier orders have one rate for each line and for shipping,
-- whose tax is what the lines leave of the tax of the order. Adding columns without a default rewrites no table.

create type tax_exemption as enum ('REVERSE_CHARGE');

alter table orders
    add column vat_number text,
    add column tax_exemption tax_exemption,
    add constraint orders_exempt_sale_has_no_tax check (tax_exemption is null or tax_amount = 0);
-- Several taxes of an amount can exceed it together.
alter table order_items
    drop constraint order_items_tax_rate_is_share,
    add constraint order_items_tax_rate_not_negative check (tax_rate >= 0);
alter table orders
    drop constraint orders_tax_rate_is_share,
    add constraint orders_tax_rate_not_negative check (tax_rate >= 0);

create table order_taxes (
    id uuid not null,
    company_id uuid not null,
    order_id uuid not null,
    order_item_id uuid,
    part smallint not null default 0,
    name text not null,
    rate decimal(7, 6) not null,
    taxable decimal(19, 4) not null,
    amount decimal(19, 4) not null,
    currency char(3) not null,

    constraint order_taxes_pkey primary key (id),
    constraint order_taxes_only_shipping_has_parts check (part >= 0 and (part = 0 or order_item_id is null)),
    constraint order_taxes_rate_is_share check (rate >= 0 and rate < 1),
    constraint order_taxes_amounts_not_negative check (taxable >= 0 and amount >= 0),
    constraint order_taxes_currency_code check (currency ~ '^[A-Z]{3}$')
);

insert into order_taxes (id, company_id, order_id, order_item_id, name, rate, taxable, amount, currency)
select gen_random_uuid(), company_id, order_id, id, case when tax_rate > 0 then 'Tax' else '' end, tax_rate,
    total_price - tax_amount, tax_amount, currency
from order_items where total_price > 0;
insert into order_taxes (id, company_id, order_id, name, rate, taxable, amount, currency)
select gen_random_uuid(), o.company_id, o.id, case when o.shipping_tax_rate > 0 then 'Tax' else '' end,
    o.shipping_tax_rate, o.shipping_cost - o.tax_amount + i.tax, o.tax_amount - i.tax, o.currency
from orders o
join (select company_id, order_id, sum(tax_amount) as tax from order_items group by 1, 2) i
    on i.company_id = o.company_id and i.order_id = o.id
where o.shipping_cost > 0;

create unique index order_taxes_company_id_order_id_order_item_id_part_name_key
    on order_taxes (company_id, order_id, order_item_id, part, name) nulls not distinct;
create index order_taxes_company_id_order_item_id_idx on order_taxes (company_id, order_item_id);

alter table order_taxes add constraint order_taxes_company_id_order_id_fkey
    foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade;
alter table order_taxes add constraint order_taxes_company_id_order_item_id_fkey
    foreign key (company_id, order_item_id) references order_items (company_id, id) on delete restrict on update cascade;

alter table order_taxes enable row level security;
create policy of_the_company on order_taxes to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on order_taxes to commerce_gateway;
