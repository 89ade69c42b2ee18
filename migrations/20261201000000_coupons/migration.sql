-- Coupons with their codes and usages, and the amount of each use of a promotion. Rewrites promotion_uses, a row for
-- each order that used a promotion.

create type coupon_type as enum ('PERCENTAGE', 'FIXED_AMOUNT', 'FREE_SHIPPING');

alter table promotion_uses rename column claimed_at to used_at;
alter table promotion_uses
    add column discount_amount decimal(19, 4),
    add column currency char(3);
update promotion_uses u set currency = o.currency, discount_amount = coalesce((
    select d.discount_amount from order_promotions d
    where d.company_id = u.company_id and d.order_id = u.order_id and d.promotion_id = u.promotion_id), 0)
from orders o where o.company_id = u.company_id and o.id = u.order_id;
alter table promotion_uses
    alter column discount_amount set not null,
    alter column currency set not null,
    add constraint promotion_uses_discount_not_negative check (discount_amount >= 0),
    add constraint promotion_uses_currency_code check (currency ~ '^[A-Z]{3}$');

create table coupons (
    id uuid not null,
    company_id uuid not null,
    code text,
    name text not null,
    description text,
    type coupon_type not null,
    discount_value decimal(19, 4) not null default 0,
    minimum_amount decimal(19, 4),
    maximum_discount decimal(19, 4),
    currency char(3) not null,
    usage_limit integer,
    usage_count integer not null default 0,
    usage_limit_per_user integer,
    priority integer not null default 0,
    is_exclusive boolean not null default false,
    is_active boolean not null default true,
    targets_deleted boolean not null default false,
    starts_at timestamptz(6) not null,
    ends_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint coupons_pkey primary key (id),
    constraint coupons_name_present check (name <> ''),
    constraint coupons_code_present check (code <> ''),
    constraint coupons_currency_code check (currency ~ '^[A-Z]{3}$'),
    constraint coupons_value_of_its_type
        check (case when type = 'FREE_SHIPPING' then discount_value = 0 else discount_value > 0 end),
    constraint coupons_percentage_bounded check (type <> 'PERCENTAGE' or discount_value <= 100),
    constraint coupons_minimum_not_negative check (minimum_amount >= 0),
    constraint coupons_maximum_discount_positive
        check (maximum_discount is null or (maximum_discount > 0 and type <> 'FIXED_AMOUNT')),
    constraint coupons_use_within_limit check (usage_count >= 0 and usage_count <= coalesce(usage_limit, usage_count)),
    constraint coupons_limits_positive check (usage_limit > 0 and usage_limit_per_user > 0),
    constraint coupons_dates_ordered check (ends_at > starts_at)
);

create table coupon_codes (
    id uuid not null,
    company_id uuid not null,
    coupon_id uuid not null,
    code text not null,
    usage_count integer not null default 0,
    usage_limit integer not null default 1,
    is_active boolean not null default true,
    created_at timestamptz(6) not null default current_timestamp,

    constraint coupon_codes_pkey primary key (id),
    constraint coupon_codes_code_present check (code <> ''),
    constraint coupon_codes_use_within_limit check (usage_limit > 0 and usage_count between 0 and usage_limit)
);

create table coupon_products (
    id uuid not null,
    company_id uuid not null,
    coupon_id uuid not null,
    product_id uuid not null,
    is_excluded boolean not null default false,

    constraint coupon_products_pkey primary key (id)
);

create table coupon_categories (
    id uuid not null,
    company_id uuid not null,
    coupon_id uuid not null,
    category_id uuid not null,
    is_excluded boolean not null default false,

    constraint coupon_categories_pkey primary key (id)
);

create table coupon_usages (
    id uuid not null,
    company_id uuid not null,
    coupon_id uuid not null,
    coupon_code_id uuid,
    order_id uuid not null,
    user_id uuid,
    email text not null,
    email_confirmed boolean not null default false,
    mailbox text not null generated always as (mailbox_of(email)) stored,
    discount_amount decimal(19, 4) not null,
    currency char(3) not null,
    used_at timestamptz(6) not null default current_timestamp,
    released_at timestamptz(6),

    constraint coupon_usages_pkey primary key (id),
    constraint coupon_usages_email_folded check (email = lower(email)),
    constraint coupon_usages_discount_not_negative check (discount_amount >= 0),
    constraint coupon_usages_currency_code check (currency ~ '^[A-Z]{3}$')
);

create table cart_coupons (
    company_id uuid not null,
    cart_id uuid not null,
    coupon_id uuid not null,
    coupon_code_id uuid,
    applied_at timestamptz(6) not null default current_timestamp,

    constraint cart_coupons_pkey primary key (company_id, cart_id, coupon_id)
);

