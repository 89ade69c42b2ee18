-- Who may pay how, who may order how much, and how long an unpaid order holds its goods: settings of a company.

create type "payment_audience" as enum ('EVERYONE', 'CUSTOMERS', 'NOBODY');

alter table "companies"
    add column "card_payments" "payment_audience" not null default 'EVERYONE',
    add column "invoice_payments" "payment_audience" not null default 'CUSTOMERS',
    add column "cash_on_delivery" "payment_audience" not null default 'NOBODY',
    add column "accept_unpaid_up_to" decimal(19, 4),
    add column "guest_checkout" boolean not null default true,
    add column "max_order_units" integer not null default 1000,
    add column "max_order_lines" integer not null default 100,
    add column "max_line_units" integer not null default 999,
    add column "max_order_value" decimal(19, 4),
    add column "payment_minutes" integer not null default 30,
    add column "acceptance_hours" integer not null default 72,
    add column "max_unpaid_orders" integer not null default 20;

alter table companies
    add constraint companies_accept_unpaid_up_to_not_negative check (accept_unpaid_up_to >= 0),
    add constraint companies_max_order_value_positive check (max_order_value > 0),
    add constraint companies_order_limits_fit check (
        max_order_units between 1 and 10000000
        and max_order_lines between 1 and 1000
        and max_line_units between 1 and 1000000
    ),
    add constraint companies_waits_fit check (
        payment_minutes between 5 and 1440 and acceptance_hours between 1 and 720
    ),
    add constraint companies_max_unpaid_orders_fit check (max_unpaid_orders between 1 and 1000);

-- Orders that wait for money or acceptance are counted by where they came from, and forget it with their wait.
alter table "orders" add column "placed_from" text;

alter table orders add constraint orders_placed_from_while_unpaid
    check (placed_from is null or status in ('PENDING', 'PAYMENT_PENDING'));

create index orders_unpaid_by_network_idx on orders (company_id, placed_from) where placed_from is not null;
