-- Devices that get push notifications: browsers and apps in which users asked for them.

create type push_provider as enum ('WEB_PUSH', 'FIREBASE');

create table push_devices (
    id uuid not null,
    company_id uuid not null,
    user_id uuid not null,
    session_id uuid,
    provider push_provider not null,
    digest text not null,
    encrypted_address text not null,
    name text,
    user_agent text,
    created_at timestamptz(6) not null default current_timestamp,
    last_used_at timestamptz(6) not null,
    constraint push_devices_pkey primary key (id),
    constraint push_devices_digest check (digest ~ '^[0-9a-f]{64}$'),
    constraint push_devices_used_since_created check (last_used_at >= created_at),
    constraint push_devices_company_id_fkey foreign key (company_id)
        references companies (id) on delete restrict on update cascade,
    constraint push_devices_user_id_fkey foreign key (user_id)
        references users (id) on delete restrict on update cascade
);

create unique index push_devices_company_id_digest_key on push_devices (company_id, digest);
create index push_devices_company_id_user_id_last_used_at_idx on push_devices (company_id, user_id, last_used_at);
create index push_devices_user_id_idx on push_devices (user_id);

alter table push_devices enable row level security;
create policy of_the_company on push_devices to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

grant select, insert, update, delete on push_devices to commerce_gateway;
