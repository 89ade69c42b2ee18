-- What a cart's buyer was last shown, so that nobody is charged another total, and the address that its guest has
-- proven.

alter table carts
    add column quoted_total numeric(19, 4),
    add column quoted_currency char(3),
    add column confirmed_email text,
    add constraint carts_quote_complete check ((quoted_total is null) = (quoted_currency is null)),
    add constraint carts_confirmed_email_folded check (confirmed_email = lower(confirmed_email));

create table cart_email_codes (
    id uuid not null,
    company_id uuid not null,
    cart_id uuid not null,
    email text not null,
    code text not null,
    attempts integer not null default 0,
    expires_at timestamptz(6) not null,
    created_at timestamptz(6) not null default current_timestamp,

    constraint cart_email_codes_pkey primary key (id),
    constraint cart_email_codes_email_folded check (email = lower(email)),
    constraint cart_email_codes_sealed check (code ~ '^[0-9a-f]{64}$'),
    constraint cart_email_codes_company_id_cart_id_fkey foreign key (company_id, cart_id)
        references carts (company_id, id) on delete cascade on update cascade
);

create unique index cart_email_codes_company_id_cart_id_key on cart_email_codes (company_id, cart_id);

alter table cart_email_codes enable row level security;
create policy of_the_company on cart_email_codes to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
