-- Stock takes: counts of the units in a warehouse, SKU by SKU.

create type stock_take_status as enum ('OPEN', 'COMPLETED', 'CANCELLED');

create table stock_takes (
    id uuid not null,
    company_id uuid not null,
    number text not null,
    warehouse_id uuid not null,
    status stock_take_status not null default 'OPEN',
    note text,
    completed_at timestamptz(6),
    cancelled_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint stock_takes_pkey primary key (id),
    constraint stock_takes_number_present check (number <> ''),
    constraint stock_takes_times_of_their_status
        check ((completed_at is not null) = (status = 'COMPLETED') and (cancelled_at is not null) = (status = 'CANCELLED'))
);

create table stock_take_lines (
    id uuid not null,
    company_id uuid not null,
    stock_take_id uuid not null,
    warehouse_id uuid not null,
    inventory_id uuid not null,
    expected integer not null,
    counted integer not null,
    is_open boolean not null default true,
    counted_at timestamptz(6) not null default current_timestamp,

    constraint stock_take_lines_pkey primary key (id),
    constraint stock_take_lines_units_not_negative check (expected >= 0 and counted between 0 and 1000000000)
);

create unique index stock_takes_company_id_id_key on stock_takes (company_id, id);
create unique index stock_takes_company_id_number_key on stock_takes (company_id, number);
create index stock_takes_company_id_created_at_id_idx on stock_takes (company_id, created_at, id);
create index stock_takes_company_id_warehouse_id_status_idx on stock_takes (company_id, warehouse_id, status);
create unique index stock_take_lines_company_id_stock_take_id_inventory_id_key on stock_take_lines (company_id, stock_take_id, inventory_id);
create index stock_take_lines_company_id_stock_take_id_counted_at_id_idx on stock_take_lines (company_id, stock_take_id, counted_at, id);
create index stock_take_lines_company_id_inventory_id_idx on stock_take_lines (company_id, inventory_id);
-- A SKU is in one open stock take of a warehouse.
create unique index stock_take_lines_one_open_per_level
    on stock_take_lines (company_id, warehouse_id, inventory_id) where is_open;

alter table stock_takes add constraint stock_takes_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table stock_takes add constraint stock_takes_company_id_warehouse_id_fkey
    foreign key (company_id, warehouse_id) references warehouses (company_id, id) on delete restrict on update cascade;
alter table stock_take_lines add constraint stock_take_lines_company_id_stock_take_id_fkey
    foreign key (company_id, stock_take_id) references stock_takes (company_id, id) on delete restrict on update cascade;
alter table stock_take_lines add constraint stock_take_lines_company_id_warehouse_id_fkey
    foreign key (company_id, warehouse_id) references warehouses (company_id, id) on delete restrict on update cascade;
alter table stock_take_lines add constraint stock_take_lines_company_id_inventory_id_fkey
    foreign key (company_id, inventory_id) references inventory_items (company_id, id) on delete restrict on update cascade;

alter table stock_takes enable row level security;
create policy of_the_company on stock_takes to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table stock_take_lines enable row level security;
create policy of_the_company on stock_take_lines to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update on stock_takes, stock_take_lines to commerce_gateway;
