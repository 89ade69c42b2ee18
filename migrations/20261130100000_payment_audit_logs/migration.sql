-- What was done about the money of a company, by whom and with what result. Rows are only added. There are no foreign
-- keys to payments and orders: each payment would pay for their checks. Acts before this migration are not logged.

create type payment_audit_event as enum (
    'PAYMENT_CREATED', 'PAYMENT_RECORDED', 'PAYMENT_REQUIRES_ACTION', 'PAYMENT_AUTHORIZED', 'PAYMENT_SUCCEEDED',
    'PAYMENT_FAILED', 'PAYMENT_CANCELLED', 'CAPTURE_REQUESTED', 'CANCELLATION_REQUESTED',
    'REFUND_REQUESTED', 'REFUND_SUCCEEDED', 'REFUND_FAILED', 'CHARGEBACK',
    'ACCOUNT_UPDATED', 'WEBHOOK_REPLAYED', 'METHOD_SAVED', 'METHOD_FORGOTTEN'
);

create table payment_audit_logs (
    id uuid not null,
    company_id uuid not null,
    event_type payment_audit_event not null,
    actor_kind actor_kind not null,
    user_id uuid,
    provider text,
    payment_id uuid,
    order_id uuid,
    amount decimal(19, 4),
    currency char(3),
    success boolean not null,
    error text,
    details text,
    timestamp timestamptz(6) not null default current_timestamp,

    constraint payment_audit_logs_pkey primary key (id),
    constraint payment_audit_logs_amount_has_currency check ((amount is null) = (currency is null)),
    constraint payment_audit_logs_error_is_of_failure check (error is null or not success)
);

create index payment_audit_logs_company_id_timestamp_id_idx on payment_audit_logs (company_id, timestamp, id);
create index payment_audit_logs_company_id_event_type_timestamp_id_idx
    on payment_audit_logs (company_id, event_type, timestamp, id);
create index payment_audit_logs_company_id_order_id_idx on payment_audit_logs (company_id, order_id);
create index payment_audit_logs_company_id_payment_id_idx on payment_audit_logs (company_id, payment_id);
create index payment_audit_logs_company_id_user_id_timestamp_id_idx
    on payment_audit_logs (company_id, user_id, timestamp, id);
create index payment_audit_logs_failed on payment_audit_logs (company_id, timestamp, id) where not success;

alter table payment_audit_logs add constraint payment_audit_logs_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;

alter table payment_audit_logs enable row level security;
create policy of_the_company on payment_audit_logs to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert on payment_audit_logs to commerce_gateway;

-- The gateway may not change the log. This replaces a user in it, in the current company, by an erased one.
create function erase_payment_audit_users(author uuid, erased_id uuid) returns bigint
    language sql security definer set search_path = pg_catalog, public as
$$
    with erased as (
        update public.payment_audit_logs l set user_id = erased_id
        from public.users u
        where u.id = erased_id and u.erased_at is not null
          and l.company_id = nullif(current_setting('app.company_id', true), '')::uuid and l.user_id = author
        returning 1
    )
    select count(*) from erased
$$;
revoke execute on function erase_payment_audit_users(uuid, uuid) from public;
grant execute on function erase_payment_audit_users(uuid, uuid) to commerce_gateway;

-- Lists of payments, transactions and refunds for staff.
create index payments_company_id_created_at_id_idx on payments (company_id, created_at, id);
create index payments_company_id_status_created_at_id_idx on payments (company_id, status, created_at, id);
create index payment_transactions_company_id_processed_at_id_idx
    on payment_transactions (company_id, processed_at, id);
create index payment_transactions_company_id_type_processed_at_id_idx
    on payment_transactions (company_id, type, processed_at, id);
create index refunds_company_id_created_at_id_idx on refunds (company_id, created_at, id);
