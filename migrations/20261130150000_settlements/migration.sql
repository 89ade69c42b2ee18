-- Settlement reports of payment providers, their lines, and how they differ from the transactions of payments. The
-- tables are new; nothing else is changed.

create type settlement_line_type as enum ('CHARGE', 'REFUND', 'FEE', 'CHARGEBACK', 'CHARGEBACK_REVERSAL', 'PAYOUT', 'ADJUSTMENT');

create type settlement_difference_kind as enum ('MISSING_HERE', 'MISSING_AT_PROVIDER', 'AMOUNT_DIFFERS', 'CURRENCY_DIFFERS', 'DUPLICATE');

create type settlement_difference_status as enum ('OPEN', 'RESOLVED', 'CLEARED');

create table settlement_reports (
    id uuid not null,
    company_id uuid not null,
    provider text not null,
    digest char(64) not null,
    account_id text,
    period_from timestamptz(6) not null,
    period_to timestamptz(6) not null,
    currency char(3) not null,
    line_count integer not null,
    repeated_count integer not null default 0,
    gross decimal(19,4) not null,
    fee decimal(19,4) not null,
    net decimal(19,4) not null,
    imported_by uuid,
    created_at timestamptz(6) not null default current_timestamp,

    constraint settlement_reports_pkey primary key (id),
    constraint settlement_reports_period check (period_from <= period_to),
    constraint settlement_reports_counts check (repeated_count between 0 and line_count),
    constraint settlement_reports_sums check (gross - fee = net)
);

create table settlement_differences (
    id uuid not null,
    company_id uuid not null,
    report_id uuid not null,
    provider text not null,
    type settlement_line_type not null,
    reference text not null,
    transaction_id uuid,
    kind settlement_difference_kind not null,
    status settlement_difference_status not null default 'OPEN',
    amount_here decimal(19,4),
    currency_here char(3),
    amount_reported decimal(19,4),
    currency_reported char(3),
    reason text,
    resolved_by uuid,
    resolved_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint settlement_differences_pkey primary key (id),
    constraint settlement_differences_type check (type in ('CHARGE', 'REFUND', 'CHARGEBACK')),
    constraint settlement_differences_resolved
        check ((status = 'RESOLVED') = (reason is not null) and (status = 'RESOLVED') = (resolved_at is not null)),
    constraint settlement_differences_here
        check ((kind = 'MISSING_HERE') = (amount_here is null) and (amount_here is null) = (currency_here is null)),
    constraint settlement_differences_reported
        check ((kind = 'MISSING_AT_PROVIDER') = (amount_reported is null)
            and (amount_reported is null) = (currency_reported is null))
);

create table settlement_lines (
    id uuid not null,
    company_id uuid not null,
    report_id uuid not null,
    line integer not null,
    provider text not null,
    external_id text not null,
    type settlement_line_type not null,
    category text not null,
    gross decimal(19,4) not null,
    fee decimal(19,4) not null,
    net decimal(19,4) not null,
    currency char(3) not null,
    occurred_at timestamptz(6) not null,
    available_at timestamptz(6),
    reference text not null,
    payment_reference text,
    transaction_id uuid,
    difference_id uuid,
    created_at timestamptz(6) not null default current_timestamp,

    constraint settlement_lines_pkey primary key (id),
    constraint settlement_lines_sums check (gross - fee = net)
);
create index settlement_reports_company_id_created_at_id_idx on settlement_reports(company_id, created_at, id);
create unique index settlement_reports_company_id_id_key on settlement_reports(company_id, id);
create unique index settlement_reports_company_id_digest_key on settlement_reports(company_id, digest);
create index settlement_differences_company_id_report_id_idx on settlement_differences(company_id, report_id);
create index settlement_differences_company_id_created_at_id_idx on settlement_differences(company_id, created_at, id);
create index settlement_differences_company_id_status_created_at_id_idx on settlement_differences(company_id, status, created_at, id);
create unique index settlement_differences_company_id_id_key on settlement_differences(company_id, id);
create unique index settlement_differences_company_id_provider_type_reference_key on settlement_differences(company_id, provider, type, reference);
create index settlement_lines_company_id_provider_reference_idx on settlement_lines(company_id, provider, reference);
create index settlement_lines_company_id_difference_id_idx
    on settlement_lines(company_id, difference_id) where difference_id is not null;
create unique index settlement_lines_company_id_provider_external_id_key on settlement_lines(company_id, provider, external_id);
create unique index settlement_lines_company_id_report_id_line_key on settlement_lines(company_id, report_id, line);
alter table settlement_reports add constraint settlement_reports_company_id_fkey
    foreign key (company_id) references companies(id)
    on delete restrict on update cascade;
alter table settlement_differences add constraint settlement_differences_company_id_report_id_fkey
    foreign key (company_id, report_id) references settlement_reports(company_id, id)
    on delete restrict on update cascade;
alter table settlement_lines add constraint settlement_lines_company_id_report_id_fkey
    foreign key (company_id, report_id) references settlement_reports(company_id, id)
    on delete restrict on update cascade;
alter table settlement_lines add constraint settlement_lines_company_id_difference_id_fkey
    foreign key (company_id, difference_id) references settlement_differences(company_id, id)
    on delete restrict on update cascade;

do $$
declare
    owned text;
begin
    foreach owned in array array['settlement_reports', 'settlement_differences', 'settlement_lines'] loop
        execute format('alter table %I enable row level security', owned);
        execute format(
            'create policy of_the_company on %I to commerce_gateway '
            'using (company_id = nullif(current_setting(''app.company_id'', true), '''')::uuid)', owned);
    end loop;
end
$$;
grant select, insert, update on settlement_reports, settlement_differences, settlement_lines to commerce_gateway;
