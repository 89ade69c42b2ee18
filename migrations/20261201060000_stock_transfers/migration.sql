-- Stock transfers between warehouses with their lines, and the numbers of documents about stock.

create type stock_document as enum ('TRANSFER', 'STOCK_TAKE', 'PURCHASE_ORDER');
create type stock_transfer_status as enum ('DRAFT', 'IN_TRANSIT', 'PARTIALLY_RECEIVED', 'RECEIVED', 'CANCELLED');

create table stock_document_counters (
    company_id uuid not null,
    document stock_document not null,
    last_number integer not null default 0,

    constraint stock_document_counters_pkey primary key (company_id, document),
    constraint stock_document_counters_not_negative check (last_number >= 0)
);

create table stock_transfers (
    id uuid not null,
    company_id uuid not null,
    number text not null,
    from_warehouse_id uuid not null,
    to_warehouse_id uuid not null,
    status stock_transfer_status not null default 'DRAFT',
    reference text,
    note text,
    expected_on date,
    shipped_at timestamptz(6),
    received_at timestamptz(6),
    cancelled_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint stock_transfers_pkey primary key (id),
    constraint stock_transfers_number_present check (number <> ''),
    constraint stock_transfers_two_warehouses check (from_warehouse_id <> to_warehouse_id),
    constraint stock_transfers_times_of_their_status check (
        case status
            when 'DRAFT' then shipped_at is null and received_at is null and cancelled_at is null
            when 'CANCELLED' then received_at is null and cancelled_at is not null
            when 'RECEIVED' then shipped_at is not null and received_at is not null and cancelled_at is null
            else shipped_at is not null and received_at is null and cancelled_at is null
        end
    )
);

create table stock_transfer_lines (
    id uuid not null,
    company_id uuid not null,
    transfer_id uuid not null,
    inventory_id uuid not null,
    position integer not null,
    quantity integer not null,
    shipped integer not null default 0,
    received integer not null default 0,
    lost integer not null default 0,
    returned integer not null default 0,
    lost_reason text,

    constraint stock_transfer_lines_pkey primary key (id),
    constraint stock_transfer_lines_quantity_positive check (quantity between 1 and 1000000000),
    constraint stock_transfer_lines_shipped_whole check (shipped in (0, quantity)),
    constraint stock_transfer_lines_units_within_shipped
        check (least(received, lost, returned) >= 0 and received + lost + returned <= shipped),
    constraint stock_transfer_lines_lost_with_reason check ((lost > 0) = (lost_reason is not null))
);

create unique index stock_transfers_company_id_id_key on stock_transfers (company_id, id);
create unique index stock_transfers_company_id_number_key on stock_transfers (company_id, number);
create index stock_transfers_company_id_created_at_id_idx on stock_transfers (company_id, created_at, id);
create index stock_transfers_company_id_status_created_at_id_idx on stock_transfers (company_id, status, created_at, id);
create index stock_transfers_company_id_from_warehouse_id_idx on stock_transfers (company_id, from_warehouse_id);
create index stock_transfers_company_id_to_warehouse_id_idx on stock_transfers (company_id, to_warehouse_id);
create unique index stock_transfer_lines_company_id_transfer_id_inventory_id_key on stock_transfer_lines (company_id, transfer_id, inventory_id);
create index stock_transfer_lines_company_id_inventory_id_idx on stock_transfer_lines (company_id, inventory_id);

alter table stock_document_counters add constraint stock_document_counters_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table stock_transfers add constraint stock_transfers_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table stock_transfers add constraint stock_transfers_company_id_from_warehouse_id_fkey
    foreign key (company_id, from_warehouse_id) references warehouses (company_id, id) on delete restrict on update cascade;
alter table stock_transfers add constraint stock_transfers_company_id_to_warehouse_id_fkey
    foreign key (company_id, to_warehouse_id) references warehouses (company_id, id) on delete restrict on update cascade;
alter table stock_transfer_lines add constraint stock_transfer_lines_company_id_transfer_id_fkey
    foreign key (company_id, transfer_id) references stock_transfers (company_id, id) on delete cascade on update cascade;
alter table stock_transfer_lines add constraint stock_transfer_lines_company_id_inventory_id_fkey
    foreign key (company_id, inventory_id) references inventory_items (company_id, id) on delete restrict on update cascade;

alter table stock_document_counters enable row level security;
create policy of_the_company on stock_document_counters to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table stock_transfers enable row level security;
create policy of_the_company on stock_transfers to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table stock_transfer_lines enable row level security;
create policy of_the_company on stock_transfer_lines to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update on stock_document_counters, stock_transfers to commerce_gateway;
grant select, insert, update, delete on stock_transfer_lines to commerce_gateway;
