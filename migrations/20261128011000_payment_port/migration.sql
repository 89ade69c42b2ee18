-- Payments in the words of providers: statuses, captures of their own, next actions and decline reasons; and the
-- settings of payments in a table of their own. A renamed enum value keeps all rows, indexes and constraints that use
-- it. A value that is added cannot be used before this transaction ends, so conditions on statuses name the final
-- ones.

alter type payment_status rename value 'DECLINED' to 'FAILED';
alter type payment_status rename value 'UNKNOWN' to 'PROCESSING';
alter type payment_status rename value 'VOIDED' to 'CANCELLED';
alter type payment_status add value 'REQUIRES_ACTION' before 'CANCELLED';
alter type payment_status add value 'AUTHORIZED' before 'CANCELLED';

create type capture_method as enum ('AUTOMATIC', 'MANUAL');
create type next_action_type as enum ('REDIRECT', 'THREE_D_SECURE');
create type decline_reason as enum (
    'CARD_DECLINED', 'INSUFFICIENT_FUNDS', 'CARD_EXPIRED', 'SECURITY_CODE_INVALID', 'AUTHENTICATION_FAILED',
    'METHOD_NOT_SUPPORTED', 'PROVIDER_ERROR'
);

alter table payments rename column void_requested_at to cancel_requested_at;
alter table payments
    add column capture_method capture_method not null default 'AUTOMATIC',
    add column next_action_type next_action_type,
    add column next_action_url text,
    add column failure_reason decline_reason,
    add column capture_requested_at timestamptz(6);

update payments set failure_reason = case failure_code
    when 'CARD_DECLINED' then 'CARD_DECLINED'
    when 'INSUFFICIENT_FUNDS' then 'INSUFFICIENT_FUNDS'
    when 'TEST_CARD_REQUIRED' then 'METHOD_NOT_SUPPORTED'
    else 'PROVIDER_ERROR' end::decline_reason
where status = 'FAILED';

alter table payments
    drop constraint payments_settled_has_time,
    add constraint payments_settled_has_time
        check ((status in ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (settled_at is not null)),
    add constraint payments_failed_has_reason check (status <> 'FAILED' or failure_reason is not null),
    add constraint payments_next_action_complete check ((next_action_type is null) = (next_action_url is null)),
    add constraint payments_next_action_before_outcome
        check (next_action_url is null or status not in ('PENDING', 'PROCESSING', 'SUCCEEDED', 'FAILED', 'CANCELLED'));

alter table refunds
    add column failure_reason decline_reason,
    add column failure_code text,
    add column failure_message text,
    add constraint refunds_failure_when_failed check (failure_reason is null or status = 'FAILED');

-- What reconciliation looks for, and the one payment of an order that may still take money.
drop index payments_open;
create index payments_open on payments (company_id, updated_at)
    where status not in ('SUCCEEDED', 'FAILED', 'CANCELLED')
        or (status = 'SUCCEEDED' and cancel_requested_at is not null);
drop index payments_one_open;
create unique index payments_one_open on payments (company_id, order_id)
    where status not in ('SUCCEEDED', 'FAILED', 'CANCELLED');

-- ---- the MOCK provider's books

alter table mock_charges
    add column capture_method capture_method not null default 'AUTOMATIC',
    drop constraint mock_charges_known_status,
    drop constraint mock_charges_approved_has_amount,
    add constraint mock_charges_known_status
        check (status in ('REQUIRES_ACTION', 'AUTHORIZED', 'APPROVED', 'DECLINED', 'VOIDED')),
    add constraint mock_charges_open_has_amount check (status in ('DECLINED', 'VOIDED') or amount > 0);

-- ---- settings

create table payment_settings (
    company_id uuid not null,
    payment_provider text,
    card_payments payment_audience not null default 'EVERYONE',
    invoice_payments payment_audience not null default 'CUSTOMERS',
    cash_on_delivery payment_audience not null default 'NOBODY',
    updated_at timestamptz(6) not null,

    constraint payment_settings_pkey primary key (company_id),
    constraint payment_settings_company_id_fkey foreign key (company_id)
        references companies (id) on delete restrict on update cascade
);

alter table payment_settings enable row level security;
create policy of_the_company on payment_settings to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

insert into payment_settings (company_id, card_payments, invoice_payments, cash_on_delivery, updated_at)
select id, card_payments, invoice_payments, cash_on_delivery, updated_at from companies;

alter table companies drop column card_payments, drop column invoice_payments, drop column cash_on_delivery;
