-- Gift cards and store credit. Their balances are those of the ledger; a payment with one has its id as the tender.

create type gift_card_origin as enum ('PROMOTION', 'SOLD', 'ORDER');

alter type payment_audit_event add value 'GIFT_CARD_ISSUED';
alter type payment_audit_event add value 'GIFT_CARD_UPDATED';
alter type payment_audit_event add value 'GIFT_CARD_DISABLED';
alter type payment_audit_event add value 'GIFT_CARD_ENABLED';
alter type payment_audit_event add value 'GIFT_CARD_ADJUSTED';
alter type payment_audit_event add value 'GIFT_CARD_EXPIRED';
alter type payment_audit_event add value 'STORE_CREDIT_ADJUSTED';

alter table payment_settings
    add column gift_card_validity_months integer,
    add column gift_card_country char(2);
alter table payment_settings add constraint payment_settings_gift_card_validity
    check (gift_card_validity_months between 1 and 600);

create table gift_cards (
    id uuid not null,
    company_id uuid not null,
    code_hash text not null,
    last_characters char(4) not null,
    origin gift_card_origin not null,
    currency char(3) not null,
    initial_amount decimal(19, 4) not null,
    expires_at timestamptz(6),
    swept_at timestamptz(6),
    disabled_at timestamptz(6),
    disabled_reason text,
    recipient_email text,
    note text,
    order_item_id uuid,
    issued_by uuid,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint gift_cards_pkey primary key (id),
    constraint gift_cards_amount_is_positive check (initial_amount > 0),
    constraint gift_cards_swept_after_expiry check (swept_at is null or (expires_at is not null and swept_at >= expires_at)),
    constraint gift_cards_reason_of_disabling check (disabled_reason is null or disabled_at is not null)
);

create table store_credits (
    id uuid not null,
    company_id uuid not null,
    user_id uuid not null,
    currency char(3) not null,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint store_credits_pkey primary key (id)
);

create unique index gift_cards_company_id_id_key on gift_cards (company_id, id);
create unique index gift_cards_company_id_code_hash_key on gift_cards (company_id, code_hash);
create index gift_cards_company_id_created_at_id_idx on gift_cards (company_id, created_at, id);
create index gift_cards_company_id_last_characters_idx on gift_cards (company_id, last_characters);
create index gift_cards_company_id_order_item_id_idx on gift_cards (company_id, order_item_id);
create index gift_cards_unswept on gift_cards (company_id, expires_at) where expires_at is not null and swept_at is null;
create unique index store_credits_company_id_id_key on store_credits (company_id, id);
create unique index store_credits_company_id_user_id_currency_key on store_credits (company_id, user_id, currency);
create index store_credits_user_id_idx on store_credits (user_id);
create index payments_company_id_tender_id_idx on payments (company_id, tender_id) where tender_id is not null;

alter table gift_cards add constraint gift_cards_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table store_credits add constraint store_credits_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table store_credits add constraint store_credits_user_id_fkey
    foreign key (user_id) references users (id) on delete restrict on update cascade;
alter table payments add constraint payments_tender_of_its_method
    check ((tender_id is not null) = (provider in ('GIFT_CARD', 'STORE_CREDIT')));

alter table gift_cards enable row level security;
create policy of_the_company on gift_cards to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table store_credits enable row level security;
create policy of_the_company on store_credits to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update on gift_cards, store_credits to commerce_gateway;
