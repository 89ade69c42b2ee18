-- Carriers of companies, the shipping labels that were bought from them, and the records of the MOCK carrier.

create type label_status as enum ('PENDING', 'PURCHASED', 'VOIDED', 'FAILED');
create type tracking_status as enum ('PRE_TRANSIT', 'PICKED_UP', 'IN_TRANSIT', 'OUT_FOR_DELIVERY',
    'AVAILABLE_FOR_PICKUP', 'DELIVERED', 'RETURN_TO_SENDER', 'EXCEPTION');

create table carriers (
    id uuid not null,
    company_id uuid not null,
    name text not null,
    code text not null,
    adapter text not null,
    api_endpoint text,
    encrypted_secrets text not null,
    configuration jsonb not null default '{}',
    is_active boolean not null default true,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint carriers_pkey primary key (id),
    constraint carriers_name_present check (name <> ''),
    constraint carriers_code_format check (code ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
    constraint carriers_adapter_present check (adapter <> ''),
    constraint carriers_configuration_object check (jsonb_typeof(configuration) = 'object')
);

create table shipping_labels (
    id uuid not null,
    company_id uuid not null,
    order_id uuid not null,
    carrier_id uuid not null,
    service text not null,
    status label_status not null default 'PENDING',
    tracking_number text,
    cost decimal(19, 4),
    currency char(3),
    weight decimal(10, 3) not null,
    length decimal(10, 2),
    width decimal(10, 2),
    height decimal(10, 2),
    origin jsonb not null,
    destination_id uuid not null,
    failure_reason text,
    tracking_status tracking_status,
    tracked_at timestamptz(6),
    tracking_checked_at timestamptz(6),
    purchased_at timestamptz(6),
    void_requested_at timestamptz(6),
    voided_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint shipping_labels_pkey primary key (id),
    constraint shipping_labels_service_present check (service <> ''),
    constraint shipping_labels_weight_positive check (weight > 0),
    constraint shipping_labels_sides_positive check (length > 0 and width > 0 and height > 0),
    constraint shipping_labels_sides_complete check (num_nonnulls(length, width, height) in (0, 3)),
    constraint shipping_labels_origin_object check (jsonb_typeof(origin) = 'object'),
    constraint shipping_labels_cost_not_negative check (cost >= 0),
    constraint shipping_labels_currency_code check (currency ~ '^[A-Z]{3}$'),
    constraint shipping_labels_bought_complete check (
        (purchased_at is not null) = (status in ('PURCHASED', 'VOIDED'))
        and num_nonnulls(purchased_at, tracking_number, cost, currency) in (0, 4)),
    constraint shipping_labels_voided_at_set check ((voided_at is not null) = (status = 'VOIDED')),
    constraint shipping_labels_void_of_bought check (void_requested_at is null or purchased_at is not null),
    constraint shipping_labels_tracking_complete check (
        (tracking_status is null) = (tracked_at is null) and (tracked_at is null or purchased_at is not null))
);

create table mock_parcels (
    reference uuid not null,
    tracking_number text not null,
    service text,
    distance text,
    cost decimal(19, 4),
    currency char(3),
    created_at timestamptz(6) not null default current_timestamp,
    voided_at timestamptz(6),

    constraint mock_parcels_pkey primary key (reference),
    constraint mock_parcels_bought_or_voided check (
        num_nonnulls(service, distance, cost, currency) in (0, 4) and (cost is not null or voided_at is not null))
);

create index carriers_company_id_created_at_id_idx on carriers (company_id, created_at, id);
create unique index carriers_company_id_id_key on carriers (company_id, id);
create unique index carriers_company_id_code_key on carriers (company_id, code);
create index shipping_labels_company_id_order_id_idx on shipping_labels (company_id, order_id);
create unique index shipping_labels_company_id_id_key on shipping_labels (company_id, id);
create unique index shipping_labels_company_id_carrier_id_tracking_number_key
    on shipping_labels (company_id, carrier_id, tracking_number);
create index shipping_labels_unfinished on shipping_labels (company_id, updated_at)
    where status = 'PENDING' or (status = 'PURCHASED' and void_requested_at is not null);
create index shipping_labels_on_their_way on shipping_labels (company_id, tracking_checked_at)
    where status = 'PURCHASED' and (tracking_status is null or tracking_status not in ('DELIVERED', 'RETURN_TO_SENDER'));
create unique index mock_parcels_tracking_number_key on mock_parcels (tracking_number);

alter table carriers add constraint carriers_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table shipping_labels add constraint shipping_labels_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table shipping_labels add constraint shipping_labels_company_id_carrier_id_fkey
    foreign key (company_id, carrier_id) references carriers (company_id, id) on delete restrict on update cascade;

alter table carriers enable row level security;
create policy of_the_company on carriers to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table shipping_labels enable row level security;
create policy of_the_company on shipping_labels to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

grant select, insert, update, delete on carriers to commerce_gateway;
grant select, insert, update on shipping_labels, mock_parcels to commerce_gateway;
