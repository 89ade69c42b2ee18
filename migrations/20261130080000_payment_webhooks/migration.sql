-- Events of payment providers, each of which is processed once, and up to when they have been listed.

create type payment_webhook_status as enum ('PENDING', 'PROCESSED', 'IGNORED', 'FAILED');

create table payment_webhooks (
    id uuid not null,
    company_id uuid not null,
    provider text not null,
    event_type text not null,
    provider_event_id text not null,
    provider_ids text[] not null,
    reference uuid,
    status payment_webhook_status not null default 'PENDING',
    payment_id uuid,
    error text,
    attempts integer not null default 0,
    next_attempt_at timestamptz(6) not null,
    occurred_at timestamptz(6) not null,
    processed_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,

    constraint payment_webhooks_pkey primary key (id),
    constraint payment_webhooks_processed_has_time check ((status = 'PENDING') = (processed_at is null))
);

create unique index payment_webhooks_company_id_provider_provider_event_id_key
    on payment_webhooks (company_id, provider, provider_event_id);
create index payment_webhooks_company_id_payment_id_idx on payment_webhooks (company_id, payment_id);
create index payment_webhooks_company_id_created_at_idx on payment_webhooks (company_id, created_at);
create index payment_webhooks_pending on payment_webhooks (company_id, next_attempt_at) where status = 'PENDING';
alter table payment_webhooks add constraint payment_webhooks_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table payment_webhooks add constraint payment_webhooks_company_id_payment_id_fkey
    foreign key (company_id, payment_id) references payments (company_id, id) on delete restrict on update cascade;

create table payment_event_cursors (
    company_id uuid not null,
    provider text not null,
    listed_to timestamptz(6) not null,

    constraint payment_event_cursors_pkey primary key (company_id, provider)
);

alter table payment_event_cursors add constraint payment_event_cursors_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;

alter table payment_webhooks enable row level security;
create policy of_the_company on payment_webhooks to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on payment_webhooks to commerce_gateway;

alter table payment_event_cursors enable row level security;
create policy of_the_company on payment_event_cursors to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
-- A cursor only moves on.
grant select, insert, update on payment_event_cursors to commerce_gateway;
