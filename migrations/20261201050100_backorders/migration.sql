-- Units that are sold before they are in stock: the limit of each SKU, and the units that orders wait for.

create type backorder_kind as enum ('BACKORDER', 'PREORDER');
create type backorder_status as enum ('WAITING', 'ALLOCATED', 'CANCELLED');

alter table inventory_items
    add column backorder_limit integer not null default 0,
    add column backorder_kind backorder_kind not null default 'BACKORDER',
    add column promised_at timestamptz(6),
    add column backordered_units integer not null default 0,
    add constraint inventory_items_backorders_within_limit check (backordered_units between 0 and backorder_limit);

create table backorders (
    id uuid not null,
    company_id uuid not null,
    inventory_id uuid not null,
    order_id uuid not null,
    quantity integer not null,
    allocated integer not null default 0,
    kind backorder_kind not null,
    status backorder_status not null default 'WAITING',
    promised_at timestamptz(6),
    country char(2),
    pickup_warehouse_id uuid,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint backorders_pkey primary key (id),
    constraint backorders_quantity_positive check (quantity > 0),
    constraint backorders_allocated_within_quantity check (allocated between 0 and quantity),
    constraint backorders_allocated_when_filled check ((status = 'ALLOCATED') = (allocated = quantity)),
    constraint backorders_country_code check (country ~ '^[A-Z]{2}$')
);

create unique index backorders_company_id_id_key on backorders (company_id, id);
create index backorders_company_id_order_id_idx on backorders (company_id, order_id);
create index backorders_company_id_inventory_id_created_at_id_idx
    on backorders (company_id, inventory_id, created_at, id);
-- What an order waits for of a SKU is one row.
create unique index backorders_one_waiting_per_order_and_item
    on backorders (company_id, order_id, inventory_id) where status = 'WAITING';
create index backorders_waiting on backorders (company_id, inventory_id, created_at, id) where status = 'WAITING';

alter table backorders add constraint backorders_company_id_inventory_id_fkey
    foreign key (company_id, inventory_id) references inventory_items (company_id, id)
    on delete restrict on update cascade;
alter table backorders add constraint backorders_company_id_pickup_warehouse_id_fkey
    foreign key (company_id, pickup_warehouse_id) references warehouses (company_id, id)
    on delete restrict on update cascade;

alter table backorders enable row level security;
create policy of_the_company on backorders to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on backorders to commerce_gateway;
