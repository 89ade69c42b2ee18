-- Tax classes of goods and shipping, with rates by place and day. A company without rates has the rate of its
-- settings, as before.

create type shipping_tax_method as enum ('UNTAXED', 'TAX_CLASS', 'PROPORTIONAL');

create table tax_classes (
    id uuid not null,
    company_id uuid not null,
    code text not null,
    name text not null,
    is_default boolean not null default false,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint tax_classes_pkey primary key (id),
    constraint tax_classes_code_plain check (code ~ '^[a-z0-9][a-z0-9_-]*$')
);

create table tax_rates (
    id uuid not null,
    company_id uuid not null,
    tax_class_id uuid not null,
    name text not null,
    country char(2) not null,
    province text,
    postal_prefix text,
    rate decimal(7, 6) not null,
    valid_from date not null,
    valid_until date,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint tax_rates_pkey primary key (id),
    constraint tax_rates_rate_is_share check (rate >= 0 and rate < 1),
    constraint tax_rates_valid_until_not_before check (valid_until >= valid_from),
    constraint tax_rates_country_code check (country ~ '^[A-Z]{2}$'),
    constraint tax_rates_province_not_empty check (province <> ''),
    constraint tax_rates_postal_prefix_plain check (postal_prefix ~ '^[A-Z0-9]+$')
);

create unique index tax_classes_company_id_id_key on tax_classes (company_id, id);
create unique index tax_classes_company_id_code_key on tax_classes (company_id, code);
create unique index tax_classes_one_default on tax_classes (company_id) where is_default;
create index tax_classes_company_id_created_at_id_idx on tax_classes (company_id, created_at, id);
create unique index tax_rates_company_id_id_key on tax_rates (company_id, id);
-- Finds the rates of a place; two of one tax and class do not begin on one day.
create unique index tax_rates_of_place on tax_rates
    (company_id, country, coalesce(province, ''), coalesce(postal_prefix, ''), tax_class_id, lower(name), valid_from);
create index tax_rates_company_id_tax_class_id_idx on tax_rates (company_id, tax_class_id);
create index tax_rates_company_id_created_at_id_idx on tax_rates (company_id, created_at, id);

alter table tax_settings
    add column tax_country char(2),
    add column tax_province text,
    add column tax_postal_code text,
    add column shipping_tax_method shipping_tax_method not null default 'UNTAXED',
    add column shipping_tax_class_id uuid,
    add column vat_number text,
    add column reverse_charge_countries text[] not null default '{}';
alter table products add column tax_class_id uuid;
create index products_company_id_tax_class_id_idx on products (company_id, tax_class_id) where tax_class_id is not null;

alter table tax_classes add constraint tax_classes_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table tax_rates add constraint tax_rates_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table tax_rates add constraint tax_rates_company_id_tax_class_id_fkey
    foreign key (company_id, tax_class_id) references tax_classes (company_id, id) on delete restrict on update cascade;
alter table tax_settings add constraint tax_settings_company_id_shipping_tax_class_id_fkey
    foreign key (company_id, shipping_tax_class_id) references tax_classes (company_id, id)
    on delete restrict on update cascade;
alter table products add constraint products_company_id_tax_class_id_fkey
    foreign key (company_id, tax_class_id) references tax_classes (company_id, id) on delete restrict on update cascade;

alter table tax_classes enable row level security;
create policy of_the_company on tax_classes to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table tax_rates enable row level security;
create policy of_the_company on tax_rates to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on tax_classes, tax_rates to commerce_gateway;
