-- Promotions have a status instead of a switch, and rules: those of "buy X, get Y", until now two columns, of bundles
-- and of volume discounts.

create type promotion_status as enum ('DRAFT', 'ACTIVE', 'PAUSED', 'EXPIRED');
create type promotion_rule_type as enum ('BUY_X_GET_Y', 'BUNDLE', 'VOLUME_DISCOUNT');
alter type discount_type add value 'BUNDLE';
alter type discount_type add value 'VOLUME_DISCOUNT';

create table promotion_rules (
    id uuid not null,
    company_id uuid not null,
    promotion_id uuid not null,
    rule_type promotion_rule_type not null,
    conditions jsonb not null,
    actions jsonb not null,
    priority integer not null default 0,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint promotion_rules_pkey primary key (id),
    constraint promotion_rules_conditions_and_actions_are_objects
        check (jsonb_typeof(conditions) = 'object' and jsonb_typeof(actions) = 'object')
);

insert into promotion_rules (id, company_id, promotion_id, rule_type, conditions, actions, priority, created_at, updated_at)
select gen_random_uuid(), company_id, id, 'BUY_X_GET_Y',
    jsonb_build_object('buy', jsonb_build_object('quantity', buy_quantity)),
    jsonb_build_object('get', jsonb_build_object('quantity', get_quantity, 'percentage', '100')),
    0, created_at, updated_at
from promotions where discount_type = 'BUY_X_GET_Y';

create index promotion_rules_company_id_promotion_id_idx on promotion_rules (company_id, promotion_id);
alter table promotion_rules add constraint promotion_rules_company_id_promotion_id_fkey
    foreign key (company_id, promotion_id) references promotions (company_id, id) on delete cascade on update cascade;

alter table promotions add column status promotion_status not null default 'ACTIVE';
update promotions set status = 'PAUSED' where not is_active;
drop index promotions_company_id_is_active_start_date_end_date_idx;
drop index promotions_automatic;
alter table promotions
    drop constraint promotions_quantities_positive,
    drop constraint promotions_buy_x_get_y_complete,
    drop column is_active,
    drop column buy_quantity,
    drop column get_quantity;
create index promotions_company_id_status_start_date_end_date_idx
    on promotions (company_id, status, start_date, end_date);
-- Every cart asks for the promotions that apply by themselves.
create index promotions_automatic on promotions (company_id, start_date) where is_automatic and status = 'ACTIVE';

alter table promotion_rules enable row level security;
create policy of_the_company on promotion_rules to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on promotion_rules to commerce_gateway;
