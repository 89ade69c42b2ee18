-- Shipping zones with methods, bands of rates, and profiles of goods.

create type shipping_zone_type as enum ('COUNTRY', 'STATE', 'POSTAL_CODE', 'CUSTOM', 'REST_OF_WORLD');
create type shipping_method_type as enum ('DELIVERY', 'PICKUP');
create type shipping_service_type as enum ('STANDARD', 'EXPRESS', 'OVERNIGHT');
create type shipping_pricing as enum ('TABLE', 'CARRIER');

create table shipping_zones (
    id uuid not null,
    company_id uuid not null,
    name text not null,
    type shipping_zone_type not null,
    countries text[] default array[]::text[],
    states text[] default array[]::text[],
    postal_codes jsonb not null default '[]',
    is_active boolean not null default true,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint shipping_zones_pkey primary key (id),
    constraint shipping_zones_name_present check (name <> ''),
    constraint shipping_zones_lists_present check (countries is not null and states is not null),
    constraint shipping_zones_postal_codes_are_a_list check (jsonb_typeof(postal_codes) = 'array'),
    constraint shipping_zones_places_of_its_type check (case type
        when 'COUNTRY' then countries <> '{}' and states = '{}' and postal_codes = '[]'
        when 'STATE' then countries = '{}' and states <> '{}' and postal_codes = '[]'
        when 'POSTAL_CODE' then countries = '{}' and states = '{}' and postal_codes <> '[]'
        when 'CUSTOM' then countries <> '{}' or states <> '{}' or postal_codes <> '[]'
        else countries = '{}' and states = '{}' and postal_codes = '[]' end)
);

create table shipping_methods (
    id uuid not null,
    company_id uuid not null,
    zone_id uuid not null,
    name text not null,
    description text,
    type shipping_method_type not null default 'DELIVERY',
    pickup_warehouse_id uuid,
    carrier_id uuid,
    carrier text,
    service_type shipping_service_type not null default 'STANDARD',
    pricing shipping_pricing not null default 'TABLE',
    currency char(3) not null,
    base_price decimal(19, 4) not null default 0,
    price_per_kg decimal(19, 4) not null default 0,
    price_per_item decimal(19, 4) not null default 0,
    free_from decimal(19, 4),
    min_days integer,
    max_days integer,
    min_weight decimal(10, 3),
    max_weight decimal(10, 3),
    min_amount decimal(19, 4),
    max_amount decimal(19, 4),
    position integer not null default 0,
    is_active boolean not null default true,
    configuration jsonb not null default '{}',
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint shipping_methods_pkey primary key (id),
    constraint shipping_methods_name_present check (name <> ''),
    constraint shipping_methods_currency_code check (currency ~ '^[A-Z]{3}$'),
    constraint shipping_methods_prices_not_negative
        check (base_price >= 0 and price_per_kg >= 0 and price_per_item >= 0 and free_from >= 0),
    constraint shipping_methods_days_ordered
        check (case when min_days is null then max_days is null else 0 <= min_days and min_days <= max_days end),
    constraint shipping_methods_max_days_known check (min_days is null or max_days is not null),
    constraint shipping_methods_limits_not_negative check (min_weight >= 0 and min_amount >= 0),
    constraint shipping_methods_weights_ordered check (max_weight > coalesce(min_weight, 0)),
    constraint shipping_methods_amounts_ordered check (max_amount > coalesce(min_amount, 0)),
    constraint shipping_methods_warehouse_of_pickup
        check ((type = 'PICKUP') = (pickup_warehouse_id is not null)),
    constraint shipping_methods_pickup_has_own_price check (type = 'DELIVERY' or pricing = 'TABLE'),
    constraint shipping_methods_live_price_has_carrier check (pricing = 'TABLE' or carrier_id is not null),
    constraint shipping_methods_configuration_is_an_object check (jsonb_typeof(configuration) = 'object')
);

