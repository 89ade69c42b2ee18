-- Return requests of orders: their items, authorizations, history, tracking, refunds, counters and settings; and labels
-- for goods that come back.

create type return_status as enum ('PENDING', 'APPROVED', 'REJECTED', 'IN_TRANSIT', 'RECEIVED', 'PROCESSED', 'CLOSED');
create type return_reason as enum ('DEFECTIVE', 'WRONG_ITEM', 'NOT_AS_DESCRIBED', 'CHANGED_MIND', 'OTHER');
create type return_refund_method as enum ('ORIGINAL_PAYMENT', 'STORE_CREDIT', 'EXCHANGE');
create type return_condition as enum ('NEW', 'USED', 'DAMAGED', 'DEFECTIVE');
create type return_refund_status as enum ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED');
create type return_shipping_payer as enum ('CUSTOMER', 'COMPANY');

alter table shipping_labels add column is_return boolean not null default false;

create table return_requests (
    id uuid not null,
    company_id uuid not null,
    order_id uuid not null,
    user_id uuid,
    rma_number text not null,
    status return_status not null default 'PENDING',
    return_reason return_reason not null,
    return_notes text,
    refund_method return_refund_method not null,
    refund_amount decimal(19, 4) not null default 0,
    currency char(3) not null,
    exchange_wishes jsonb not null default '[]',
    rejection_reason text,
    metadata jsonb not null default '{}',
    created_by uuid,
    requested_at timestamptz(6) not null,
    approved_at timestamptz(6),
    rejected_at timestamptz(6),
    in_transit_at timestamptz(6),
    received_at timestamptz(6),
    processed_at timestamptz(6),
    closed_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint return_requests_pkey primary key (id),
    constraint return_requests_number_format check (rma_number ~ '^RMA-[1-9][0-9]*$'),
    constraint return_requests_currency_code check (currency ~ '^[A-Z]{3}$'),
    constraint return_requests_refund_not_negative check (refund_amount >= 0),
    constraint return_requests_wishes_list check (jsonb_typeof(exchange_wishes) = 'array'),
    constraint return_requests_metadata_object check (jsonb_typeof(metadata) = 'object'),
    constraint return_requests_rejected_for_a_reason check ((rejection_reason is null) = (rejected_at is null)),
    constraint return_requests_rejected_alone check (
        rejected_at is null or num_nonnulls(approved_at, in_transit_at, received_at, processed_at, closed_at) = 0),
    constraint return_requests_on_the_way_approved check (
        approved_at is not null or num_nonnulls(in_transit_at, received_at, processed_at) = 0),
    constraint return_requests_status_of_times check (
        status = (case when rejected_at is not null then 'REJECTED' when closed_at is not null then 'CLOSED'
                       when processed_at is not null then 'PROCESSED' when received_at is not null then 'RECEIVED'
                       when in_transit_at is not null then 'IN_TRANSIT' when approved_at is not null then 'APPROVED'
                       else 'PENDING' end)::return_status)
);

create table return_items (
    id uuid not null,
    company_id uuid not null,
    return_request_id uuid not null,
    order_item_id uuid not null,
    product_id uuid not null,
    variant_id uuid,
    product_name text not null,
    variant_name text,
    product_sku text not null,
    quantity integer not null,
    approved integer not null default 0,
    received integer not null default 0,
    damaged integer not null default 0,
    restocked integer not null default 0,
    refunded integer not null default 0,
    unit_price decimal(19, 4) not null,
    refund_amount decimal(19, 4) not null default 0,
    currency char(3) not null,
    return_reason return_reason not null,
    condition return_condition,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint return_items_pkey primary key (id),
    constraint return_items_quantity_positive check (quantity > 0),
    constraint return_items_approved_were_requested check (approved between 0 and quantity),
    constraint return_items_received_were_approved check (received between 0 and approved),
    constraint return_items_inspected_were_received check (
        damaged >= 0 and restocked >= 0 and damaged + restocked <= received),
    constraint return_items_refunded_were_approved check (refunded between 0 and approved),
    constraint return_items_amounts_not_negative check (unit_price >= 0 and refund_amount >= 0),
    constraint return_items_currency_code check (currency ~ '^[A-Z]{3}$')
);

