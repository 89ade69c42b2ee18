-- Alerts of products, told once when they are back in stock or cheaper, and the codes by which guests confirm them.

create type product_alert_kind as enum ('BACK_IN_STOCK', 'PRICE_DROP');

create table product_stock_alerts (
    id uuid not null,
    company_id uuid not null,
    product_id uuid not null,
    variant_id uuid,
    kind product_alert_kind not null,
    user_id uuid,
    email text,
    mailbox text generated always as (mailbox_of(email)) stored,
    language text,
    price decimal(19, 4) not null,
    target_price decimal(19, 4),
    currency char(3) not null,
    notified boolean not null default false,
    notified_at timestamptz(6),
    checked_at timestamptz(6) not null,
    expires_at timestamptz(6) not null,
    created_at timestamptz(6) not null default current_timestamp,
    constraint product_stock_alerts_pkey primary key (id),
    constraint product_stock_alerts_of_a_user_or_a_guest check (num_nonnulls(user_id, email) = 1),
    constraint product_stock_alerts_email_folded check (email = lower(email)),
    constraint product_stock_alerts_notified_at_a_time check (notified = (notified_at is not null)),
    constraint product_stock_alerts_expire_later check (expires_at > created_at),
    constraint product_stock_alerts_prices check (price >= 0 and target_price >= 0 and target_price < price),
    constraint product_stock_alerts_target_of_price_drops check (target_price is null or kind = 'PRICE_DROP'),
    constraint product_stock_alerts_company_id_fkey foreign key (company_id)
        references companies (id) on delete restrict on update cascade,
    constraint product_stock_alerts_company_id_product_id_fkey foreign key (company_id, product_id)
        references products (company_id, id) on delete cascade on update cascade,
    constraint product_stock_alerts_company_id_variant_id_fkey foreign key (company_id, variant_id)
        references product_variants (company_id, id) on delete cascade on update cascade,
    constraint product_stock_alerts_user_id_fkey foreign key (user_id)
        references users (id) on delete restrict on update cascade
);

create table product_alert_codes (
    id uuid not null,
    company_id uuid not null,
    product_id uuid not null,
    variant_id uuid,
    kind product_alert_kind not null,
    email text not null,
    language text,
    price decimal(19, 4) not null,
    target_price decimal(19, 4),
    currency char(3) not null,
    code text not null,
    attempts integer not null default 0,
    expires_at timestamptz(6) not null,
    created_at timestamptz(6) not null default current_timestamp,
    constraint product_alert_codes_pkey primary key (id),
    constraint product_alert_codes_email_folded check (email = lower(email)),
    constraint product_alert_codes_sealed check (code ~ '^[0-9a-f]{64}$'),
    constraint product_alert_codes_attempts_counted check (attempts >= 0),
    constraint product_alert_codes_company_id_fkey foreign key (company_id)
        references companies (id) on delete restrict on update cascade,
    constraint product_alert_codes_company_id_product_id_fkey foreign key (company_id, product_id)
        references products (company_id, id) on delete cascade on update cascade,
    constraint product_alert_codes_company_id_variant_id_fkey foreign key (company_id, variant_id)
        references product_variants (company_id, id) on delete cascade on update cascade
);

create index product_stock_alerts_company_id_product_id_idx on product_stock_alerts (company_id, product_id);
create index product_stock_alerts_company_id_variant_id_idx on product_stock_alerts (company_id, variant_id);
create index product_stock_alerts_company_id_user_id_id_idx on product_stock_alerts (company_id, user_id, id);
create index product_stock_alerts_company_id_mailbox_idx on product_stock_alerts (company_id, mailbox);
create index product_stock_alerts_company_id_created_at_id_idx on product_stock_alerts (company_id, created_at, id);
create index product_stock_alerts_company_id_expires_at_id_idx on product_stock_alerts (company_id, expires_at, id);
create index product_stock_alerts_user_id_idx on product_stock_alerts (user_id);
-- One that waits for each wish: a second one renews it.
create unique index product_stock_alerts_waiting on product_stock_alerts
    (company_id, product_id, kind, variant_id, user_id, mailbox) nulls not distinct where not notified;
create index product_stock_alerts_checked on product_stock_alerts (company_id, checked_at) where not notified;
create index product_alert_codes_company_id_expires_at_idx on product_alert_codes (company_id, expires_at);
create index product_alert_codes_company_id_email_idx on product_alert_codes (company_id, email);
create index product_alert_codes_company_id_product_id_idx on product_alert_codes (company_id, product_id);
create index product_alert_codes_company_id_variant_id_idx on product_alert_codes (company_id, variant_id);

alter table product_stock_alerts enable row level security;
create policy of_the_company on product_stock_alerts to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table product_alert_codes enable row level security;
create policy of_the_company on product_alert_codes to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

grant select, insert, update, delete on product_stock_alerts, product_alert_codes to commerce_gateway;

alter table notification_settings
    add column alert_days integer not null default 180,
    add constraint notification_settings_alert_days check (alert_days between 1 and 1000);
