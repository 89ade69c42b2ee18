-- Customer segments; the discounts of each order's lines and shipping as rows, taken from the lines' snapshots.
-- Rewrites order_items.

create type order_adjustment_source as enum ('COUPON', 'PROMOTION', 'GROUP_BUY', 'MANUAL');

create table customer_segments (
    id uuid not null,
    company_id uuid not null,
    name text not null,
    description text,
    conditions jsonb not null,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint customer_segments_pkey primary key (id),
    constraint customer_segments_conditions_are_a_tree check (jsonb_typeof(conditions) = 'object')
);

create table customer_segment_members (
    id uuid not null,
    company_id uuid not null,
    segment_id uuid not null,
    user_id uuid not null,
    created_at timestamptz(6) not null default current_timestamp,

    constraint customer_segment_members_pkey primary key (id)
);

create table order_adjustments (
    id uuid not null,
    company_id uuid not null,
    order_id uuid not null,
    order_item_id uuid,
    source_type order_adjustment_source not null,
    source_id uuid,
    code text,
    name text not null,
    description text not null,
    amount decimal(19, 4) not null,
    currency char(3) not null,
    created_by uuid,
    created_at timestamptz(6) not null default current_timestamp,

    constraint order_adjustments_pkey primary key (id),
    constraint order_adjustments_amount_is_positive check (amount > 0),
    constraint order_adjustments_manual_has_an_id check (source_type <> 'MANUAL' or source_id is not null)
);

alter table promotions add column segment_id uuid;

create unique index customer_segments_company_id_id_key on customer_segments (company_id, id);
create unique index customer_segments_company_id_name_key on customer_segments (company_id, name);
create unique index customer_segment_members_company_id_segment_id_user_id_key
    on customer_segment_members (company_id, segment_id, user_id);
create index customer_segment_members_company_id_segment_id_created_at_i_idx
    on customer_segment_members (company_id, segment_id, created_at, id);
create index customer_segment_members_company_id_user_id_idx on customer_segment_members (company_id, user_id);
create index customer_segment_members_user_id_idx on customer_segment_members (user_id);
create index promotions_company_id_segment_id_idx on promotions (company_id, segment_id);

alter table customer_segments add constraint customer_segments_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table customer_segment_members add constraint customer_segment_members_company_id_segment_id_fkey
    foreign key (company_id, segment_id) references customer_segments (company_id, id)
    on delete cascade on update cascade;
alter table customer_segment_members add constraint customer_segment_members_user_id_fkey
    foreign key (user_id) references users (id) on delete restrict on update cascade;
alter table promotions add constraint promotions_company_id_segment_id_fkey
    foreign key (company_id, segment_id) references customer_segments (company_id, id)
    on delete restrict on update cascade;

-- The discounts of lines, in the order in which they apply. Ids in that order, of UUID version 7.
create temporary table found_adjustments on commit drop as
select i.company_id, i.order_id, i.id as order_item_id, (d.value ->> 'promotion_id')::uuid as source_id,
    d.value ->> 'code' as code, d.value ->> 'name' as name,
    coalesce(d.value ->> 'explanation', d.value ->> 'name') as description,
    (d.value ->> 'amount')::decimal(19, 4) as amount, i.currency, o.created_at, d.position
from order_items i
join orders o on o.company_id = i.company_id and o.id = i.order_id
cross join lateral jsonb_array_elements(
    case jsonb_typeof(i.product_snapshot -> 'discounts')
        when 'array' then i.product_snapshot -> 'discounts' else '[]' end
) with ordinality d (value, position)
where (d.value ->> 'amount')::decimal(19, 4) > 0;

-- What the snapshot of a line does not explain: of the order's promotion if it has only one.
insert into found_adjustments
select i.company_id, i.order_id, i.id, p.promotion_id, p.promo_code, coalesce(p.promotion_name, 'Discount'),
    coalesce(p.promotion_name, 'Discount'), i.discount_amount - coalesce(f.amount, 0), i.currency, o.created_at,
    1000000
from order_items i
join orders o on o.company_id = i.company_id and o.id = i.order_id
left join (select order_item_id, sum(amount) as amount from found_adjustments group by 1) f on f.order_item_id = i.id
left join lateral (
    select (array_agg(p.promotion_id))[1] as promotion_id, (array_agg(p.promo_code))[1] as promo_code,
        (array_agg(p.promotion_name))[1] as promotion_name
    from order_promotions p where p.company_id = i.company_id and p.order_id = i.order_id
    having count(*) = 1
) p on true
where i.discount_amount > coalesce(f.amount, 0);

-- The rest of what a promotion takes off an order is taken off its shipping.
insert into found_adjustments
select p.company_id, p.order_id, null, p.promotion_id, p.promo_code, p.promotion_name, 'Free shipping',
    p.discount_amount - coalesce(f.amount, 0), p.currency, o.created_at, 0
from order_promotions p
join orders o on o.company_id = p.company_id and o.id = p.order_id
left join (
    select order_id, source_id, sum(amount) as amount from found_adjustments group by 1, 2
) f on f.order_id = p.order_id and f.source_id = p.promotion_id
where p.discount_amount > coalesce(f.amount, 0);

insert into order_adjustments (id, company_id, order_id, order_item_id, source_type, source_id, code, name,
    description, amount, currency, created_at)
select (lpad(to_hex(row_number() over (order by created_at, order_id, order_item_id nulls last, position)), 12, '0')
        || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
    company_id, order_id, order_item_id, 'PROMOTION', source_id, code, name, description, amount, currency, created_at
from found_adjustments;
update order_items set product_snapshot = product_snapshot - 'discounts' where product_snapshot ? 'discounts';
drop table found_adjustments;

create index order_adjustments_company_id_order_id_id_idx on order_adjustments (company_id, order_id, id);
create index order_adjustments_company_id_order_item_id_id_idx on order_adjustments (company_id, order_item_id, id);
create index order_adjustments_created_by_idx on order_adjustments (created_by);
alter table order_adjustments add constraint order_adjustments_company_id_order_id_fkey
    foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade;
alter table order_adjustments add constraint order_adjustments_company_id_order_item_id_fkey
    foreign key (company_id, order_item_id) references order_items (company_id, id)
    on delete restrict on update cascade;
alter table order_adjustments add constraint order_adjustments_created_by_fkey
    foreign key (created_by) references users (id) on delete restrict on update cascade;

alter table customer_segments enable row level security;
create policy of_the_company on customer_segments to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table customer_segment_members enable row level security;
create policy of_the_company on customer_segment_members to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table order_adjustments enable row level security;
create policy of_the_company on order_adjustments to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on customer_segments, customer_segment_members, order_adjustments
    to commerce_gateway;