create table return_authorizations (
    id uuid not null,
    company_id uuid not null,
    return_request_id uuid not null,
    rma_number text not null,
    warehouse_id uuid not null,
    return_address jsonb not null,
    return_instructions text not null default '',
    label_id uuid,
    carrier_id uuid,
    carrier_name text,
    tracking_number text,
    tracking_status tracking_status,
    tracked_at timestamptz(6),
    expires_at timestamptz(6) not null,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint return_authorizations_pkey primary key (id),
    constraint return_authorizations_address_object check (jsonb_typeof(return_address) = 'object'),
    constraint return_authorizations_tracking_complete check ((tracking_status is null) = (tracked_at is null))
);

create table return_status_history (
    id uuid not null,
    company_id uuid not null,
    return_request_id uuid not null,
    status return_status not null,
    previous_status return_status,
    changed_by uuid,
    actor_kind actor_kind not null,
    notes text,
    created_at timestamptz(6) not null default current_timestamp,

    constraint return_status_history_pkey primary key (id)
);

create table return_tracking (
    id uuid not null,
    company_id uuid not null,
    authorization_id uuid not null,
    status tracking_status not null,
    location text not null default '',
    description text not null default '',
    timestamp timestamptz(6) not null,
    source tracking_source not null,
    carrier_data jsonb not null default '{}',
    created_by uuid,
    created_at timestamptz(6) not null default current_timestamp,

    constraint return_tracking_pkey primary key (id)
);

create table return_refunds (
    id uuid not null,
    company_id uuid not null,
    return_request_id uuid not null,
    order_id uuid not null,
    user_id uuid,
    payment_id uuid,
    refund_id uuid,
    exchange_order_id uuid,
    refund_method return_refund_method not null,
    amount decimal(19, 4) not null,
    fee decimal(19, 4) not null default 0,
    currency char(3) not null,
    status return_refund_status not null default 'PENDING',
    reason text,
    created_by uuid,
    processed_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint return_refunds_pkey primary key (id),
    constraint return_refunds_amounts_not_negative check (amount >= 0 and fee >= 0),
    constraint return_refunds_currency_code check (currency ~ '^[A-Z]{3}$')
);

create table return_counters (
    company_id uuid not null,
    last_number bigint not null,

    constraint return_counters_pkey primary key (company_id),
    constraint return_counters_last_number_positive check (last_number > 0)
);

create table return_settings (
    company_id uuid not null,
    return_window_days integer not null default 30,
    return_shipping_paid_by return_shipping_payer not null default 'CUSTOMER',
    return_fee decimal(19, 4) not null default 0,
    non_returnable_product_ids uuid[] not null default '{}',
    non_returnable_category_ids uuid[] not null default '{}',
    return_authorization_days integer not null default 14,
    return_instructions text not null default '',
    returns_auto_approved boolean not null default false,

    constraint return_settings_pkey primary key (company_id),
    constraint return_settings_window_days_range check (return_window_days between 0 and 3650),
    constraint return_settings_return_fee_not_negative check (return_fee >= 0),
    constraint return_settings_authorization_days_range check (return_authorization_days between 1 and 365),
    constraint return_settings_excluded_few check (
        cardinality(non_returnable_product_ids) <= 1000 and cardinality(non_returnable_category_ids) <= 1000)
);

create unique index return_requests_company_id_id_key on return_requests (company_id, id);
create unique index return_requests_company_id_rma_number_key on return_requests (company_id, rma_number);
create index return_requests_company_id_order_id_id_idx on return_requests (company_id, order_id, id);
create index return_requests_company_id_requested_at_id_idx on return_requests (company_id, requested_at, id);
create index return_requests_company_id_status_requested_at_id_idx
    on return_requests (company_id, status, requested_at, id);
create index return_requests_company_id_user_id_requested_at_id_idx
    on return_requests (company_id, user_id, requested_at, id);
create index return_requests_user_id_idx on return_requests (user_id);
create index return_requests_created_by_idx on return_requests (created_by);
create unique index return_items_company_id_id_key on return_items (company_id, id);
create unique index return_items_company_id_return_request_id_order_item_id_key
    on return_items (company_id, return_request_id, order_item_id);
