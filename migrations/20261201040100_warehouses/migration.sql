-- Stock per warehouse. What a company has in stock moves to a default warehouse, with its movements and reservations;
-- all balances stay. An item keeps the sums over its warehouses. Rewrites stock_movements and reservations.

create table warehouses (
    id uuid not null,
    company_id uuid not null,
    code text not null,
    name text not null,
    address_line_1 text,
    address_line_2 text,
    city text,
    province text,
    postal_code text,
    country char(2),
    priority integer not null default 0,
    countries text[] not null default '{}',
    is_active boolean not null default true,
    is_default boolean not null default false,
    is_pickup_point boolean not null default false,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint warehouses_pkey primary key (id),
    constraint warehouses_code_present check (code <> ''),
    constraint warehouses_name_present check (name <> ''),
    constraint warehouses_country_code check (country ~ '^[A-Z]{2}$'),
    constraint warehouses_country_codes
        check (array_to_string(countries, ',', '') ~ '^([A-Z]{2}(,[A-Z]{2})*)?$'),
    constraint warehouses_default_active check (is_active or not is_default)
);

create table inventory_levels (
    id uuid not null,
    company_id uuid not null,
    inventory_id uuid not null,
    warehouse_id uuid not null,
    available_stock integer not null default 0,
    reserved_stock integer not null default 0,
    quarantined_stock integer not null default 0,
    total_stock integer not null default 0,
    location text,
    last_restocked timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint inventory_levels_pkey primary key (id),
    constraint inventory_levels_available_not_negative check (available_stock >= 0),
    constraint inventory_levels_reserved_not_negative check (reserved_stock >= 0),
    constraint inventory_levels_quarantined_not_negative check (quarantined_stock >= 0),
    constraint inventory_levels_total_adds_up
        check (total_stock = available_stock + reserved_stock + quarantined_stock)
);

insert into warehouses (id, company_id, code, name, is_default, updated_at)
select gen_random_uuid(), stocked.company_id, 'MAIN', 'Main warehouse', true, current_timestamp
from (select distinct company_id from inventory_items) stocked;

insert into inventory_levels (id, company_id, inventory_id, warehouse_id, available_stock, reserved_stock, total_stock,
    location, last_restocked, created_at, updated_at)
select gen_random_uuid(), i.company_id, i.id, w.id, i.available_stock, i.reserved_stock, i.total_stock, i.location,
    i.last_restocked, i.created_at, i.updated_at
from inventory_items i join warehouses w on w.company_id = i.company_id;

alter table inventory_items
    add column quarantined_stock integer not null default 0,
    drop column location,
    drop constraint inventory_items_total_adds_up,
    add constraint inventory_items_quarantined_not_negative check (quarantined_stock >= 0),
    add constraint inventory_items_total_adds_up
        check (total_stock = available_stock + reserved_stock + quarantined_stock);

alter table stock_movements
    add column warehouse_id uuid,
    add column quarantined_delta integer not null default 0;
update stock_movements m set warehouse_id = w.id from warehouses w where w.company_id = m.company_id;
alter table stock_movements
    alter column warehouse_id set not null,
    drop constraint stock_movements_company_id_inventory_id_fkey,
    drop constraint stock_movements_deltas_move_the_quantity,
    drop constraint stock_movements_reservation_moves_within,
    add constraint stock_movements_deltas_move_the_quantity
        check (greatest(abs(available_delta), abs(reserved_delta), abs(quarantined_delta)) = quantity),
    add constraint stock_movements_reservation_moves_within
        check (type not in ('RESERVATION', 'RELEASE')
            or (available_delta + reserved_delta = 0 and quarantined_delta = 0)),
    add constraint stock_movements_quarantine_moves_within
        check (type not in ('QUARANTINE', 'QUARANTINE_RELEASE')
            or (available_delta + quarantined_delta = 0 and reserved_delta = 0));

alter table reservations add column warehouse_id uuid;
update reservations r set warehouse_id = w.id from warehouses w where w.company_id = r.company_id;
alter table reservations
    alter column warehouse_id set not null,
    drop constraint reservations_company_id_inventory_id_fkey;
drop index reservations_one_active_per_order_and_item;
-- What an order holds of a SKU in a warehouse is one row: reserving more of it adds to the row.
create unique index reservations_one_active_per_order_and_level
    on reservations (company_id, order_id, inventory_id, warehouse_id) where status = 'ACTIVE';

create unique index warehouses_company_id_id_key on warehouses (company_id, id);
create unique index warehouses_company_id_code_key on warehouses (company_id, code);
create unique index warehouses_one_default on warehouses (company_id) where is_default;
create unique index inventory_levels_company_id_id_key on inventory_levels (company_id, id);
create unique index inventory_levels_company_id_inventory_id_warehouse_id_key
    on inventory_levels (company_id, inventory_id, warehouse_id);
create index inventory_levels_company_id_warehouse_id_inventory_id_idx
    on inventory_levels (company_id, warehouse_id, inventory_id);
create index stock_movements_company_id_warehouse_id_created_at_id_idx
    on stock_movements (company_id, warehouse_id, created_at, id);

alter table warehouses add constraint warehouses_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table inventory_levels add constraint inventory_levels_company_id_inventory_id_fkey
    foreign key (company_id, inventory_id) references inventory_items (company_id, id)
    on delete restrict on update cascade;
alter table inventory_levels add constraint inventory_levels_company_id_warehouse_id_fkey
    foreign key (company_id, warehouse_id) references warehouses (company_id, id)
    on delete restrict on update cascade;
alter table stock_movements add constraint stock_movements_company_id_inventory_id_warehouse_id_fkey
    foreign key (company_id, inventory_id, warehouse_id)
    references inventory_levels (company_id, inventory_id, warehouse_id) on delete restrict on update cascade;
alter table reservations add constraint reservations_company_id_inventory_id_warehouse_id_fkey
    foreign key (company_id, inventory_id, warehouse_id)
    references inventory_levels (company_id, inventory_id, warehouse_id) on delete restrict on update cascade;

alter table warehouses enable row level security;
create policy of_the_company on warehouses to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table inventory_levels enable row level security;
create policy of_the_company on inventory_levels to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on warehouses, inventory_levels to commerce_gateway;
