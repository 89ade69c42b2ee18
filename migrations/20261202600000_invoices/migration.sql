-- Invoices and credit notes of orders, numbered without gaps, and the settings of documents.

create type invoice_kind as enum ('INVOICE', 'CREDIT_NOTE');

alter table orders
    add column invoiced_total decimal(19, 4),
    add column amount_credited decimal(19, 4) not null default 0,
    add constraint orders_invoiced_total_positive check (invoiced_total > 0),
    add constraint orders_credited_not_negative check (amount_credited >= 0);

create table document_settings (
    company_id uuid not null,
    legal_name text,
    address_line_1 text,
    address_line_2 text,
    postal_code text,
    city text,
    province text,
    country char(2),
    registration text,
    email text,
    phone text,
    bank_details text,
    footer text,
    document_language text not null default 'en',
    invoice_pattern text not null default 'INV-{number:06}',
    credit_note_pattern text not null default 'CN-{number:06}',
    invoices_from timestamptz(6),
    retention_years smallint not null default 10,

    constraint document_settings_pkey primary key (company_id),
    constraint document_settings_country_code check (country ~ '^[A-Z]{2}$'),
    constraint document_settings_language_format check (document_language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$'),
    constraint document_settings_retention_years check (retention_years between 0 and 30)
);

create table invoices (
    id uuid not null,
    company_id uuid not null,
    order_id uuid not null,
    kind invoice_kind not null,
    corrected_id uuid,
    refund_id uuid,
    sequence bigint not null,
    number text not null,
    language text not null,
    total decimal(19, 4) not null,
    tax decimal(19, 4) not null,
    currency char(3) not null,
    document jsonb not null,
    issued_at timestamptz(6) not null,
    erase_at timestamptz(6),

    constraint invoices_pkey primary key (id),
    constraint invoices_sequence_positive check (sequence > 0),
    constraint invoices_total_positive check (total > 0),
    constraint invoices_tax_not_negative check (tax >= 0),
    constraint invoices_currency_code check (currency ~ '^[A-Z]{3}$'),
    constraint invoices_document_object check (jsonb_typeof(document) = 'object'),
    constraint invoices_language_format check (language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$'),
    constraint invoices_correction_of_credit_note check ((corrected_id is not null) = (kind = 'CREDIT_NOTE')),
    constraint invoices_refund_of_credit_note check (refund_id is null or kind = 'CREDIT_NOTE')
);

create table invoice_counters (
    company_id uuid not null,
    kind invoice_kind not null,
    last_sequence bigint not null,

    constraint invoice_counters_pkey primary key (company_id, kind),
    constraint invoice_counters_last_sequence_positive check (last_sequence > 0)
);

-- What is due is found by these: few orders are in them.
create index orders_without_invoice_idx on orders (company_id, (coalesce(shipped_at, paid_at, created_at)), id)
    where invoiced_total is null and total > 0 and units_shipped >= units_ordered - units_dropped
        and units_ordered > units_dropped and cancelled_at is null and failed_at is null;
create index orders_of_outdated_invoice_idx on orders (company_id, updated_at, id)
    where invoiced_total is not null and (invoiced_total <> total or amount_refunded - amount_repaid <> amount_credited
        or cancelled_at is not null or failed_at is not null);

create unique index invoices_company_id_id_key on invoices (company_id, id);
create unique index invoices_company_id_kind_sequence_key on invoices (company_id, kind, sequence);
create unique index invoices_company_id_kind_number_key on invoices (company_id, kind, number);
create unique index invoices_company_id_corrected_id_refund_id_key on invoices (company_id, corrected_id, refund_id);
create index invoices_company_id_order_id_issued_at_idx on invoices (company_id, order_id, issued_at);
create index invoices_company_id_refund_id_idx on invoices (company_id, refund_id);
create index invoices_company_id_issued_at_id_idx on invoices (company_id, issued_at, id);
create index invoices_company_id_erase_at_idx on invoices (company_id, erase_at);

alter table document_settings add constraint document_settings_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table invoice_counters add constraint invoice_counters_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table invoices
    add constraint invoices_company_id_fkey
        foreign key (company_id) references companies (id) on delete restrict on update cascade,
    add constraint invoices_company_id_order_id_fkey
        foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade,
    add constraint invoices_company_id_corrected_id_fkey
        foreign key (company_id, corrected_id) references invoices (company_id, id) on delete restrict on update cascade,
    add constraint invoices_company_id_refund_id_fkey
        foreign key (company_id, refund_id) references refunds (company_id, id) on delete restrict on update cascade;

alter table document_settings enable row level security;
create policy of_the_company on document_settings to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table invoices enable row level security;
create policy of_the_company on invoices to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table invoice_counters enable row level security;
create policy of_the_company on invoice_counters to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

grant select, insert, update, delete on document_settings to commerce_gateway;
grant select, insert, update on invoices to commerce_gateway;
grant select, insert, update on invoice_counters to commerce_gateway;