create index return_items_company_id_order_item_id_idx on return_items (company_id, order_item_id);
create index return_items_company_id_product_id_idx on return_items (company_id, product_id);
create index return_items_company_id_variant_id_idx on return_items (company_id, variant_id);
create unique index return_authorizations_company_id_id_key on return_authorizations (company_id, id);
create unique index return_authorizations_company_id_return_request_id_key
    on return_authorizations (company_id, return_request_id);
create unique index return_authorizations_company_id_rma_number_key on return_authorizations (company_id, rma_number);
create unique index return_authorizations_company_id_label_id_key on return_authorizations (company_id, label_id);
create index return_authorizations_company_id_warehouse_id_idx on return_authorizations (company_id, warehouse_id);
create index return_authorizations_company_id_carrier_id_tracking_number_idx
    on return_authorizations (company_id, carrier_id, tracking_number);
create index return_authorizations_company_id_tracking_number_idx on return_authorizations (company_id, tracking_number);
create index return_authorizations_company_id_expires_at_idx on return_authorizations (company_id, expires_at);
create index return_status_history_company_id_return_request_id_id_idx
    on return_status_history (company_id, return_request_id, id);
create index return_status_history_changed_by_idx on return_status_history (changed_by);
create unique index return_tracking_company_id_authorization_id_status_timestam_key
    on return_tracking (company_id, authorization_id, status, timestamp, location);
create index return_tracking_created_by_idx on return_tracking (created_by);
create unique index return_refunds_company_id_id_key on return_refunds (company_id, id);
create index return_refunds_company_id_return_request_id_id_idx on return_refunds (company_id, return_request_id, id);
create index return_refunds_company_id_order_id_idx on return_refunds (company_id, order_id);
create index return_refunds_company_id_payment_id_idx on return_refunds (company_id, payment_id);
create index return_refunds_company_id_refund_id_idx on return_refunds (company_id, refund_id);
create index return_refunds_company_id_exchange_order_id_idx on return_refunds (company_id, exchange_order_id);
create index return_refunds_user_id_idx on return_refunds (user_id);
create index return_refunds_created_by_idx on return_refunds (created_by);

alter table return_requests
    add constraint return_requests_company_id_fkey
        foreign key (company_id) references companies (id) on delete restrict on update cascade,
    add constraint return_requests_company_id_order_id_fkey
        foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade,
    add constraint return_requests_user_id_fkey
        foreign key (user_id) references users (id) on delete restrict on update cascade,
    add constraint return_requests_created_by_fkey
        foreign key (created_by) references users (id) on delete restrict on update cascade;
alter table return_items
    add constraint return_items_company_id_return_request_id_fkey
        foreign key (company_id, return_request_id) references return_requests (company_id, id) on delete restrict on update cascade,
    add constraint return_items_company_id_order_item_id_fkey
        foreign key (company_id, order_item_id) references order_items (company_id, id) on delete restrict on update cascade,
    add constraint return_items_company_id_product_id_fkey
        foreign key (company_id, product_id) references products (company_id, id) on delete restrict on update cascade,
    add constraint return_items_company_id_variant_id_fkey
        foreign key (company_id, variant_id) references product_variants (company_id, id) on delete restrict on update cascade;
alter table return_authorizations
    add constraint return_authorizations_company_id_return_request_id_fkey
        foreign key (company_id, return_request_id) references return_requests (company_id, id) on delete restrict on update cascade,
    add constraint return_authorizations_company_id_warehouse_id_fkey
        foreign key (company_id, warehouse_id) references warehouses (company_id, id) on delete restrict on update cascade,
    add constraint return_authorizations_company_id_label_id_fkey
        foreign key (company_id, label_id) references shipping_labels (company_id, id) on delete restrict on update cascade,
    add constraint return_authorizations_company_id_carrier_id_fkey
        foreign key (company_id, carrier_id) references carriers (company_id, id) on delete restrict on update cascade;
alter table return_status_history
    add constraint return_status_history_company_id_return_request_id_fkey
        foreign key (company_id, return_request_id) references return_requests (company_id, id) on delete restrict on update cascade,
    add constraint return_status_history_changed_by_fkey
        foreign key (changed_by) references users (id) on delete restrict on update cascade;
