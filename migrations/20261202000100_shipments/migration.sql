-- Shipments of orders with their lines and the events of their carriers; and the facts of orders that edits, holds
-- and exchanges need. Orders that were shipped as a whole get one shipment each.

create type shipment_status as enum ('PENDING', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'READY_FOR_PICKUP', 'DELIVERED',
    'EXCEPTION', 'RETURNED_TO_SENDER', 'LOST', 'CANCELLED');
create type tracking_source as enum ('WEBHOOK', 'POLL', 'MANUAL');

alter table orders
    add column language text,
    add column exchanged_order_id uuid,
    add column held_at timestamptz(6),
    add column hold_reason text,
    add column amount_repaid decimal(19, 4) not null default 0,
    add constraint orders_language_format check (language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$'),
    add constraint orders_hold_reason_of_hold check (hold_reason is null or held_at is not null),
    add constraint orders_repaid_not_negative check (amount_repaid >= 0),
    add constraint orders_exchanged_order_is_another check (exchanged_order_id <> id);

alter table order_items
    add column dropped_quantity integer not null default 0,
    add constraint order_items_dropped_units_fit check (dropped_quantity between 0 and quantity);

create table shipments (
    id uuid not null,
    company_id uuid not null,
    order_id uuid not null,
    position smallint not null,
    status shipment_status not null default 'PENDING',
    warehouse_id uuid,
    carrier_id uuid,
    carrier_name text,
    method_id uuid,
    method_name text,
    label_id uuid,
    tracking_number text,
    tracking_url text,
    weight decimal(10, 3),
    cost decimal(19, 4),
    currency char(3),
    origin jsonb,
    destination_id uuid,
    estimated_delivery_date date,
    tracking_status tracking_status,
    tracked_at timestamptz(6),
    shipped_at timestamptz(6),
    delivered_at timestamptz(6),
    received_back_at timestamptz(6),
    cancelled_at timestamptz(6),
    created_by uuid,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint shipments_pkey primary key (id),
    constraint shipments_position_positive check (position > 0),
    constraint shipments_weight_positive check (weight > 0),
    constraint shipments_cost_not_negative check (cost >= 0),
    constraint shipments_cost_has_currency check (num_nonnulls(cost, currency) in (0, 2)),
    constraint shipments_currency_code check (currency ~ '^[A-Z]{3}$'),
    constraint shipments_origin_object check (jsonb_typeof(origin) = 'object'),
    constraint shipments_tracking_complete check ((tracking_status is null) = (tracked_at is null)),
    constraint shipments_pending_not_shipped check (
        case when status = 'CANCELLED' then cancelled_at is not null and shipped_at is null
             when status = 'PENDING' then shipped_at is null and cancelled_at is null
             else shipped_at is not null and cancelled_at is null end),
    constraint shipments_delivered_at_set check ((delivered_at is not null) = (status = 'DELIVERED')),
    constraint shipments_received_back_was_sent_back check (
        received_back_at is null or status = 'RETURNED_TO_SENDER')
);

create table shipment_lines (
    id uuid not null,
    company_id uuid not null,
    shipment_id uuid not null,
    order_id uuid not null,
    order_item_id uuid not null,
    sku text not null,
    quantity integer not null,
    restocked integer not null default 0,
    created_at timestamptz(6) not null default current_timestamp,

    constraint shipment_lines_pkey primary key (id),
    constraint shipment_lines_quantity_positive check (quantity > 0),
    constraint shipment_lines_restocked_fit check (restocked between 0 and quantity)
);

create table shipment_tracking (
    id uuid not null,
    company_id uuid not null,
    shipment_id uuid not null,
    status tracking_status not null,
    location text not null default '',
    description text not null default '',
    timestamp timestamptz(6) not null,
    source tracking_source not null,
    created_by uuid,
    created_at timestamptz(6) not null default current_timestamp,

    constraint shipment_tracking_pkey primary key (id)
);

create index orders_company_id_exchanged_order_id_idx on orders (company_id, exchanged_order_id);
create unique index shipments_company_id_id_key on shipments (company_id, id);
create unique index shipments_company_id_order_id_position_key on shipments (company_id, order_id, position);
create unique index shipments_company_id_label_id_key on shipments (company_id, label_id);
create unique index shipments_company_id_carrier_id_tracking_number_key
    on shipments (company_id, carrier_id, tracking_number);
create index shipments_company_id_tracking_number_idx on shipments (company_id, tracking_number);
create index shipments_company_id_status_created_at_id_idx on shipments (company_id, status, created_at, id);
create index shipments_company_id_created_at_id_idx on shipments (company_id, created_at, id);
create index shipments_company_id_warehouse_id_idx on shipments (company_id, warehouse_id);
create unique index shipment_lines_company_id_shipment_id_order_item_id_key
    on shipment_lines (company_id, shipment_id, order_item_id);
create index shipment_lines_company_id_order_id_idx on shipment_lines (company_id, order_id);
create index shipment_lines_company_id_order_item_id_idx on shipment_lines (company_id, order_item_id);
create unique index shipment_tracking_company_id_shipment_id_status_timestamp_l_key
    on shipment_tracking (company_id, shipment_id, status, timestamp, location);

alter table orders add constraint orders_company_id_exchanged_order_id_fkey
    foreign key (company_id, exchanged_order_id) references orders (company_id, id) on delete restrict on update cascade;
alter table shipments
    add constraint shipments_company_id_fkey
        foreign key (company_id) references companies (id) on delete restrict on update cascade,
    add constraint shipments_company_id_order_id_fkey
        foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade,
    add constraint shipments_company_id_warehouse_id_fkey
        foreign key (company_id, warehouse_id) references warehouses (company_id, id) on delete restrict on update cascade,
    add constraint shipments_company_id_carrier_id_fkey
        foreign key (company_id, carrier_id) references carriers (company_id, id) on delete restrict on update cascade,
    add constraint shipments_company_id_label_id_fkey
        foreign key (company_id, label_id) references shipping_labels (company_id, id) on delete restrict on update cascade;
alter table shipment_lines
    add constraint shipment_lines_company_id_shipment_id_fkey
        foreign key (company_id, shipment_id) references shipments (company_id, id) on delete restrict on update cascade,
    add constraint shipment_lines_company_id_order_id_fkey
        foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade,
    add constraint shipment_lines_company_id_order_item_id_fkey
        foreign key (company_id, order_item_id) references order_items (company_id, id) on delete restrict on update cascade;
alter table shipment_tracking add constraint shipment_tracking_company_id_shipment_id_fkey
    foreign key (company_id, shipment_id) references shipments (company_id, id) on delete restrict on update cascade;

-- What was shipped so far left as a whole, with the goods of all lines.
with shipped as (
    select o.*, case when count(distinct r.warehouse_id) = 1 then min(r.warehouse_id::text)::uuid end as sent_from
    from orders o
    left join reservations r on r.company_id = o.company_id and r.order_id = o.id and r.status = 'CONFIRMED'
    where o.units_shipped > case when o.paid_at is null then 0 else o.units_digital end
        and exists (select from order_items i
                    where i.company_id = o.company_id and i.order_id = o.id and i.requires_shipping)
    group by o.id
), added as (
    insert into shipments (id, company_id, order_id, position, status, warehouse_id, carrier_name, method_id,
        method_name, tracking_number, destination_id, estimated_delivery_date, shipped_at, delivered_at, created_at,
        updated_at)
    select gen_random_uuid(), company_id, id, 1,
        (case when units_delivered >= units_shipped then 'DELIVERED' else 'IN_TRANSIT' end)::shipment_status,
        sent_from, shipping_carrier, shipping_method_id, shipping_method, tracking_number, shipping_address_id,
        estimated_delivery_date, coalesce(shipped_at, processing_at, created_at),
        case when units_delivered >= units_shipped then coalesce(delivered_at, shipped_at, updated_at) end,
        coalesce(shipped_at, processing_at, created_at), current_timestamp
    from shipped
    returning id, company_id, order_id, created_at
)
insert into shipment_lines (id, company_id, shipment_id, order_id, order_item_id, sku, quantity, created_at)
select gen_random_uuid(), a.company_id, a.id, a.order_id, i.id, i.sku, i.quantity, a.created_at
from added a join order_items i on i.company_id = a.company_id and i.order_id = a.order_id and i.requires_shipping;

alter table shipments enable row level security;
create policy of_the_company on shipments to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table shipment_lines enable row level security;
create policy of_the_company on shipment_lines to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table shipment_tracking enable row level security;
create policy of_the_company on shipment_tracking to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

grant select, insert, update on shipments to commerce_gateway;
grant select, insert, update, delete on shipment_lines to commerce_gateway;
grant select, insert on shipment_tracking to commerce_gateway;
