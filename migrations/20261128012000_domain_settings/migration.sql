-- Each domain keeps its own settings, one row for each company; a company without a row has the defaults.

create table "catalog_settings" (
    "company_id" uuid not null,
    "unit_price_decimals" integer,

    constraint "catalog_settings_pkey" primary key ("company_id"),
    constraint "catalog_settings_unit_price_decimals_fit" check ("unit_price_decimals" between 0 and 4)
);

create table "tax_settings" (
    "company_id" uuid not null,
    "tax_rate" decimal(7, 6) not null default 0,
    "prices_include_tax" boolean not null default true,

    constraint "tax_settings_pkey" primary key ("company_id"),
    constraint "tax_settings_tax_rate_is_share" check ("tax_rate" >= 0 and "tax_rate" < 1)
);

create table "shipping_settings" (
    "company_id" uuid not null,
    "flat_shipping" decimal(19, 4) not null default 0,
    "free_shipping_threshold" decimal(19, 4),

    constraint "shipping_settings_pkey" primary key ("company_id"),
    constraint "shipping_settings_flat_shipping_not_negative" check ("flat_shipping" >= 0),
    constraint "shipping_settings_free_shipping_not_negative" check ("free_shipping_threshold" >= 0)
);

create table "cart_settings" (
    "company_id" uuid not null,
    "max_order_lines" integer not null default 100,
    "max_line_units" integer not null default 999,

    constraint "cart_settings_pkey" primary key ("company_id"),
    constraint "cart_settings_limits_fit" check (
        "max_order_lines" between 1 and 1000 and "max_line_units" between 1 and 1000000
    )
);

create table "order_settings" (
    "company_id" uuid not null,
    "order_number_pattern" text not null default '{year}-{number:06}',
    "guest_checkout" boolean not null default true,
    "accept_unpaid_up_to" decimal(19, 4),
    "max_order_units" integer not null default 1000,
    "max_order_value" decimal(19, 4),
    "payment_minutes" integer not null default 30,
    "acceptance_hours" integer not null default 72,
    "max_unpaid_orders" integer not null default 20,

    constraint "order_settings_pkey" primary key ("company_id"),
    constraint "order_settings_accept_unpaid_up_to_not_negative" check ("accept_unpaid_up_to" >= 0),
    constraint "order_settings_max_order_value_positive" check ("max_order_value" > 0),
    constraint "order_settings_max_order_units_fit" check ("max_order_units" between 1 and 10000000),
    constraint "order_settings_waits_fit" check (
        "payment_minutes" between 5 and 1440 and "acceptance_hours" between 1 and 720
    ),
    constraint "order_settings_max_unpaid_orders_fit" check ("max_unpaid_orders" between 1 and 1000)
);

-- A company that never changed a setting needs no row.
insert into catalog_settings (company_id, unit_price_decimals)
select id, unit_price_decimals from companies where unit_price_decimals is not null;

insert into tax_settings (company_id, tax_rate, prices_include_tax)
select id, tax_rate, prices_include_tax from companies where tax_rate <> 0 or not prices_include_tax;

insert into shipping_settings (company_id, flat_shipping, free_shipping_threshold)
select id, flat_shipping, free_shipping_threshold from companies
where flat_shipping <> 0 or free_shipping_threshold is not null;

insert into cart_settings (company_id, max_order_lines, max_line_units)
select id, max_order_lines, max_line_units from companies
where (max_order_lines, max_line_units) <> (100, 999);

insert into order_settings (company_id, order_number_pattern, guest_checkout, accept_unpaid_up_to, max_order_units,
    max_order_value, payment_minutes, acceptance_hours, max_unpaid_orders)
select id, order_number_pattern, guest_checkout, accept_unpaid_up_to, max_order_units, max_order_value,
    payment_minutes, acceptance_hours, max_unpaid_orders
from companies
where (order_number_pattern, guest_checkout, accept_unpaid_up_to, max_order_units, max_order_value, payment_minutes,
       acceptance_hours, max_unpaid_orders)
    is distinct from ('{year}-{number:06}'::text, true, null::numeric, 1000, null::numeric, 30, 72, 20);

alter table "companies"
    drop column "tax_rate",
    drop column "prices_include_tax",
    drop column "flat_shipping",
    drop column "free_shipping_threshold",
    drop column "order_number_pattern",
    drop column "unit_price_decimals",
    drop column "accept_unpaid_up_to",
    drop column "guest_checkout",
    drop column "max_order_units",
    drop column "max_order_lines",
    drop column "max_line_units",
    drop column "max_order_value",
    drop column "payment_minutes",
    drop column "acceptance_hours",
    drop column "max_unpaid_orders";

alter table "payment_settings" drop column "updated_at";

-- A request in a company reads and changes the settings of that company alone. The platform, in no company, reads
-- those of all companies and changes none.
do $$
declare
    settings text;
    company constant text := $company$nullif(current_setting('app.company_id', true), '')::uuid$company$;
begin
    foreach settings in array array[
        'catalog_settings', 'tax_settings', 'shipping_settings', 'cart_settings', 'order_settings'
    ] loop
        execute format('alter table %I add constraint %I foreign key (company_id) references companies (id) '
            'on delete restrict on update cascade', settings, settings || '_company_id_fkey');
        execute format('alter table %I enable row level security', settings);
        execute format('create policy of_the_company on %I to commerce_gateway using (company_id = %s)',
            settings, company);
    end loop;
    foreach settings in array array[
        'catalog_settings', 'tax_settings', 'shipping_settings', 'cart_settings', 'order_settings', 'payment_settings'
    ] loop
        execute format('create policy read_by_the_platform on %I for select to commerce_gateway using (%s is null)',
            settings, company);
    end loop;
end;
$$;