create index coupons_company_id_created_at_id_idx on coupons (company_id, created_at, id);
create index coupons_company_id_name_id_idx on coupons (company_id, name, id);
create index coupons_company_id_starts_at_id_idx on coupons (company_id, starts_at, id);
create unique index coupons_company_id_id_key on coupons (company_id, id);
create unique index coupons_company_id_code_key on coupons (company_id, code);
create index coupon_codes_company_id_coupon_id_created_at_id_idx on coupon_codes (company_id, coupon_id, created_at, id);
create unique index coupon_codes_company_id_id_key on coupon_codes (company_id, id);
create unique index coupon_codes_company_id_code_key on coupon_codes (company_id, code);
create index coupon_products_company_id_product_id_idx on coupon_products (company_id, product_id);
create unique index coupon_products_company_id_coupon_id_product_id_key on coupon_products (company_id, coupon_id, product_id);
create index coupon_categories_company_id_category_id_idx on coupon_categories (company_id, category_id);
create unique index coupon_categories_company_id_coupon_id_category_id_key on coupon_categories (company_id, coupon_id, category_id);
create index coupon_usages_company_id_coupon_id_user_id_idx on coupon_usages (company_id, coupon_id, user_id);
create index coupon_usages_company_id_coupon_id_mailbox_idx on coupon_usages (company_id, coupon_id, mailbox);
create index coupon_usages_company_id_coupon_id_used_at_id_idx on coupon_usages (company_id, coupon_id, used_at, id);
create index coupon_usages_company_id_coupon_code_id_idx on coupon_usages (company_id, coupon_code_id);
create index coupon_usages_company_id_mailbox_idx on coupon_usages (company_id, mailbox);
create index coupon_usages_company_id_order_id_idx on coupon_usages (company_id, order_id);
create index coupon_usages_user_id_idx on coupon_usages (user_id);
create unique index coupon_usages_company_id_coupon_id_order_id_key on coupon_usages (company_id, coupon_id, order_id);
create index cart_coupons_company_id_coupon_id_idx on cart_coupons (company_id, coupon_id);
create index cart_coupons_company_id_coupon_code_id_idx on cart_coupons (company_id, coupon_code_id);

alter table coupons add constraint coupons_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table coupon_codes add constraint coupon_codes_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table coupon_codes add constraint coupon_codes_company_id_coupon_id_fkey
    foreign key (company_id, coupon_id) references coupons (company_id, id) on delete cascade on update cascade;
alter table coupon_products add constraint coupon_products_company_id_coupon_id_fkey
    foreign key (company_id, coupon_id) references coupons (company_id, id) on delete cascade on update cascade;
alter table coupon_products add constraint coupon_products_company_id_product_id_fkey
    foreign key (company_id, product_id) references products (company_id, id) on delete restrict on update cascade;
alter table coupon_categories add constraint coupon_categories_company_id_coupon_id_fkey
    foreign key (company_id, coupon_id) references coupons (company_id, id) on delete cascade on update cascade;
alter table coupon_categories add constraint coupon_categories_company_id_category_id_fkey
    foreign key (company_id, category_id) references categories (company_id, id) on delete restrict on update cascade;
alter table coupon_usages add constraint coupon_usages_company_id_coupon_id_fkey
    foreign key (company_id, coupon_id) references coupons (company_id, id) on delete restrict on update cascade;
alter table coupon_usages add constraint coupon_usages_company_id_coupon_code_id_fkey
    foreign key (company_id, coupon_code_id) references coupon_codes (company_id, id) on delete restrict on update cascade;
alter table coupon_usages add constraint coupon_usages_company_id_order_id_fkey
    foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade;
alter table coupon_usages add constraint coupon_usages_user_id_fkey
    foreign key (user_id) references users (id) on delete restrict on update cascade;
alter table cart_coupons add constraint cart_coupons_company_id_cart_id_fkey
    foreign key (company_id, cart_id) references carts (company_id, id) on delete cascade on update cascade;
alter table cart_coupons add constraint cart_coupons_company_id_coupon_id_fkey
    foreign key (company_id, coupon_id) references coupons (company_id, id) on delete cascade on update cascade;
alter table cart_coupons add constraint cart_coupons_company_id_coupon_code_id_fkey
    foreign key (company_id, coupon_code_id) references coupon_codes (company_id, id) on delete cascade on update cascade;

alter table coupons enable row level security;
create policy of_the_company on coupons to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table coupon_codes enable row level security;
create policy of_the_company on coupon_codes to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table coupon_products enable row level security;
create policy of_the_company on coupon_products to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table coupon_categories enable row level security;
create policy of_the_company on coupon_categories to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table coupon_usages enable row level security;
create policy of_the_company on coupon_usages to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table cart_coupons enable row level security;
create policy of_the_company on cart_coupons to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on coupons, coupon_codes, coupon_products, coupon_categories, coupon_usages,
    cart_coupons to commerce_gateway;