create table shipping_rates (
    id uuid not null,
    company_id uuid not null,
    method_id uuid not null,
    min_weight decimal(10, 3),
    max_weight decimal(10, 3),
    min_amount decimal(19, 4),
    max_amount decimal(19, 4),
    rate decimal(19, 4) not null,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint shipping_rates_pkey primary key (id),
    constraint shipping_rates_rate_not_negative check (rate >= 0),
    constraint shipping_rates_limits_not_negative check (min_weight >= 0 and min_amount >= 0),
    constraint shipping_rates_weights_ordered check (max_weight > coalesce(min_weight, 0)),
    constraint shipping_rates_amounts_ordered check (max_amount > coalesce(min_amount, 0))
);

create table shipping_profiles (
    id uuid not null,
    company_id uuid not null,
    name text not null,
    is_default boolean not null default false,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint shipping_profiles_pkey primary key (id),
    constraint shipping_profiles_name_present check (name <> '')
);

create table shipping_method_profiles (
    company_id uuid not null,
    method_id uuid not null,
    profile_id uuid not null,

    constraint shipping_method_profiles_pkey primary key (company_id, method_id, profile_id)
);

create unique index shipping_zones_company_id_id_key on shipping_zones (company_id, id);
create index shipping_zones_company_id_created_at_id_idx on shipping_zones (company_id, created_at, id);
create index shipping_zones_company_id_name_id_idx on shipping_zones (company_id, name, id);
create unique index shipping_zones_one_rest_of_world on shipping_zones (company_id)
    where type = 'REST_OF_WORLD' and is_active;
create unique index shipping_methods_company_id_id_key on shipping_methods (company_id, id);
create index shipping_methods_company_id_zone_id_position_id_idx on shipping_methods (company_id, zone_id, position, id);
create index shipping_methods_company_id_pickup_warehouse_id_idx on shipping_methods (company_id, pickup_warehouse_id);
create index shipping_methods_company_id_carrier_id_idx on shipping_methods (company_id, carrier_id);
create unique index shipping_rates_company_id_id_key on shipping_rates (company_id, id);
create index shipping_rates_company_id_method_id_idx on shipping_rates (company_id, method_id);
create unique index shipping_profiles_company_id_id_key on shipping_profiles (company_id, id);
create index shipping_profiles_company_id_created_at_id_idx on shipping_profiles (company_id, created_at, id);
create unique index shipping_profiles_one_default on shipping_profiles (company_id) where is_default;
create index shipping_method_profiles_company_id_profile_id_idx on shipping_method_profiles (company_id, profile_id);

alter table shipping_zones add constraint shipping_zones_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table shipping_methods add constraint shipping_methods_company_id_zone_id_fkey
    foreign key (company_id, zone_id) references shipping_zones (company_id, id) on delete cascade on update cascade;
alter table shipping_methods add constraint shipping_methods_company_id_pickup_warehouse_id_fkey
    foreign key (company_id, pickup_warehouse_id) references warehouses (company_id, id) on delete restrict on update cascade;
alter table shipping_rates add constraint shipping_rates_company_id_method_id_fkey
    foreign key (company_id, method_id) references shipping_methods (company_id, id) on delete cascade on update cascade;
alter table shipping_profiles add constraint shipping_profiles_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table shipping_method_profiles add constraint shipping_method_profiles_company_id_method_id_fkey
    foreign key (company_id, method_id) references shipping_methods (company_id, id) on delete cascade on update cascade;
alter table shipping_method_profiles add constraint shipping_method_profiles_company_id_profile_id_fkey
    foreign key (company_id, profile_id) references shipping_profiles (company_id, id) on delete restrict on update cascade;

alter table shipping_zones enable row level security;
create policy of_the_company on shipping_zones to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table shipping_methods enable row level security;
create policy of_the_company on shipping_methods to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table shipping_rates enable row level security;
create policy of_the_company on shipping_rates to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table shipping_profiles enable row level security;
create policy of_the_company on shipping_profiles to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table shipping_method_profiles enable row level security;
create policy of_the_company on shipping_method_profiles to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on shipping_zones, shipping_methods, shipping_rates, shipping_profiles,
    shipping_method_profiles to commerce_gateway;
