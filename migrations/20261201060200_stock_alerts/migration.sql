-- Alerts of SKUs that are low, out of stock, overstocked or stale, with the limits that raise them.

create type stock_alert_kind as enum ('LOW', 'OUT', 'OVERSTOCK', 'STALE');

alter table inventory_items
    add column max_stock_threshold integer,
    add constraint inventory_items_max_stock_threshold_not_negative check (max_stock_threshold between 0 and 1000000000);
alter table inventory_settings
    add column stale_after_days integer,
    add constraint inventory_settings_stale_after_days_in_range check (stale_after_days between 1 and 3650);

create table stock_alerts (
    id uuid not null,
    company_id uuid not null,
    inventory_id uuid not null,
    kind stock_alert_kind not null,
    raised_at timestamptz(6) not null default current_timestamp,
    resolved_at timestamptz(6),

    constraint stock_alerts_pkey primary key (id),
    constraint stock_alerts_times_ordered check (resolved_at >= raised_at)
);

create index stock_alerts_company_id_raised_at_id_idx on stock_alerts (company_id, raised_at, id);
create index stock_alerts_company_id_kind_raised_at_id_idx on stock_alerts (company_id, kind, raised_at, id);
create index stock_alerts_company_id_inventory_id_idx on stock_alerts (company_id, inventory_id);
-- An item has one open alert of each kind.
create unique index stock_alerts_one_open_per_kind on stock_alerts (company_id, inventory_id, kind)
    where resolved_at is null;

alter table stock_alerts add constraint stock_alerts_company_id_inventory_id_fkey
    foreign key (company_id, inventory_id) references inventory_items (company_id, id) on delete restrict on update cascade;

alter table stock_alerts enable row level security;
create policy of_the_company on stock_alerts to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update on stock_alerts to commerce_gateway;