alter table return_tracking
    add constraint return_tracking_company_id_authorization_id_fkey
        foreign key (company_id, authorization_id) references return_authorizations (company_id, id) on delete restrict on update cascade,
    add constraint return_tracking_created_by_fkey
        foreign key (created_by) references users (id) on delete restrict on update cascade;
alter table return_refunds
    add constraint return_refunds_company_id_return_request_id_fkey
        foreign key (company_id, return_request_id) references return_requests (company_id, id) on delete restrict on update cascade,
    add constraint return_refunds_company_id_order_id_fkey
        foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade,
    add constraint return_refunds_user_id_fkey
        foreign key (user_id) references users (id) on delete restrict on update cascade,
    add constraint return_refunds_company_id_payment_id_fkey
        foreign key (company_id, payment_id) references payments (company_id, id) on delete restrict on update cascade,
    add constraint return_refunds_company_id_refund_id_fkey
        foreign key (company_id, refund_id) references refunds (company_id, id) on delete restrict on update cascade,
    add constraint return_refunds_company_id_exchange_order_id_fkey
        foreign key (company_id, exchange_order_id) references orders (company_id, id) on delete restrict on update cascade,
    add constraint return_refunds_created_by_fkey
        foreign key (created_by) references users (id) on delete restrict on update cascade;
alter table return_counters
    add constraint return_counters_company_id_fkey
        foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table return_settings
    add constraint return_settings_company_id_fkey
        foreign key (company_id) references companies (id) on delete restrict on update cascade;

alter table return_requests enable row level security;
create policy of_the_company on return_requests to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table return_items enable row level security;
create policy of_the_company on return_items to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table return_authorizations enable row level security;
create policy of_the_company on return_authorizations to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table return_status_history enable row level security;
create policy of_the_company on return_status_history to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table return_tracking enable row level security;
create policy of_the_company on return_tracking to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table return_refunds enable row level security;
create policy of_the_company on return_refunds to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table return_counters enable row level security;
create policy of_the_company on return_counters to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table return_settings enable row level security;
create policy of_the_company on return_settings to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
create policy read_by_the_platform on return_settings for select to commerce_gateway
    using (nullif(current_setting('app.company_id', true), '')::uuid is null);

grant select, insert, update on return_requests to commerce_gateway;
grant select, insert, update on return_items to commerce_gateway;
grant select, insert, update on return_authorizations to commerce_gateway;
grant select, insert, update on return_refunds to commerce_gateway;
grant select, insert, update on return_counters to commerce_gateway;
grant select, insert on return_status_history, return_tracking to commerce_gateway;
grant select, insert, update, delete on return_settings to commerce_gateway;

create function erase_return_notes(request_ids uuid[]) returns bigint
    language sql security definer set search_path = pg_catalog, public as
$$
    with erased as (
        update public.return_status_history h set notes = 'Erased'
        from public.return_requests r
        where h.company_id = nullif(current_setting('app.company_id', true), '')::uuid
          and r.company_id = h.company_id and r.id = h.return_request_id and r.id = any(request_ids)
          and r.return_notes = 'Erased'
          and h.notes is not null and h.notes <> 'Erased' and h.actor_kind <> 'SYSTEM'
        returning 1
    )
    select count(*) from erased
$$;

create function erase_return_authors(author uuid, erased_id uuid) returns bigint
    language sql security definer set search_path = pg_catalog, public as
$$
    with person as (
        select id from public.users where id = erased_id and erased_at is not null
    ), changes as (
        update public.return_status_history h set changed_by = person.id from person
        where h.company_id = nullif(current_setting('app.company_id', true), '')::uuid and h.changed_by = author
        returning 1
    ), events as (
        update public.return_tracking t set created_by = person.id from person
        where t.company_id = nullif(current_setting('app.company_id', true), '')::uuid and t.created_by = author
        returning 1
    )
    select (select count(*) from changes) + (select count(*) from events)
$$;

revoke execute on function erase_return_notes(uuid[]) from public;
revoke execute on function erase_return_authors(uuid, uuid) from public;
grant execute on function erase_return_notes(uuid[]) to commerce_gateway;
grant execute on function erase_return_authors(uuid, uuid) to commerce_gateway;
