-- Payment methods that providers keep for customers. Tokens are encrypted by the platform; no card number is stored.

create type saved_method_type as enum ('CARD', 'PAYPAL');

create table payment_methods (
    id uuid not null,
    company_id uuid not null,
    user_id uuid not null,
    provider text not null,
    type saved_method_type not null,
    encrypted_token text not null,
    token_digest text not null,
    provider_customer_id text not null,
    brand text,
    last_4 char(4),
    expiry_month integer,
    expiry_year integer,
    label text,
    alias text,
    is_default boolean not null default false,
    forget_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint payment_methods_pkey primary key (id),
    constraint payment_methods_expiry_is_a_month check (
        (expiry_month is null) = (expiry_year is null) and coalesce(expiry_month between 1 and 12, true)
    ),
    constraint payment_methods_default_is_kept check (not (is_default and forget_at is not null))
);

create unique index payment_methods_company_id_id_key on payment_methods (company_id, id);
create unique index payment_methods_company_id_user_id_provider_token_digest_key
    on payment_methods (company_id, user_id, provider, token_digest);
create index payment_methods_user_id_idx on payment_methods (user_id);
create unique index payment_methods_one_default on payment_methods (company_id, user_id) where is_default;
create index payment_methods_to_forget on payment_methods (company_id, forget_at) where forget_at is not null;

alter table payment_methods add constraint payment_methods_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table payment_methods add constraint payment_methods_user_id_fkey
    foreign key (user_id) references users (id) on delete restrict on update cascade;

alter table payment_methods enable row level security;
create policy of_the_company on payment_methods to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on payment_methods to commerce_gateway;

-- A payment that was begun before its customer was erased may still end with a method that the provider keeps: it waits
-- here for the erasure, and is stored without personal data, only to be deleted at the provider.
create function forget_method_of_erased_user() returns trigger
    language plpgsql set search_path = pg_catalog, public as $$
declare
    erased timestamptz;
begin
    select erased_at into erased from public.users where id = new.user_id for key share;
    if erased is not null then
        new.forget_at := coalesce(new.forget_at, new.created_at);
        new.is_default := false;
        new.brand := null;
        new.last_4 := null;
        new.expiry_month := null;
        new.expiry_year := null;
        new.label := null;
        new.alias := null;
    end if;
    return new;
end
$$;
create trigger forget_method_of_erased_user before insert on payment_methods
    for each row execute function forget_method_of_erased_user();
