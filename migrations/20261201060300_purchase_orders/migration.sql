-- Purchase orders of stock with their lines, received in parts.

create type purchase_order_status as enum ('DRAFT', 'ORDERED', 'PARTIALLY_RECEIVED', 'RECEIVED', 'CANCELLED');

create table purchase_orders (
    id uuid not null,
    company_id uuid not null,
    number text not null,
    warehouse_id uuid not null,
    status purchase_order_status not null default 'DRAFT',
    supplier_name text not null,
    supplier_contact text,
    supplier_reference text,
    note text,
    currency char(3) not null,
    expected_on date,
    ordered_at timestamptz(6),
    received_at timestamptz(6),
    cancelled_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint purchase_orders_pkey primary key (id),
    constraint purchase_orders_number_present check (number <> ''),
    constraint purchase_orders_supplier_name_present check (supplier_name <> ''),
    constraint purchase_orders_currency_code check (currency ~ '^[A-Z]{3}$'),
    constraint purchase_orders_times_of_their_status check (
        case status
            when 'DRAFT' then ordered_at is null and received_at is null and cancelled_at is null
            when 'CANCELLED' then received_at is null and cancelled_at is not null
            when 'RECEIVED' then ordered_at is not null and received_at is not null and cancelled_at is null
            else ordered_at is not null and received_at is null and cancelled_at is null
        end
    )
);

create table purchase_order_lines (
    id uuid not null,
    company_id uuid not null,
    purchase_order_id uuid not null,
    inventory_id uuid not null,
    position integer not null,
    quantity integer not null,
    received integer not null default 0,
    unit_cost decimal(19, 4),
    currency char(3) not null,

    constraint purchase_order_lines_pkey primary key (id),
    constraint purchase_order_lines_quantity_positive check (quantity between 1 and 1000000000),
    constraint purchase_order_lines_received_within_quantity check (received between 0 and quantity),
    constraint purchase_order_lines_unit_cost_not_negative check (unit_cost >= 0),
    constraint purchase_order_lines_currency_code check (currency ~ '^[A-Z]{3}$')
);

create unique index purchase_orders_company_id_id_key on purchase_orders (company_id, id);
create unique index purchase_orders_company_id_number_key on purchase_orders (company_id, number);
create index purchase_orders_company_id_created_at_id_idx on purchase_orders (company_id, created_at, id);
create index purchase_orders_company_id_status_created_at_id_idx on purchase_orders (company_id, status, created_at, id);
create index purchase_orders_company_id_warehouse_id_idx on purchase_orders (company_id, warehouse_id);
create unique index purchase_order_lines_company_id_purchase_order_id_inventory_id_key on purchase_order_lines (company_id, purchase_order_id, inventory_id);
create index purchase_order_lines_company_id_inventory_id_idx on purchase_order_lines (company_id, inventory_id);

alter table purchase_orders add constraint purchase_orders_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table purchase_orders add constraint purchase_orders_company_id_warehouse_id_fkey
    foreign key (company_id, warehouse_id) references warehouses (company_id, id) on delete restrict on update cascade;
alter table purchase_order_lines add constraint purchase_order_lines_company_id_purchase_order_id_fkey
    foreign key (company_id, purchase_order_id) references purchase_orders (company_id, id) on delete cascade on update cascade;
alter table purchase_order_lines add constraint purchase_order_lines_company_id_inventory_id_fkey
    foreign key (company_id, inventory_id) references inventory_items (company_id, id) on delete restrict on update cascade;

alter table purchase_orders enable row level security;
create policy of_the_company on purchase_orders to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table purchase_order_lines enable row level security;
create policy of_the_company on purchase_order_lines to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update on purchase_orders to commerce_gateway;
grant select, insert, update, delete on purchase_order_lines to commerce_gateway;
