-- What pays for a cart beside a payment: gift cards in an order, and the store credit of its customer. Adding columns
-- with a constant default rewrites no table.

create table cart_gift_cards (
    company_id uuid not null,
    cart_id uuid not null,
    gift_card_id uuid not null,
    position integer not null,

    constraint cart_gift_cards_pkey primary key (company_id, cart_id, gift_card_id),
    constraint cart_gift_cards_position check (position > 0)
);

alter table cart_gift_cards add constraint cart_gift_cards_company_id_cart_id_fkey
    foreign key (company_id, cart_id) references carts (company_id, id) on delete cascade on update cascade;

alter table cart_gift_cards add constraint cart_gift_cards_company_id_gift_card_id_fkey
    foreign key (company_id, gift_card_id) references gift_cards (company_id, id) on delete restrict on update cascade;
create index cart_gift_cards_company_id_gift_card_id_idx on cart_gift_cards (company_id, gift_card_id);

alter table carts
    add column quoted_due decimal(19, 4),
    add column use_store_credit boolean not null default false,
    add constraint carts_quoted_due_has_total
        check (quoted_due is null or quoted_total is not null and quoted_due between 0 and quoted_total),
    add constraint carts_store_credit_has_user check (not use_store_credit or user_id is not null);

alter table cart_gift_cards enable row level security;
create policy of_the_company on cart_gift_cards to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update, delete on cart_gift_cards to commerce_gateway;
