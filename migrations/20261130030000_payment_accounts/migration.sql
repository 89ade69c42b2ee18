-- The accounts of companies at payment providers. Secrets are encrypted by the platform.

create table payment_accounts (
    id uuid not null,
    company_id uuid not null,
    provider text not null,
    is_enabled boolean not null default true,
    settings jsonb not null default '{}',
    encrypted_secrets text not null,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint payment_accounts_pkey primary key (id)
);

create unique index payment_accounts_company_id_id_key on payment_accounts (company_id, id);
create unique index payment_accounts_company_id_provider_key on payment_accounts (company_id, provider);
alter table payment_accounts add constraint payment_accounts_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;

alter table payment_accounts enable row level security;
create policy of_the_company on payment_accounts to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
-- An account stays for the payments that were made with it.
grant select, insert, update on payment_accounts to commerce_gateway;
