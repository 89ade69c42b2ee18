-- Lines of refunds, whose sum is the refund's amount. What earlier refunds gave back is not known: each gets one
-- adjustment of its amount. Builds an index on order_items.

create type refund_line_kind as enum ('ITEM', 'SHIPPING', 'ADJUSTMENT');

create table refund_lines (
    id uuid not null,
    company_id uuid not null,
    refund_id uuid not null,
    order_id uuid not null,
    kind refund_line_kind not null,
    order_item_id uuid,
    quantity integer,
    amount decimal(19, 4) not null,
    tax decimal(19, 4) not null,
    currency char(3) not null,
    created_at timestamptz(6) not null default current_timestamp,

    constraint refund_lines_pkey primary key (id),
    constraint refund_lines_units_are_of_items check (
        (kind = 'ITEM') = (order_item_id is not null) and (kind = 'ITEM') = (quantity is not null)),
    constraint refund_lines_quantity_not_negative check (quantity >= 0),
    constraint refund_lines_only_deductions_are_negative check (amount >= 0 or kind = 'ADJUSTMENT'),
    constraint refund_lines_tax_is_in_the_amount check (tax between 0 and greatest(amount, 0))
);

insert into refund_lines (id, company_id, refund_id, order_id, kind, amount, tax, currency, created_at)
select gen_random_uuid(), company_id, id, order_id, 'ADJUSTMENT', amount, 0, currency, created_at from refunds;

create unique index order_items_company_id_id_key on order_items (company_id, id);
create index refund_lines_company_id_refund_id_idx on refund_lines (company_id, refund_id);
create index refund_lines_company_id_order_id_idx on refund_lines (company_id, order_id);
create index refund_lines_company_id_order_item_id_idx on refund_lines (company_id, order_item_id);

alter table refund_lines add constraint refund_lines_company_id_refund_id_fkey
    foreign key (company_id, refund_id) references refunds (company_id, id) on delete restrict on update cascade;
alter table refund_lines add constraint refund_lines_company_id_order_id_fkey
    foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade;
alter table refund_lines add constraint refund_lines_company_id_order_item_id_fkey
    foreign key (company_id, order_item_id) references order_items (company_id, id) on delete restrict on update cascade;

alter table refund_lines enable row level security;
create policy of_the_company on refund_lines to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert on refund_lines to commerce_gateway;
